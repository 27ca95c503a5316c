/** The models to choose from where a small file and a small distance are both wanted: the Pareto front of size and distance. */

/**
 * Whether no strictly smaller model is nearer; null where the size is unknown (0).
 * @param sizes for example bytes of the files @param distances to a reference, for example its KL divergence
 */
export function nearestForSize(sizes: readonly number[], distances: readonly number[]): (boolean | null)[] {
  const nearestOfSmaller = lowestBelow(sizes, distances);
  return sizes.map((size, i) => (size === 0 ? null : (distances[i] ?? NaN) <= (nearestOfSmaller[i] ?? Infinity)));
}

/** Positions of the models than which no other is both as small and as near, from small to large; several where they are equal in both. */
export function paretoFront(sizes: readonly number[], distances: readonly number[]): number[] {
  const isNearest = nearestForSize(sizes, distances);
  const front = Array.from(sizes.keys()).filter((i) => isNearest[i] === true);
  const nearestOfSize = new Map<number, number>();
  for (const i of front) nearestOfSize.set(sizes[i] ?? 0, Math.min(distances[i] ?? Infinity, nearestOfSize.get(sizes[i] ?? 0) ?? Infinity));
  return front.filter((i) => distances[i] === nearestOfSize.get(sizes[i] ?? 0)).sort((a, b) => (sizes[a] ?? 0) - (sizes[b] ?? 0));
}

/** For each size the lowest value among strictly smaller sizes above 0; Infinity where there is none. */
function lowestBelow(sizes: readonly number[], values: readonly number[]): number[] {
  const order = [...sizes.keys()].filter((i) => sizes[i] !== 0).sort((a, b) => (sizes[a] ?? 0) - (sizes[b] ?? 0));
  const lowest = sizes.map(() => Infinity);
  let [below, here, size] = [Infinity, Infinity, 0];
  for (const i of order) {
    if (sizes[i] !== size) [below, size] = [here, sizes[i] ?? 0];
    lowest[i] = below;
    here = Math.min(here, values[i] ?? Infinity);
  }
  return lowest;
}
