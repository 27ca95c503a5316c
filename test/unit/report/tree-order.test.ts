import { expect, test } from "vitest";
import { linkage } from "../../../lib/map/linkage.js";
import { dendrogram, modelsBelow } from "../../../lib/report/chart/dendrogram.js";
import { heatMapOverview, blockPair, mostBlocks } from "../../../lib/report/heat-map-overview.js";
import type { ReportTree } from "../../../lib/report/report-data.js";
import { treeOrder } from "../../../lib/report/tree-order.js";
import { cloudReport, familyReport, klOf } from "./sample-report.js";

async function treeOf(kl: Float64Array, count: number): Promise<ReportTree> {
  const merges = await linkage({ rows: count, columns: count, values: Float64Array.from(kl, Math.sqrt) }, "average");
  return { linkage: "average", children: Int32Array.from(merges.flatMap(({ a, b }) => [a, b])), heights: Float32Array.from(merges, ({ height }) => height) };
}

test("the tree order holds every model once and keeps relatives together", async () => {
  const data = familyReport();
  const { models, kl } = data;
  const order = treeOrder(models.length, await treeOf(kl ?? new Float64Array(), models.length), (i, j) => klOf(data, i, j));
  expect([...order].sort((a, b) => a - b)).toEqual(models.map((_, i) => i));
  const names = Array.from(order, (model) => models[model]?.name ?? "");
  const places = ["base-f16", "base-q8_0", "base-q5_0", "base-q4_0"].map((name) => names.indexOf(name));
  expect(Math.max(...places) - Math.min(...places)).toBe(3);
  expect(Math.abs(names.indexOf("gpt2b-f16") - names.indexOf("gpt2b-ft-french-f16"))).toBe(1);
});

test("models along a line come in the order of the line", async () => {
  const places = [4, 0, 7, 1, 2.5];
  const kl = Float64Array.from(places.flatMap((a) => places.map((b) => (a - b) ** 2)));
  const order = treeOrder(5, await treeOf(kl, 5), (i, j) => kl[5 * i + j] ?? NaN);
  const along = Array.from(order, (model) => places[model] ?? NaN);
  const sorted = [...places].sort((a, b) => a - b);
  expect([sorted, sorted.toReversed()]).toContainEqual(along);
});

test("branches of the tree lie on models that are beside each other, and a branch holds the models between its ends", async () => {
  const data = cloudReport(40);
  const tree = await treeOf(data.kl ?? new Float64Array(), 40);
  const order = treeOrder(40, tree, (i, j) => klOf(data, i, j));
  const place = new Map(Array.from(order, (model, at) => [model, at]));
  const branches = dendrogram(tree, 40, (model) => place.get(model) ?? null);
  expect(branches).toHaveLength(39);
  expect(Math.max(...branches.map(({ height }) => height))).toBe(1);
  for (const { merge, height, childHeights } of branches) {
    expect(height).toBeGreaterThanOrEqual(Math.max(...childHeights));
    const below = modelsBelow(tree, 40, merge).map((model) => place.get(model) ?? NaN);
    expect(Math.max(...below) - Math.min(...below)).toBe(below.length - 1);
  }
});

test("the tree of some of the models joins them alone", async () => {
  const data = cloudReport(40);
  const tree = await treeOf(data.kl ?? new Float64Array(), 40);
  const branches = dendrogram(tree, 40, (model) => (model % 4 === 0 ? model / 4 : null));
  expect(branches).toHaveLength(9);
});

test("a block of the overview is the geometric mean of its pairs", () => {
  const count = mostBlocks + 500;
  const value = (i: number, j: number): number => 1 + ((7 * Math.min(i, j) + 3 * Math.max(i, j)) % 11);
  const kl = new Float64Array(count ** 2);
  for (let i = 0; i < count; i++) for (let j = 0; j < count; j++) kl[i * count + j] = i === j ? 0 : value(i, j);
  const order = Int32Array.from({ length: count }, (_, i) => count - 1 - i);
  const overview = heatMapOverview(kl, order);
  expect(overview.blocks).toBe(mostBlocks);
  // Block 0 is the first place of the order, block 1 the next two.
  const at = (place: number): number => order[place] ?? -1;
  const expected = Math.sqrt(value(at(0), at(1)) * value(at(0), at(2)));
  expect(overview.kl[blockPair(mostBlocks, 0, 1)]).toBeCloseTo(expected, 12);
  expect(overview.kl[blockPair(mostBlocks, 1, 0)]).toBeCloseTo(expected, 12);
  expect(overview.kl[blockPair(mostBlocks, 0, 0)]).toBe(0);
});
