import { expect, test } from "vitest";
import { KlTriangle } from "../../../lib/report/kl-triangle.js";
import { treeOrder } from "../../../lib/report/tree-order.js";
import { cloudReport, familyReport } from "./sample-report.js";

test.each([1, 2, 3, 12])("a triangle of %d models gives every pair of the matrix, at 32-bit precision", (count) => {
  const { kl } = familyReport(count);
  const triangle = KlTriangle.fromMatrix(kl, count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      const expected = i === j ? 0 : (kl[i * count + j] ?? NaN);
      expect(triangle.at(i, j)).toBe(Math.fround(expected));
    }
  }
});

test("a wrong number of divergences is an error that says how many there should be", () => {
  expect(() => new KlTriangle(4, new Float32Array(5))).toThrow("Expected 6 divergences of 4 models but found 5");
});

test("the nearest models are those of a full sort", () => {
  const { kl, models } = cloudReport(40);
  const triangle = KlTriangle.fromMatrix(kl, models.length);
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

test("the tree order holds every model once and keeps relatives together", async () => {
  const { kl, models } = familyReport();
  const order = await treeOrder(KlTriangle.fromMatrix(kl, models.length));
  expect([...order].sort((a, b) => a - b)).toEqual(models.map((_, i) => i));
  const names = order.map((model) => models[model]?.name ?? "");
  const places = ["base-f16", "base-q8_0", "base-q5_0", "base-q4_0"].map((name) => names.indexOf(name));
  expect(Math.max(...places) - Math.min(...places)).toBe(3);
  expect(Math.abs(names.indexOf("gpt2b-f16") - names.indexOf("gpt2b-ft-french-f16"))).toBe(1);
});

test("models along a line come in the order of the line", async () => {
  const places = [4, 0, 7, 1, 2.5];
  const matrix = places.flatMap((a) => places.map((b) => (a - b) ** 2));
  const order = (await treeOrder(KlTriangle.fromMatrix(matrix, places.length))).map((model) => places[model] ?? NaN);
  const sorted = [...places].sort((a, b) => a - b);
  expect([sorted, sorted.toReversed()]).toContainEqual(order);
});
