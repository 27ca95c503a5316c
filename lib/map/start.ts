/** The start of t-SNE and UMAP: principal coordinates, on the scale that each wants. */
import type { PrincipalCoordinates } from "../native/matrix.js";
import { normal } from "../random.js";

/**
 * rows x dimensions coordinates. An axis that holds nothing (models along a line) is filled with random numbers of standard deviation
 * 1e-4 times the scale: where all points start at 0, none ever leaves it.
 * @param scaleOf the number that the first axis is divided by
 */
export function startCoordinates(
  { coordinates }: Pick<PrincipalCoordinates, "coordinates">,
  dimensions: number,
  scaleOf: (firstAxis: Float64Array) => number,
  random: () => number,
): Float64Array {
  const rows = coordinates.length / dimensions;
  const axis = (column: number): Float64Array => Float64Array.from({ length: rows }, (_, row) => coordinates[row * dimensions + column] ?? 0);
  const scale = scaleOf(axis(0));
  const start = coordinates.map((value) => (scale > 0 ? value / scale : 0));
  const extent = start.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  for (let column = 0; column < dimensions; column++) {
    if (axis(column).some((value) => value !== 0)) continue;
    for (let row = 0; row < rows; row++) start[row * dimensions + column] = 1e-4 * extent * normal(random);
  }
  return start;
}

export function standardDeviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
