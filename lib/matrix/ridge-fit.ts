/** Ridge regressions whose penalty is chosen by inner folds. */
import { LlmapError } from "../errors.js";
import type { Matrix, NativeOptions } from "../native/matrix.js";
import { ridgePredictions, type RidgeDivision } from "../native/ridge-predictions.js";
import { defaultAlphas } from "./ridge-options.js";

/** A fit and the inner folds of its training rows that choose its penalty. */
export interface RidgeFit extends RidgeDivision {
  inner: RidgeDivision[];
}

/** A ridge regression that was fitted, and what it predicts. */
export interface FittedRidge {
  /** The penalty that was chosen. */
  alpha: number;
  /** One per test row. */
  predictions: Float64Array;
}

/** lowest-error: the least squared error of all rows of the inner folds. highest-r2: the highest mean over them of R², as scikit-learn's RidgeCV with `cv`. */
export type PenaltyChoice = "lowest-error" | "highest-r2";

/**
 * Fits by {@link ridgePredictions}, each with the first of the alphas that its inner folds find best.
 * @param labels one per row of the distances
 * @param fits each with at least one inner fold
 * Tells its progress. Rejects with ERR_ARGUMENT, ERR_NUMERIC, ERR_ABORTED.
 */
export async function fitRidge(
  distances: Matrix,
  labels: Float64Array,
  fits: readonly RidgeFit[],
  options: NativeOptions & { choice: PenaltyChoice; alphas?: readonly number[] | undefined },
): Promise<FittedRidge[]> {
  const { choice, alphas = defaultAlphas } = options;
  const unchosen = fits.findIndex(({ inner }) => inner.length === 0);
  if (unchosen !== -1) throw new LlmapError("ERR_ARGUMENT", `Expected inner folds that choose the penalty of fit ${unchosen} but received none`);
  const count = alphas.length;
  // The larger ones first, so that threads end together.
  const divisions: RidgeDivision[] = [...fits, ...fits.flatMap(({ inner }) => inner)];
  const found = await ridgePredictions(distances, labels, divisions, Float64Array.from(alphas), options);
  let next = fits.length;
  return fits.map(({ test, inner }, f) => {
    const folds = inner.map((fold) => foldErrors(fold, labels, found[next++] ?? new Float64Array(), count));
    const best = choice === "highest-r2" ? highestR2(folds, count) : lowestError(folds, count);
    return { alpha: alphas[best] ?? NaN, predictions: Float64Array.from(test, (_, t) => found[f]?.[t * count + best] ?? NaN) };
  });
}

/** Of one inner fold: squared errors summed for each alpha, and the sum of squares of its labels about their mean. */
interface FoldErrors {
  errors: Float64Array;
  total: number;
}

function foldErrors({ test }: RidgeDivision, labels: Float64Array, predictions: Float64Array, alphas: number): FoldErrors {
  const known = Float64Array.from(test, (row) => labels[row] ?? NaN);
  const mean = known.reduce((sum, label) => sum + label, 0) / known.length;
  const squaredError = (alpha: number): number => known.reduce((sum, label, t) => sum + ((predictions[t * alphas + alpha] ?? NaN) - label) ** 2, 0);
  return {
    errors: Float64Array.from({ length: alphas }, (_, alpha) => squaredError(alpha)),
    total: known.reduce((sum, label) => sum + (label - mean) ** 2, 0),
  };
}

function lowestError(folds: readonly FoldErrors[], alphas: number): number {
  return firstLowest(alphas, (alpha) => folds.reduce((sum, { errors }) => sum + (errors[alpha] ?? NaN), 0));
}

/** A fold whose labels do not differ has no R². */
function highestR2(folds: readonly FoldErrors[], alphas: number): number {
  const telling = folds.filter(({ total }) => total > 0);
  return firstLowest(alphas, (alpha) => telling.reduce((sum, { errors, total }) => sum + (errors[alpha] ?? NaN) / total, 0));
}

function firstLowest(count: number, cost: (index: number) => number): number {
  const costs = Array.from({ length: count }, (_, index) => cost(index));
  return costs.indexOf(Math.min(...costs));
}
