/** The squared distance of one pair of models; lib/native/matrix.ts has those of all pairs. */

/**
 * The sum over texts of v (d - m)^2, d being the difference of the two and m its mean weighted by v: with v = 1 the squared distance of two centred
 * log-likelihood vectors; with v = w^2 of drawn texts its estimate (resampled-texts.ts). Means over models cancel out. Equal vectors have
 * distance 0.
 * @param a nats, clipped @param b of the same length @param weights v; default: 1 for each text
 */
export function squaredDistance(a: Float64Array, b: Float64Array, weights: Float64Array | null = null): number {
  let [total, sum] = [0, 0];
  for (let s = 0; s < a.length; s++) {
    const weight = weights?.[s] ?? 1;
    total += weight;
    sum += weight * ((a[s] ?? NaN) - (b[s] ?? NaN));
  }
  const mean = sum / total;
  let squares = 0;
  for (let s = 0; s < a.length; s++) {
    const difference = (a[s] ?? NaN) - (b[s] ?? NaN) - mean;
    squares += (weights?.[s] ?? 1) * difference * difference;
  }
  return squares;
}
