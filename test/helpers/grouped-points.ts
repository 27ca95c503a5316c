import { allocateMatrix, squaredDistances, type Matrix } from "../../lib/native/matrix.js";
import { seededRandom } from "../../lib/random.js";

/** Uniform points in [-1, 1), group g = row % groups moved by 3 along axis g: the points of scripts/reference/map.py. */
function groupedPoints(seed: number, rows: number, columns: number, groups: number): Matrix {
  const random = seededRandom(seed);
  const points = allocateMatrix(rows, columns);
  for (let i = 0; i < points.values.length; i++) points.values[i] = 2 * random() - 1;
  for (let row = 0; row < rows; row++) {
    const at = row * columns + (row % groups);
    points.values[at] = (points.values[at] ?? 0) + 3;
  }
  return points;
}

/** Their squared distances. */
export async function groupedDistances(seed: number, rows: number, columns: number, groups: number): Promise<Matrix> {
  return squaredDistances(groupedPoints(seed, rows, columns, groups));
}

export function squareRoots(matrix: Matrix): Matrix {
  return { ...matrix, values: Float64Array.from(matrix.values, Math.sqrt) };
}
