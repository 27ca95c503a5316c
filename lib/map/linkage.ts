/** The tree of the models: hierarchical clustering, and flat clusters cut from it. */
import { callAddon, type Matrix, type NativeOptions } from "../native/matrix.js";

/** average: UPGMA; complete: the largest distance of two members; ward: least growth of the squared deviations. */
export const linkageMethods = ["average", "complete", "ward"] as const;
/** How the distance between two groups is told from those of their models. */
export type LinkageMethod = (typeof linkageMethods)[number];

/** One merge: clusters `a` < `b` (0..K-1 are the points, K + i is the i-th merge) joined at `height`. */
export interface Merge {
  a: number;
  b: number;
  /** In the unit of the distances, never below the heights of `a` and `b`. */
  height: number;
  /** Points in the joined cluster. */
  size: number;
}

/**
 * Hierarchical clustering by the nearest-neighbour chain, O(K^2) time and one copy of the distances (Muellner 2011, arXiv 1109.2378).
 * @param distances K x K, symmetric, zero diagonal; for Ward's linkage Euclidean
 * @param options.squared whether the square roots of `distances` are the distances, as with KL divergences; default false
 * @returns K - 1 merges by increasing height, numbered as scipy's linkage does
 * Rejects with ERR_NUMERIC naming the row for distances that are negative or not finite, ERR_ABORTED.
 */
export async function linkage(distances: Matrix, method: LinkageMethod, options: NativeOptions & { squared?: boolean | undefined } = {}): Promise<Merge[]> {
  const { clusters, heights, sizes } = await callAddon(options, (addon, native) =>
    addon.linkage(distances.values, distances.rows, method, options.squared ?? false, native),
  );
  return Array.from(heights, (height, i) => ({
    a: clusters[2 * i] ?? 0,
    b: clusters[2 * i + 1] ?? 0,
    height,
    size: sizes[i] ?? 0,
  }));
}

/**
 * Flat clusters: the tree cut so that `clusters` remain.
 * @returns a cluster number from 0 for each point, numbered in the order of their first points
 */
export function cutTree(merges: readonly Merge[], count: number, clusters: number): Int32Array {
  // From the top down, each cluster passes its mark on to the two that it was joined from.
  const top = Int32Array.from({ length: 2 * count - 1 }, (_, i) => i);
  for (let i = count - clusters - 1; i >= 0; i--) {
    const { a, b } = merges[i] ?? { a: 0, b: 0 };
    top[a] = top[b] = top[count + i] ?? 0;
  }
  const numbers = new Map<number, number>();
  return Int32Array.from({ length: count }, (_, point) => {
    const number = numbers.get(top[point] ?? 0) ?? numbers.size;
    numbers.set(top[point] ?? 0, number);
    return number;
  });
}
