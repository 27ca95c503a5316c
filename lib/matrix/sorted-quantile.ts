/** Quantile q in [0, 1] of ascending values, linear interpolation as numpy's default. */
export function sortedQuantile(sorted: ArrayLike<number>, q: number): number {
  const rank = q * (sorted.length - 1);
  const below = Math.floor(rank);
  const low = sorted[below] ?? NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? NaN;
  return low + (rank - below) * (high - low);
}
