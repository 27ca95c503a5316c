/** Nearest models by KL divergence. */

export interface Neighbour {
  /** Position of the model among the rows. */
  model: number;
  /** KL divergence in the unit of the matrix. */
  kl: number;
}

/**
 * The nearest models of one row, nearest first, ties in row order.
 * @param kl K x K row-major
 */
export function nearestModels(kl: Float64Array, count: number, row: number, most: number): Neighbour[] {
  return Array.from({ length: count }, (_, model): Neighbour => ({ model, kl: kl[row * count + model] ?? NaN }))
    .filter(({ model }) => model !== row)
    .sort((a, b) => a.kl - b.kl || a.model - b.model)
    .slice(0, most);
}
