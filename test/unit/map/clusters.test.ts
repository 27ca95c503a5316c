import { describe, expect, it } from "vitest";
import { findClusters, meanSilhouette } from "../../../lib/map/clusters.js";
import { cutTree, linkage } from "../../../lib/map/linkage.js";
import { modelTree } from "../../../lib/map/model-tree.js";
import { groupedDistances, squareRoots } from "../../helpers/grouped-points.js";
import { seededRandom } from "../../../lib/random.js";

const line = (at: number[]): Float64Array<ArrayBuffer> => Float64Array.from(at.flatMap((x) => at.map((y) => Math.abs(x - y))));

async function clustersOf(distances: Float64Array<ArrayBuffer>, count: number): Promise<Int32Array | null> {
  const merges = await linkage({ rows: count, columns: count, values: distances }, "average");
  return findClusters(distances, merges, count);
}

describe("findClusters", () => {
  it("finds groups that lie apart", async () => {
    expect(Array.from((await clustersOf(line([0, 0.1, 0.2, 5, 5.1, 9, 9.1]), 7)) ?? [])).toEqual([0, 0, 0, 1, 1, 2, 2]);
  });

  it("takes the cut of the highest mean silhouette", async () => {
    const distances = squareRoots(await groupedDistances(5, 80, 7, 6));
    const merges = await linkage(distances, "average");
    const cuts = Array.from({ length: 11 }, (_, i) => cutTree(merges, 80, i + 2));
    const silhouettes = cuts.map((labels, i) => meanSilhouette(distances.values, labels, i + 2));
    const best = cuts[silhouettes.indexOf(Math.max(...silhouettes))];
    expect(findClusters(distances.values, merges, 80)).toEqual(best);
    expect(Math.max(...silhouettes)).toBeGreaterThan(0.25);
  });

  it("leaves models that form no groups in one cluster", async () => {
    const count = 30;
    const random = seededRandom(3);
    const distances = new Float64Array(count * count);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < i; j++) distances[i * count + j] = distances[j * count + i] = 1 + 0.01 * random();
    }
    expect(new Set(await clustersOf(distances, count))).toEqual(new Set([0]));
  });

  it.each([1, 2, 3])("says nothing of %i models", async (count) => {
    expect(await clustersOf(new Float64Array(count * count), count)).toBeNull();
  });
});

it("meanSilhouette follows Rousseeuw's definition", () => {
  // Points 0, 1 | 4: a = 1, b = 4 and 3; the point alone counts 0.
  expect(meanSilhouette(line([0, 1, 4]), Int32Array.of(0, 0, 1), 2)).toBeCloseTo(((4 - 1) / 4 + (3 - 1) / 3 + 0) / 3, 12);
});

describe("modelTree", () => {
  it("cuts into as many clusters as are asked for", async () => {
    const kl = await groupedDistances(1, 20, 5, 4);
    const { clusters } = await modelTree(kl, { linkage: "ward", clusters: 7 });
    expect(new Set(clusters).size).toBe(7);
  });

  it("refuses more clusters than models", async () => {
    const kl = await groupedDistances(1, 5, 5, 2);
    await expect(modelTree(kl, { linkage: "average", clusters: 6 })).rejects.toMatchObject({ code: "ERR_USAGE", message: expect.stringContaining("at most 5") as string });
  });
});
