/** Scores of models (benchmarks, or any number the list of models has) predicted from their log-likelihoods. docs/predict.md explains the numbers. */
import { LlmapError } from "../errors.js";
import { defaultLeakageLimit, leakageScreen, type LeakageScreen } from "../matrix/leakage-screen.js";
import { modelCoordinates } from "../matrix/model-coordinates.js";
import { crossValidateRidge, type LabelledModel, type RidgeCrossValidation } from "../matrix/ridge-cross-validation.js";
import { defaultFolds, defaultRepeats, innerFoldsChoices, type InnerFolds } from "../matrix/ridge-options.js";
import { squaredDistances, type NativeOptions } from "../native/matrix.js";
import { labelOf } from "../models/labels.js";
import { requireChoice, requireSeed, requireWholeNumber } from "../option-checks.js";
import { defaultSeed } from "../random.js";
import { writePredictions, type PredictionRow, type PredictionsMetadata } from "../store/predictions-table.js";
import { RunFolder } from "../store/run-folder.js";
import { numberLabel, requireLabel } from "./labels.js";
import { requireThreads, type RunFolderOptions } from "./options.js";
import { clipOfMap, readScoredRun } from "./scored-run.js";

/** Options of `predict`. */
export interface PredictOptions extends RunFolderOptions {
  /** The label to predict: a column of numbers in the list of models. Models without it are predicted only. */
  label: string;
  /** The label that names the family of a model; default: `family`, where there is such a label. A model without it is a family of its own. */
  family?: string | null;
  /** Outer and inner folds; default 5. */
  folds?: number;
  /** Outer cross-validations, each with folds of its own; default 5. */
  repeats?: number;
  /** Default 42. */
  seed?: number;
  /** Which inner folds choose the penalty; default shuffled. by-name does as the authors of the method did. */
  innerFolds?: InnerFolds;
  /** Standard deviations above which a likelihood is suspect; default 3.5. */
  leakageLimit?: number;
  /** Threads for the matrix; default: the cores this process may use. */
  threads?: number | null;
}

/** How well labels are predicted by fits that did not see them, and which penalties were chosen. */
export type ScorePrediction = Omit<RidgeCrossValidation, "predictions">;

/** What `predict` found. */
export interface PredictResult extends Omit<PredictionsMetadata, "textsHash"> {
  /** Models predicted, and how many of them have the label. */
  models: number;
  labelled: number;
  /** Families of the labelled models; null where they are not known. */
  families: number | null;
  texts: number;
  /** Folds that ignore families, and folds that hold out whole families (null where they are not known). */
  plain: ScorePrediction;
  grouped: ScorePrediction | null;
  /** The line that likelihoods are compared with, nats per text; null where there are too few models for it, or their likelihoods do not vary about it. */
  leakage: Omit<LeakageScreen, "residuals"> | null;
  /** As in predictions.arrow, in the order of models.arrow. */
  rows: PredictionRow[];
}

/**
 * Predicts a label of all models of a run by ridge regression on the model coordinates, and writes predictions.arrow. Clipped at the threshold of the map
 * (at the quantile 0.02 without one).
 * Errors: ERR_USAGE for an unknown label, values that are no numbers or all equal, and fewer labelled models or families than folds; ERR_NOT_FOUND where
 * there is no run, ERR_NOTHING_DONE where no model is scored, ERR_RUN_MISMATCH, ERR_RUN_FOLDER, ERR_ABORTED.
 */
