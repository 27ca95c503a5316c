/** Mean over repetitions, and standard deviation between them (ddof 1; 0 for one). */
export interface MeanAndSd {
  mean: number;
  sd: number;
}

/** Mean and standard deviation (ddof 1) of at least one value; the deviation of a single one is 0. */
export function meanAndSd(values: ArrayLike<number>): MeanAndSd {
  const all = Array.from(values);
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  const squares = all.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: Math.sqrt(squares / Math.max(1, all.length - 1)) };
}
