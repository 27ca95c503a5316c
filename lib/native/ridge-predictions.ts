/** Ridge regression in the addon, as a typed async function. */
import { callAddon, type Matrix, type NativeOptions } from "./matrix.js";

/** Which rows a regression learns from, and which it predicts; row numbers. */
export interface RidgeDivision {
  /** At least one. */
  training: Int32Array;
  test: Int32Array;
}

/**
 * Ridge regression with an intercept on points of which the squared distances are given, for many divisions into training and test rows. With X the
 * training points and y their labels, both less the means of the training rows, the prediction for x is mean(y) + (x - mean(X)) . X^T (X X^T + alpha I)^-1 y
 * (Hoerl and Kennard 1970). X X^T = -1/2 J D J follows from the distances (native/core/ridge.h), so where the origin of the points is does not matter.
 * Tells its progress; an abort is seen between two regressions.
 * @param distances rows x rows, as {@link squaredDistances} gives them
 * @param labels one per row; those of rows that are in no training set are not looked at
 * @param alphas positive: the penalty is alpha times the squared norm of the weights
 * Resolves with, for each division, test rows x alphas predictions in the unit of the labels. Rejects with ERR_NUMERIC for distances or labels that are
 * not finite, and for an alpha too small to matter beside the distances (below about 1e-16 of them).
 */
export function ridgePredictions(
  distances: Matrix,
  labels: Float64Array,
  divisions: readonly RidgeDivision[],
  alphas: Float64Array,
  options: NativeOptions = {},
): Promise<Float64Array[]> {
  return callAddon(options, async (addon, native) => {
    const members = joined(divisions.flatMap(({ training, test }) => [training, test]));
    const sizes = Int32Array.from(divisions.flatMap(({ training, test }) => [training.length, test.length]));
    const starts = [0];
    for (const { test } of divisions) starts.push((starts.at(-1) ?? 0) + test.length * alphas.length);
    const out = new Float64Array(starts.at(-1) ?? 0);
    await addon.ridgePredictions(distances.values, distances.rows, labels, members, sizes, alphas, out, native);
    return divisions.map((_, d) => out.subarray(starts[d], starts[d + 1]));
  });
}

function joined(arrays: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let next = 0;
  for (const array of arrays) {
    all.set(array, next);
    next += array.length;
  }
  return all;
}
