import type { Matrix } from "../../lib/native/matrix.js";

/**
 * Trustworthiness of a map for k neighbours (Venna and Kaski 2001): 1 where every neighbour on the map is one in truth,
 * 1 - 2 / (K k (2 K - 3 k - 1)) times the sum over map neighbours of how far beyond k their true rank is.
 */
export function trustworthiness(distances: Matrix, coordinates: Float64Array, dimensions: number, k: number): number {
  const count = distances.rows;
  const order = (row: number, distance: (other: number) => number): number[] =>
    Array.from({ length: count }, (_, i) => i)
      .filter((i) => i !== row)
      .sort((a, b) => distance(a) - distance(b));
  let penalty = 0;
  for (let row = 0; row < count; row++) {
    const ranks = new Map(order(row, (other) => distances.values[row * count + other] ?? NaN).map((model, rank) => [model, rank + 1]));
    const onMap = (other: number): number => {
      let sum = 0;
      for (let d = 0; d < dimensions; d++) sum += ((coordinates[row * dimensions + d] ?? NaN) - (coordinates[other * dimensions + d] ?? NaN)) ** 2;
      return sum;
    };
    for (const model of order(row, onMap).slice(0, k)) penalty += Math.max(0, (ranks.get(model) ?? NaN) - k);
  }
  return 1 - (2 * penalty) / (count * k * (2 * count - 3 * k - 1));
}
