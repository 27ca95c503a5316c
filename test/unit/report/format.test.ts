import { expect, test } from "vitest";
import { formatBytes, formatKl, formatParameters, formatPercent, formatSignificant, formatTime } from "../../../lib/report/format.js";

test.each([
  [0, "0"],
  [0.000213, "0.000213"],
  [0.0098, "0.0098"],
  [5.123, "5.12"],
  [52.84, "52.8"],
  [1234.5, "1,235"],
  [3.1e-9, "3.1e-9"],
  [-0.5, "-0.5"],
  [NaN, "–"],
])("%d is shown as %s", (value, text) => {
  expect(formatSignificant(value)).toBe(text);
});

test.each([
  [68, "68.0"],
  [5.1, "5.10"],
  [0.0002, "0.0002"],
  [1234.5, "1,235"],
])("a divergence of %d is shown as %s", (value, text) => {
  expect(formatKl(value)).toBe(text);
});

test.each([
  [940_000, "940 k"],
  [7_241_732_096, "7.24 B"],
  [12, "12"],
])("%d parameters are shown as %s", (count, text) => {
  expect(formatParameters(count)).toBe(text);
});

test("sizes, shares and times", () => {
  expect(formatBytes(1_900_928)).toBe("1.9 MB");
  expect(formatBytes(512)).toBe("512 bytes");
  expect(formatPercent(0.8034)).toBe("80.3 %");
  expect(formatTime("2025-11-24T02:30:59.123Z")).toBe("2025-11-24 02:30 UTC");
  expect(formatTime("yesterday")).toBe("yesterday");
});
