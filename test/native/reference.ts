/** Plain float64 formulas, independent of the addon. */

/** Quantile by sorting, with linear interpolation. */
export function sortedQuantile(values: Float64Array, q: number): number {
  const sorted = Float64Array.from(values).sort();
  const rank = q * (sorted.length - 1);
  const low = sorted[Math.floor(rank)] ?? NaN;
  const high = sorted[Math.ceil(rank)] ?? NaN;
  return low + (high - low) * (rank - Math.floor(rank));
}

/** Row means, then column means of what is left, then what is left of that. */
export function doubleCentred(
  matrix: Float64Array,
  rows: number,
  columns: number,
  weights: Float64Array,
): { rowMeans: number[]; columnMeans: number[]; centred: Float64Array } {
  const at = (i: number, s: number): number => matrix[i * columns + s] ?? NaN;
  const total = weights.reduce((a, b) => a + b, 0);
  const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  const rowMeans = range(rows).map((i) => range(columns).reduce((sum, s) => sum + (weights[s] ?? NaN) * at(i, s), 0) / total);
  const columnMeans = range(columns).map((s) => range(rows).reduce((sum, i) => sum + at(i, s) - (rowMeans[i] ?? NaN), 0) / rows);
  const centred = Float64Array.from(
    matrix,
    (x, index) => x - (rowMeans[Math.floor(index / columns)] ?? NaN) - (columnMeans[index % columns] ?? NaN),
  );
  return { rowMeans, columnMeans, centred };
}

/** Sum over columns of (a - b)^2. */
export function squaredDistance(matrix: Float64Array, columns: number, i: number, j: number): number {
  let sum = 0;
  for (let s = 0; s < columns; s++) sum += ((matrix[i * columns + s] ?? NaN) - (matrix[j * columns + s] ?? NaN)) ** 2;
  return sum;
}
