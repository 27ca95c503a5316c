import { expect, test } from "vitest";
import { mapLabels } from "../../../../lib/report/chart/map-labels.js";

const texts = (names: string[], pixels: [number, number][], width = 800): string[] =>
  mapLabels(names, pixels, width).map((label) => label.text);

test("points that fall on one another share a label that counts them", () => {
  expect(texts(["base", "q8", "q5", "other"], [[100, 100], [101, 100], [99, 103], [300, 100]])).toEqual(["base +2", "", "", "other"]);
});

test("a point counts for one label only", () => {
  expect(texts(["a", "b", "c"], [[100, 100], [106, 100], [112, 100]])).toEqual(["a +1", "", "c"]);
});

test("a label that would cover the points on its right stands on the left", () => {
  const [label] = mapLabels(["long-name"], [[780, 100]], 800);
  expect(label?.side).toBe("left");
  const crowd: [number, number][] = [[300, 100], [320, 100], [330, 100], [340, 100]];
  expect(mapLabels(["long-name", "b", "c", "d"], crowd, 800)[0]?.side).toBe("left");
});

test("in a crowd a name that covers others on both sides is left out", () => {
  const crowd: [number, number][] = [[300, 100], [320, 100], [335, 100], [280, 100], [265, 100]];
  expect(texts(["long-name", "b", "c", "d", "e"], crowd)[0]).toBe("");
});

test("long names are cut in the middle and keep their count", () => {
  const name = "a-very-long-family-name-that-goes-on-and-on-Q4_K_M";
  const [label] = texts([name, "b"], [[100, 100], [100, 100]]);
  expect(label).toMatch(/^a-very.*….*Q4_K_M \+1$/);
});