export async function predict(options: PredictOptions): Promise<PredictResult> {
  const { label, folds = defaultFolds, repeats = defaultRepeats, seed = defaultSeed, innerFolds = "shuffled", leakageLimit = defaultLeakageLimit } = options;
  const { threads = null, signal, onEvent = () => undefined } = options;
  requireOptions({ folds, repeats, seed, innerFolds, leakageLimit, threads });
  const folder = new RunFolder(options.out);
  const run = await readScoredRun(folder, onEvent);
  const rows = run.models.map(({ row }) => row);
  requireLabel(rows, label, "--label");
  const family = familyLabel(rows, options.family ?? null);
  const inFamilies = rows.map((row) => ({ name: row.name, label: numberLabel(row, label, "--label"), family: familyOf(row, family ?? "") }));
  const models = inFamilies.map((model): LabelledModel => ({ ...model, family: null }));
  requireLabelled(models, label, folds);
  const families = family === null ? null : countFamilies(inFamilies, family, options);

  const native: NativeOptions = { ...(signal ? { signal } : {}), ...(threads ? { threads } : {}) };
  const { L: Q, texts } = run;
  const { threshold, rowMeans } = await modelCoordinates(Q, clipOfMap(run.record), native);
  const distances = await squaredDistances(Q, native);
  const parts = families === null ? 1 : 2;
  const crossValidate = (of: readonly LabelledModel[], part: number): Promise<RidgeCrossValidation> =>
    crossValidateRidge(distances, of, {
      ...native,
      ...{ folds, repeats, seed, innerFolds },
      onProgress: (share) => onEvent({ event: "predict-progress", share: (part + share) / parts }),
    });
  const plain = await crossValidate(models, 0);
  const grouped = families === null ? null : await crossValidate(inFamilies, 1);

  const screen = leakageScreen(plain.predictions.map(({ mean }) => mean), rowMeans);
  const metadata = { label, family: families === null ? null : family, folds, repeats, seed, innerFolds, threshold, leakageLimit };
  const predictions = models.map(({ name, label: known }, i): PredictionRow => {
    const leakage = screen?.residuals[i] ?? null;
    return {
      model: name,
      label: known,
      prediction: plain.predictions[i]?.mean ?? NaN,
      predictionSd: plain.predictions[i]?.sd ?? null,
      groupedPrediction: grouped?.predictions[i]?.mean ?? null,
      groupedPredictionSd: grouped?.predictions[i]?.sd ?? null,
      meanLogLikelihood: rowMeans[i] ?? NaN,
      leakage,
      suspect: leakage === null ? null : leakage > leakageLimit,
    };
  });
  await writePredictions(folder.predictions, { rows: predictions, metadata: { ...metadata, textsHash: texts.hash } });
  return {
    ...metadata,
    models: models.length,
    labelled: models.filter(isLabelled).length,
    families,
    texts: run.used.length,
    plain: withoutPredictions(plain),
    grouped: grouped === null ? null : withoutPredictions(grouped),
    leakage: screen === null ? null : { intercept: screen.intercept, slope: screen.slope, scale: screen.scale },
    rows: predictions,
  };
}

type Row = Parameters<typeof numberLabel>[0];

/** The label that names families: the one asked for, else `family` where there is one. Errors: ERR_USAGE. */
function familyLabel(rows: readonly Row[], asked: string | null): string | null {
  if (asked !== null) requireLabel(rows, asked, "--family");
  else if (!rows.some((row) => labelOf(row, "family") !== null)) return null;
  return asked ?? "family";
}

/** A model that names no family is one of its own; the mark keeps it apart from a family that happens to have its name. */
function familyOf(row: Row, family: string): string {
  const name = labelOf(row, family);
  return name === null ? `model ${row.name}` : `family ${name}`;
}

const isLabelled = ({ label }: LabelledModel): boolean => label !== null;

/** Errors: ERR_USAGE where there is too little to learn from. */
function requireLabelled(models: readonly LabelledModel[], label: string, folds: number): void {
  const labelled = models.filter(isLabelled);
  if (labelled.length < folds) {
    throw new LlmapError(
      "ERR_USAGE",
      `Expected at least ${folds} models with the label ${label}, one for each fold (--folds), but ${labelled.length} of ${models.length} scored models have it. Label more models, or take fewer folds.`,
    );
  }
  if (labelled.some((model) => model.label !== labelled[0]?.label)) return;
  throw new LlmapError("ERR_USAGE", `All ${labelled.length} labelled models have the same ${label} (${labelled[0]?.label}), so there is nothing to predict.`);
}

/**
 * How many families the labelled models have. Where they are fewer than folds: ERR_USAGE if the label was asked for, else null and a warning, since nobody
 * asked for families.
 */
function countFamilies(models: readonly LabelledModel[], family: string, options: PredictOptions): number | null {
  const { label, folds = defaultFolds, onEvent } = options;
  const families = new Set(models.filter(isLabelled).map((model) => model.family)).size;
  if (families >= folds) return families;
  const found = `the models with the label ${label} are of ${families} ${families === 1 ? "family" : "families"} by the label ${family}`;
  if (options.family) {
    throw new LlmapError("ERR_USAGE", `Expected at least ${folds} families, one for each fold (--folds), but ${found}. Take fewer folds, or another label with --family.`);
  }
  onEvent?.({ event: "warning", model: null, message: `Families are not held out: ${found}, fewer than the ${folds} folds (--folds).` });
  return null;
}

function withoutPredictions({ pearson, spearman, alphas, finalAlpha }: RidgeCrossValidation): ScorePrediction {
  return { pearson, spearman, alphas, finalAlpha };
}

function requireOptions(options: { folds: number; repeats: number; seed: number; innerFolds: string; leakageLimit: number; threads: number | null }): void {
  requireWholeNumber("folds (--folds)", options.folds, 3, 1000);
  requireWholeNumber("repeats (--repeats)", options.repeats, 1, 1000);
  requireSeed(options.seed);
  requireChoice("innerFolds (--inner-folds)", options.innerFolds, innerFoldsChoices);
  requireThreads(options.threads);
  if (options.leakageLimit > 0 && options.leakageLimit < Infinity) return;
  throw new LlmapError("ERR_USAGE", `Expected standard deviations above 0 for leakageLimit (--leakage-limit) but received ${options.leakageLimit}.`);
}
