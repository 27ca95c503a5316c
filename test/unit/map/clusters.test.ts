import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findClusters, mostClusters } from "../../../lib/map/clusters.js";
import { cutTree, linkage, linkageMethods } from "../../../lib/map/linkage.js";
import { modelTree } from "../../../lib/map/model-tree.js";
import { callAddon, type Matrix } from "../../../lib/native/matrix.js";
import { seededRandom } from "../../../lib/random.js";
import { groupedDistances } from "../../helpers/grouped-points.js";

const { silhouette_cap: cap, median_reach: reach, trees } = JSON.parse(readFileSync("test/fixtures/reference/map.json", "utf8")) as {
  silhouette_cap: number;
  median_reach: number;
  trees: Record<string, { silhouettes: number[] }>;
};

/** Squared distances of points on a line. */
const line = (at: number[]): Matrix => ({ rows: at.length, columns: at.length, values: Float64Array.from(at.flatMap((x) => at.map((y) => (x - y) ** 2))) });

async function clustersOf(squared: Matrix): Promise<number[] | null> {
  const clusters = await findClusters(squared, await linkage(squared, "average", { squared: true }));
  return clusters && Array.from(clusters);
}

async function silhouettesOf(squared: Matrix, method: "average" | "complete" | "ward", most: number, largest = 1e9): Promise<number[]> {
  const merges = await linkage(squared, method, { squared: true });
  const tree = Int32Array.from(merges.flatMap(({ a, b }) => [a, b]));
  return Array.from(await callAddon({}, (addon, native) => addon.cutSilhouettes(squared.values, squared.rows, tree, most, largest, native)));
}

describe("mean silhouettes of all cuts", () => {
  it.each(linkageMethods)("of %s linkage equal scikit-learn's", async (method) => {
    const ours = await silhouettesOf(await groupedDistances(1, 60, 6, 4), method, 12, cap);
    const reference = trees[method]?.silhouettes ?? [];
    expect(ours).toHaveLength(reference.length);
    ours.forEach((value, i) => expect(Math.abs(value - (reference[i] ?? NaN))).toBeLessThan(1e-12));
  });

  it("count a point alone in its cluster as 0", async () => {
    // Points 0, 1 | 4: a = 1, b = 4 and 3; then every point is alone.
    const [two, three] = await silhouettesOf(line([0, 1, 4]), "average", 3);
    expect(two).toBeCloseTo(((4 - 1) / 4 + (3 - 1) / 3 + 0) / 3, 12);
    expect(three).toBe(0);
  });
});

it("medianReach equals numpy's quantiles", async () => {
  const { values, rows } = await groupedDistances(1, 60, 6, 4);
  const squared = await callAddon({}, (addon, native) => addon.medianReach(values, rows, 0.9, native));
  expect(Math.abs(Math.sqrt(squared) / reach - 1)).toBeLessThan(1e-12);
});

describe("findClusters", () => {
  it("finds groups that lie apart", async () => {
    expect(await clustersOf(line([0, 0.1, 0.2, 5, 5.1, 9, 9.1]))).toEqual([0, 0, 0, 1, 1, 2, 2]);
  });

  it("is not led astray by one model far off", async () => {
    const at = [0, 0.1, 0.2, 0.3, 5, 5.1, 5.2, 5.3, 9, 9.1, 9.2, 9.3];
    expect(await clustersOf(line([...at, 1000]))).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3]);
    expect(await clustersOf(line([0, 0.1, 5, 5.1, 1000]))).toEqual([0, 0, 1, 1, 2]);
  });

  it("does not depend on the scale of the distances", async () => {
    const squared = await groupedDistances(5, 80, 7, 6);
    expect(await clustersOf({ ...squared, values: squared.values.map((value) => value * 1e-6) })).toEqual(await clustersOf(squared));
  });

  it("leaves models that form no groups in one cluster", async () => {
    const count = 30;
    const random = seededRandom(3);
    const values = new Float64Array(count * count);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < i; j++) values[i * count + j] = values[j * count + i] = 1 + 0.01 * random();
    }
    expect(new Set(await clustersOf({ rows: count, columns: count, values }))).toEqual(new Set([0]));
  });

  it("leaves equal models in one cluster", async () => {
    expect(new Set(await clustersOf(line([1, 1, 1, 1, 1])))).toEqual(new Set([0]));
  });

  it.each([1, 2, 3])("says nothing of %i models", async (count) => {
    expect(await clustersOf(line(Array.from({ length: count }, (_, i) => i)))).toBeNull();
  });
});

it.each([
  [4, 3],
  [13, 12],
  [36, 12],
  [1018, 64],
  [10_000, 200],
])("of %i models at most %i clusters are tried", (models, most) => {
  expect(mostClusters(models)).toBe(most);
});

describe("modelTree", () => {
  it("cuts into as many clusters as are asked for", async () => {
    const kl = await groupedDistances(1, 20, 5, 4);
    const { clusters } = await modelTree(kl, { linkage: "ward", clusters: 7 });
    expect(new Set(clusters).size).toBe(7);
  });

  it("joins by the square roots of the divergences", async () => {
    const kl = await groupedDistances(1, 20, 5, 4);
    const { merges } = await modelTree(kl, { linkage: "ward", clusters: 1 });
    const roots = { ...kl, values: kl.values.map(Math.sqrt) };
    expect(merges).toEqual(await linkage(roots, "ward"));
    expect(cutTree(merges, 20, 4)).toEqual(cutTree(await linkage(roots, "ward"), 20, 4));
  });

  it("refuses more clusters than models", async () => {
    const kl = await groupedDistances(1, 5, 5, 2);
    await expect(modelTree(kl, { linkage: "average", clusters: 6 })).rejects.toMatchObject({ code: "ERR_USAGE", message: expect.stringContaining("at most 5") as string });
  });
});
