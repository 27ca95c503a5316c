import { expect, test } from "vitest";
import { KlTriangle } from "../../../lib/report/kl-triangle.js";
import { cloudReport, familyReport, klOf } from "./sample-report.js";

test.each([1, 2, 3, 12])("a triangle of %d models gives every pair of the matrix, at 32-bit precision", (count) => {
  const data = familyReport(count);
  const triangle = KlTriangle.fromMatrix(data.kl ?? [0], count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      const expected = i === j ? 0 : klOf(data, i, j);
      expect(triangle.at(i, j)).toBe(Math.fround(expected));
    }
  }
});

test("a wrong number of divergences is an error that says how many there should be", () => {
  expect(() => new KlTriangle(4, new Float32Array(5))).toThrow("Expected 6 divergences of 4 models but found 5");
});

test("the nearest models are those of a full sort", () => {
  const { kl, models } = cloudReport(40);
  const triangle = KlTriangle.fromMatrix(kl ?? [], models.length);
  for (let model = 0; model < models.length; model++) {
    const sorted = models
      .map((_, other) => other)
      .filter((other) => other !== model)
      .sort((a, b) => triangle.at(model, a) - triangle.at(model, b) || a - b);
    expect(triangle.nearest(model, 5).map((entry) => entry.model)).toEqual(sorted.slice(0, 5));
  }
});

test("equally near models come in the order of the rows", () => {
  const triangle = new KlTriangle(4, new Float32Array([1, 1, 1, 1, 1, 1]));
  expect(triangle.nearest(2, 2).map((entry) => entry.model)).toEqual([0, 1]);
  expect(triangle.nearest(2, 9)).toHaveLength(3);
});
