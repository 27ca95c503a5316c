import { expect, test } from "vitest";
import { linearTicks, logarithmicTicks, roundStep } from "../../../../lib/report/chart/ticks.js";

test.each([
  [1, 1],
  [1.1, 2],
  [0.03, 0.05],
  [6e6, 1e7],
])("the round step of at least %d is %d", (least, step) => {
  expect(roundStep(least) / step).toBeCloseTo(1, 12);
});

test("linear ticks are the multiples of a round step within the range", () => {
  expect(linearTicks(-1.5, 3.2, 7)).toEqual([-1, 0, 1, 2, 3]);
});

test.each([
  [0.9, 11],
  [1e-6, 80],
  [950_000, 2_100_000],
  [0.99, 1.01],
  [3, 4],
  [1e-12, 1e12],
])("logarithmic ticks from %d to %d are in the range, increasing, and neither few nor many", (low, high) => {
  const ticks = logarithmicTicks(low, high);
  expect(ticks.length).toBeGreaterThanOrEqual(2);
  expect(ticks.length).toBeLessThanOrEqual(10);
  expect(ticks.every((tick, i) => tick >= low && tick <= high && tick > (ticks[i - 1] ?? -Infinity))).toBe(true);
});
