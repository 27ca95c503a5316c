/** Score prediction: ridge regression on the model coordinates, its penalty chosen by an inner cross-validation, judged by an outer one. */
import type { Matrix, NativeOptions } from "../native/matrix.js";
import type { RidgeDivision } from "../native/ridge-predictions.js";
import { seededRandom } from "../random.js";
import { pearson, spearman } from "./correlation.js";
import { consecutiveFolds, groupedFolds, shuffledFolds } from "./folds.js";
import { meanAndSd, type MeanAndSd } from "./mean-and-sd.js";
import { fitRidge, type RidgeFit } from "./ridge-fit.js";
import type { InnerFolds } from "./ridge-options.js";

/** A model whose label is known or to be predicted. */
export interface LabelledModel {
  /** Folds are drawn over the models in the order of their names, so that results do not depend on any other order. */
  name: string;
  /** What is to be predicted; null where it is not known. */
  label: number | null;
  /** Models of one family are held out together; null: folds ignore families. */
  family: string | null;
}

/** What `crossValidateRidge` gives. */
export interface RidgeCrossValidation {
  /** Between labels and predictions of all labelled models, each predicted by a fit without it: mean over the repetitions, sd between them. */
  pearson: MeanAndSd;
  spearman: MeanAndSd;
  /**
   * One per model: of a labelled one the mean over the repetitions, from fits without it, and the standard deviation between them; of others from the fit to
   * all labelled models, without a standard deviation.
   */
  predictions: { mean: number; sd: number | null }[];
  /** The penalty chosen in each outer fold, repetitions x folds, and for the fit to all labelled models. */
  alphas: number[];
  finalAlpha: number;
}

/** Options of `crossValidateRidge`. */
export interface RidgeOptions extends NativeOptions {
  /** Outer and inner folds; 3 or more. */
  folds: number;
  /** Outer cross-validations, each with folds of its own. */
  repeats: number;
  seed: number;
  innerFolds: InnerFolds;
  /** Penalties to choose from; default 10^1 to 10^9. */
  alphas?: readonly number[] | undefined;
}

/**
 * Nested cross-validation and prediction. Every fit centres coordinates and labels by its own training models, so nothing of a held-out one enters its
 * prediction. At least as many labelled models, and families where there are any, as folds.
 * @param distances K x K squared distances of the model coordinates
 * @param models the K models; of the labelled ones either all have a family or none
 * Tells its progress. Rejects with ERR_NUMERIC, ERR_ABORTED.
 */
export async function crossValidateRidge(distances: Matrix, models: readonly LabelledModel[], options: RidgeOptions): Promise<RidgeCrossValidation> {
  const { folds, repeats, seed, innerFolds } = options;
  const labels = Float64Array.from(models, ({ label }) => label ?? NaN);
  const byName = [...models.keys()].sort((a, b) => compareText(models[a]?.name ?? "", models[b]?.name ?? ""));
  const labelled = Int32Array.from(byName.filter((i) => models[i]?.label !== null));
  const unlabelled = Int32Array.from(byName.filter((i) => models[i]?.label === null));

  const random = seededRandom(seed);
  const foldsOf = (rows: Int32Array): Int32Array => {
    const families = Array.from(rows, (i) => models[i]?.family ?? null);
    if (families.every((family) => family !== null)) return groupedFolds(families, Math.min(folds, new Set(families).size), random);
    return shuffledFolds(rows.length, Math.min(folds, rows.length), random);
  };
  const innerOf = (training: Int32Array): Int32Array =>
    innerFolds === "by-name" ? consecutiveFolds(training.length, Math.min(folds, training.length)) : foldsOf(training);
  const withInner = (division: RidgeDivision): RidgeFit => ({ ...division, inner: divisionsOf(division.training, innerOf(division.training)) });
  const repetitions = Array.from({ length: repeats }, () => divisionsOf(labelled, foldsOf(labelled)).map(withInner));
  const final = withInner({ training: labelled, test: unlabelled });
  const fits = [...repetitions.flat(), final];
  const fitted = await fitRidge(distances, labels, fits, { ...options, choice: innerFolds === "by-name" ? "highest-r2" : "lowest-error" });

  const found = new Map(fits.map((fit, f) => [fit, fitted[f]?.predictions]));
  // For each repetition one prediction per model; that of unlabelled models is the same in all.
  const predicted = repetitions.map((outer) => {
    const predictions = new Float64Array(models.length);
    for (const fit of [...outer, final]) fit.test.forEach((row, t) => (predictions[row] = found.get(fit)?.[t] ?? NaN));
    return predictions;
  });
  const known = Float64Array.from(labelled, (row) => labels[row] ?? NaN);
  const correlation = (of: typeof pearson): MeanAndSd =>
    meanAndSd(predicted.map((repetition) => of(known, Float64Array.from(labelled, (row) => repetition[row] ?? NaN))));
  const alphas = fitted.map(({ alpha }) => alpha);
  return {
    pearson: correlation(pearson),
    spearman: correlation(spearman),
    predictions: models.map(({ label }, row) => {
      const { mean, sd } = meanAndSd(predicted.map((repetition) => repetition[row] ?? NaN));
      return { mean, sd: label === null ? null : sd };
    }),
    alphas: alphas.slice(0, -1),
    finalAlpha: alphas.at(-1) ?? NaN,
  };
}

/** By code units: the same in every locale. */
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function divisionsOf(rows: Int32Array, foldOf: Int32Array): RidgeDivision[] {
  const folds = Math.max(...foldOf) + 1;
  return Array.from({ length: folds }, (_, fold) => ({
    training: rows.filter((_, i) => foldOf[i] !== fold),
    test: rows.filter((_, i) => foldOf[i] === fold),
  }));
}
