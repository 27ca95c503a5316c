import { describe, expect, it } from "vitest";
import { findClusters, meanSilhouette } from "../../../lib/map/clusters.js";
import { seededRandom } from "../../../lib/random.js";

const line = (at: number[]): Float64Array => Float64Array.from(at.flatMap((x) => at.map((y) => Math.abs(x - y))));

describe("findClusters", () => {
  it("finds groups that lie apart", () => {
    expect(Array.from(findClusters(line([0, 0.1, 0.2, 5, 5.1, 9, 9.1]), 7) ?? [])).toEqual([0, 0, 0, 1, 1, 2, 2]);
  });

  it("leaves models that form no groups in one cluster", () => {
    const count = 30;
    const random = seededRandom(3);
    const distances = new Float64Array(count * count);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < i; j++) distances[i * count + j] = distances[j * count + i] = 1 + 0.01 * random();
    }
    expect(new Set(findClusters(distances, count))).toEqual(new Set([0]));
  });

  it.each([1, 2, 3])("says nothing of %i models", (count) => {
    expect(findClusters(new Float64Array(count * count), count)).toBeNull();
  });
});

it("meanSilhouette follows Rousseeuw's definition", () => {
  // Points 0, 1 | 4: a = 1, b = 4 and 3; the point alone counts 0.
  expect(meanSilhouette(line([0, 1, 4]), Int32Array.of(0, 0, 1), 2)).toBeCloseTo(((4 - 1) / 4 + (3 - 1) / 3 + 0) / 3, 12);
});
