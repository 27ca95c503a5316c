import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cutTree, linkage, linkageMethods } from "../../../lib/map/linkage.js";
import type { Matrix } from "../../../lib/native/matrix.js";
import { groupedDistances, squareRoots } from "../../helpers/grouped-points.js";

interface Tree {
  clusters: number[];
  heights: number[];
  cuts: Record<string, number[]>;
}
const { trees } = JSON.parse(readFileSync("test/fixtures/reference/map.json", "utf8")) as { trees: Record<string, Tree> };

/** Cluster numbers in the order of their first points, as cutTree gives them. */
function renumbered(labels: readonly number[]): number[] {
  const numbers = [...new Set(labels)];
  return labels.map((label) => numbers.indexOf(label));
}

describe.each(linkageMethods)("%s linkage", (method) => {
  it("and its cuts equal scipy's", async () => {
    const merges = await linkage(squareRoots(await groupedDistances(1, 60, 6, 4)), method);
    const tree = trees[method];
    expect(merges.flatMap(({ a, b }) => [a, b])).toEqual(tree?.clusters);
    merges.forEach(({ height }, i) => expect(Math.abs(height / (tree?.heights[i] ?? NaN) - 1)).toBeLessThan(1e-12));
    for (const [clusters, labels] of Object.entries(tree?.cuts ?? {})) {
      expect(Array.from(cutTree(merges, 60, Number(clusters)))).toEqual(renumbered(labels));
    }
  });

  it("of one model is empty, and refuses distances that are not finite", async () => {
    expect(await linkage({ rows: 1, columns: 1, values: new Float64Array(1) }, method)).toEqual([]);
    const bad: Matrix = { rows: 2, columns: 2, values: Float64Array.of(0, NaN, NaN, 0) };
    await expect(linkage(bad, method)).rejects.toMatchObject({ name: "LlmapError", code: "ERR_NUMERIC" });
  });
});

it("cutTree numbers clusters by their first points", async () => {
  // Points 0 and 3 together, 1 and 2 together.
  const at = [0, 10, 11, 1];
  const merges = await linkage({ rows: 4, columns: 4, values: Float64Array.from(at.flatMap((x) => at.map((y) => Math.abs(x - y)))) }, "average");
  expect(Array.from(cutTree(merges, 4, 2))).toEqual([0, 1, 1, 0]);
  expect(Array.from(cutTree(merges, 4, 4))).toEqual([0, 1, 2, 3]);
  expect(Array.from(cutTree(merges, 4, 1))).toEqual([0, 0, 0, 0]);
});
