/** Average-linkage hierarchical clustering (UPGMA) by the nearest-neighbour chain, O(K^2) time and memory (Muellner 2011). */

/** One merge: clusters `a` < `b` (0..K-1 are the points, K + i is the i-th merge) joined at `height`. */
export interface Merge {
  a: number;
  b: number;
  /** Mean distance between the points of the two clusters, in the unit of the distances. */
  height: number;
  /** Points in the joined cluster. */
  size: number;
}

/**
 * @param distances K x K row-major, symmetric, zero diagonal; not changed
 * @returns K - 1 merges by increasing height, numbered as scipy's linkage does
 */
export function averageLinkage(distances: Float64Array, count: number): Merge[] {
  const d = Float64Array.from(distances);
  const size = new Int32Array(count).fill(1);
  const active = new Uint8Array(count).fill(1);
  const raw: { left: number; right: number; height: number }[] = [];
  const chain: number[] = [];
  const at = (i: number, j: number): number => d[i * count + j] ?? 0;

  while (raw.length < count - 1) {
    if (chain.length === 0) chain.push(active.indexOf(1));
    for (;;) {
      const tip = chain.at(-1) ?? 0;
      const previous = chain.at(-2);
      // On ties the previous element wins, so that the chain ends.
      let nearest = previous ?? -1;
      let best = previous === undefined ? Infinity : at(tip, previous);
      for (let j = 0; j < count; j++) {
        if (active[j] === 1 && j !== tip && at(tip, j) < best) {
          best = at(tip, j);
          nearest = j;
        }
      }
      if (nearest !== previous) {
        chain.push(nearest);
        continue;
      }
      chain.length -= 2;
      raw.push({ left: tip, right: nearest, height: best });
      join(tip, nearest);
      break;
    }
  }
  return numbered(raw, count);

  /** Lance-Williams update for average linkage; the joined cluster takes the place of `into`. */
  function join(gone: number, into: number): void {
    const sizeGone = size[gone] ?? 0;
    const sizeInto = size[into] ?? 0;
    active[gone] = 0;
    size[into] = sizeGone + sizeInto;
    for (let j = 0; j < count; j++) {
      if (active[j] !== 1 || j === into) continue;
      const mean = (sizeGone * at(gone, j) + sizeInto * at(into, j)) / (sizeGone + sizeInto);
      d[into * count + j] = mean;
      d[j * count + into] = mean;
    }
  }
}

/** Sorts merges by height and numbers the clusters in that order, following each place to its current cluster. */
function numbered(raw: { left: number; right: number; height: number }[], count: number): Merge[] {
  const parent = Int32Array.from({ length: count }, (_, i) => i);
  const cluster = Int32Array.from({ length: count }, (_, i) => i);
  const size = new Int32Array(2 * count).fill(1);
  const root = (i: number): number => {
    while ((parent[i] ?? i) !== i) {
      parent[i] = parent[parent[i] ?? i] ?? i;
      i = parent[i] ?? i;
    }
    return i;
  };
  return raw
    .map((merge, order) => ({ ...merge, order }))
    .sort((x, y) => x.height - y.height || x.order - y.order)
    .map(({ left, right, height }, i): Merge => {
      const l = root(left);
      const r = root(right);
      const a = Math.min(cluster[l] ?? 0, cluster[r] ?? 0);
      const b = Math.max(cluster[l] ?? 0, cluster[r] ?? 0);
      parent[l] = r;
      cluster[r] = count + i;
      size[count + i] = (size[a] ?? 0) + (size[b] ?? 0);
      return { a, b, height, size: size[count + i] ?? 0 };
    });
}

/**
 * Flat clusters: the tree cut so that `clusters` remain.
 * @returns a cluster number from 0 for each point, numbered in the order of their first points
 */
export function cutTree(merges: readonly Merge[], count: number, clusters: number): Int32Array {
  const parent = Int32Array.from({ length: 2 * count }, (_, i) => i);
  merges.slice(0, count - clusters).forEach(({ a, b }, i) => {
    parent[a] = count + i;
    parent[b] = count + i;
  });
  const numbers = new Map<number, number>();
  return Int32Array.from({ length: count }, (_, point) => {
    let top = point;
    while (parent[top] !== top) top = parent[top] ?? top;
    const number = numbers.get(top) ?? numbers.size;
    numbers.set(top, number);
    return number;
  });
}
