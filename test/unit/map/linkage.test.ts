import { describe, expect, it } from "vitest";
import { averageLinkage, cutTree } from "../../../lib/map/linkage.js";
import { seededRandom } from "../../../lib/random.js";

function randomDistances(count: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  const points = Array.from({ length: count }, () => [random(), random(), random()]);
  const distances = new Float64Array(count * count);
  points.forEach((p, i) => points.forEach((q, j) => (distances[i * count + j] = Math.hypot(...p.map((x, k) => x - (q[k] ?? 0))))));
  return distances;
}

/** Average linkage by its definition: join the two clusters with the least mean distance, over all pairs of points. */
function linkageByDefinition(distances: Float64Array, count: number): { height: number; members: number[] }[] {
  let clusters = Array.from({ length: count }, (_, i) => [i]);
  const merges: { height: number; members: number[] }[] = [];
  while (clusters.length > 1) {
    let best = { height: Infinity, a: clusters[0] ?? [], b: clusters[1] ?? [] };
    clusters.forEach((a, i) =>
      clusters.slice(i + 1).forEach((b) => {
        const height = a.flatMap((p) => b.map((q) => distances[p * count + q] ?? 0)).reduce((x, y) => x + y) / (a.length * b.length);
        if (height < best.height) best = { height, a, b };
      }),
    );
    const members = [...best.a, ...best.b].sort((x, y) => x - y);
    merges.push({ height: best.height, members });
    clusters = [...clusters.filter((c) => c !== best.a && c !== best.b), members];
  }
  return merges;
}

describe("averageLinkage", () => {
  it.each([2, 3, 5, 20, 40])("equals the definition for %i points", (count) => {
    const distances = randomDistances(count, count);
    const members: number[][] = Array.from({ length: count }, (_, i) => [i]);
    const merges = averageLinkage(distances, count).map(({ a, b, height, size }) => {
      const joined = [...(members[a] ?? []), ...(members[b] ?? [])].sort((x, y) => x - y);
      members.push(joined);
      expect(joined.length).toBe(size);
      return { height, members: joined };
    });
    const expected = linkageByDefinition(distances, count);
    expect(merges.map((m) => m.members)).toEqual(expected.map((m) => m.members));
    merges.forEach((m, i) => expect(m.height).toBeCloseTo(expected[i]?.height ?? NaN, 12));
  });

  it("joins identical points first, at height 0", () => {
    const [first] = averageLinkage(Float64Array.of(0, 2, 0, 2, 0, 2, 0, 2, 0), 3);
    expect(first).toEqual({ a: 0, b: 2, height: 0, size: 2 });
  });

  it("ends when all distances are equal", () => {
    const count = 6;
    const equal = Float64Array.from({ length: count * count }, (_, i) => (i % (count + 1) === 0 ? 0 : 1));
    expect(averageLinkage(equal, count).map((merge) => merge.height)).toEqual(new Array(count - 1).fill(1));
  });
});

it("cutTree numbers clusters by their first points", () => {
  // Points 0 and 3 together, 1 and 2 together.
  const at = [0, 10, 11, 1];
  const distances = Float64Array.from(at.flatMap((x) => at.map((y) => Math.abs(x - y))));
  const merges = averageLinkage(distances, 4);
  expect(Array.from(cutTree(merges, 4, 2))).toEqual([0, 1, 1, 0]);
  expect(Array.from(cutTree(merges, 4, 4))).toEqual([0, 1, 2, 3]);
  expect(Array.from(cutTree(merges, 4, 1))).toEqual([0, 0, 0, 0]);
});
