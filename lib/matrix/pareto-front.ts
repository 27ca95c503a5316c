/** The models to choose from where a small file and a small distance are both wanted. */

/**
 * The Pareto front: positions of the models than which no other is at least as small and as near, and smaller or nearer. From small to large; models that
 * are equal in both are all on it. Models without a size (0) or a distance (NaN) are left out.
 * @param sizes for example bytes of the files @param distances to a reference, for example its KL divergence
 */
export function paretoFront(sizes: readonly number[], distances: readonly number[]): number[] {
  const size = (i: number): number => sizes[i] ?? 0;
  const distance = (i: number): number => distances[i] ?? NaN;
  const order = Array.from(sizes.keys())
    .filter((i) => size(i) > 0 && !Number.isNaN(distance(i)))
    .sort((a, b) => size(a) - size(b) || distance(a) - distance(b));
  const front: number[] = [];
  for (const i of order) {
    const last = front.at(-1);
    if (last === undefined || distance(i) < distance(last) || (distance(i) === distance(last) && size(i) === size(last))) front.push(i);
  }
  return front;
}
