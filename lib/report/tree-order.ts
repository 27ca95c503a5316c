/** An order of the models in which near ones stand beside each other: the leaves of the average-linkage tree. */
import { linkage } from "../map/linkage.js";
import { allocateMatrix } from "../native/matrix.js";
import type { KlTriangle } from "./kl-triangle.js";

/** Of the two branches of a merge, each is turned so that the ends that meet are the nearest. */
export async function treeOrder(kl: KlTriangle): Promise<number[]> {
  const { count } = kl;
  if (count === 0) return [];
  const distances = allocateMatrix(count, count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) distances.values[i * count + j] = Math.sqrt(kl.at(i, j));
  }
  const leaves: number[][] = Array.from({ length: count }, (_, model) => [model]);
  for (const { a, b } of await linkage(distances, "average")) leaves.push(joinNearestEnds(leaves[a] ?? [], leaves[b] ?? [], kl));
  return leaves.at(-1) ?? [];
}

function joinNearestEnds(left: number[], right: number[], kl: KlTriangle): number[] {
  const joined = [left, left.toReversed()].flatMap((l) =>
    [right, right.toReversed()].map((r) => ({ order: [...l, ...r], gap: kl.at(l.at(-1) ?? 0, r[0] ?? 0) })),
  );
  return joined.reduce((best, candidate) => (candidate.gap < best.gap ? candidate : best)).order;
}
