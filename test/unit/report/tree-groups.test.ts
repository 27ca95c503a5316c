import { expect, test } from "vitest";
import { cutTree, linkage } from "../../../lib/map/linkage.js";
import { groupedTree, middleModel } from "../../../lib/report/tree-groups.js";
import { treeOrder } from "../../../lib/report/tree-order.js";
import { cloudReport } from "./sample-report.js";

const count = 60;
const { kl } = cloudReport(count);
if (kl === null) throw new Error("the report has no matrix");
const distance = (i: number, j: number): number => kl[i * count + j] ?? NaN;

test("the groups are the clusters of the cut, in the order of the tree", async () => {
  const merges = await linkage({ values: kl.map(Math.sqrt), rows: count, columns: count }, "average");
  const tree = { linkage: "average", children: Int32Array.from(merges.flatMap(({ a, b }) => [a, b])), heights: Float32Array.from(merges, ({ height }) => height) };
  const order = treeOrder(count, tree, distance);
  for (const most of [2, 7, 59, 60, 100]) {
    const { groups, tree: cut } = groupedTree(tree, order, most);
    expect(groups.flatMap(({ models }) => models)).toEqual(Array.from(order));
    expect(groups).toHaveLength(Math.min(most, count));
    const clusters = cutTree(merges, count, Math.min(most, count));
    for (const { models } of groups) expect(new Set(models.map((model) => clusters[model])).size).toBe(1);
    expect(cut.heights).toHaveLength(groups.length - 1);
    // Each group and each merge but the last is joined once.
    expect(Array.from(cut.children).sort((a, b) => a - b)).toEqual(Array.from({ length: 2 * groups.length - 2 }, (_, i) => i));
    for (const { height } of groups) expect(height).toBeLessThanOrEqual(cut.heights[0] ?? Infinity);
  }
});

test("the middle model has the smallest sum of divergences to the others", () => {
  const models = [3, 11, 25, 40];
  const sums = models.map((model) => models.reduce((sum, other) => sum + distance(model, other), 0));
  expect(middleModel(models, kl, count)).toBe(models[sums.indexOf(Math.min(...sums))]);
});
