/** Fewer texts for the same map: draws texts of a run, and tells what the distances lose by it. */
import { LlmapError, throwIfAborted } from "../errors.js";
import { bitsPerBytePerSquaredDistance } from "../matrix/kl-divergence.js";
import { meanAndSd, type MeanAndSd } from "../matrix/mean-and-sd.js";
import { modelCoordinates } from "../matrix/model-coordinates.js";
import {
  distanceErrors,
  resampledDistances,
  resampleTexts,
  uniformSubset,
  type DistanceErrors,
  type ResampledTexts,
} from "../matrix/resampled-texts.js";
import { resamplingMethods, rowMeansChoices, type ResamplingMethod, type RowMeans } from "../matrix/resampling-method.js";
import { textProbabilities } from "../matrix/text-probabilities.js";
import { squaredDistances, type Matrix, type NativeOptions } from "../native/matrix.js";
import { requireChoice, requireSeed, requireWholeNumber } from "../option-checks.js";
import { defaultSeed, seededRandom } from "../random.js";
import { writeResample } from "../store/resample-table.js";
import { RunFolder } from "../store/run-folder.js";
import { writeTextSet } from "../store/text-set-file.js";
import type { RunFolderOptions } from "./options.js";
import { drawnSet } from "./quick-models.js";
import { clipOfMap, readScoredRun } from "./scored-run.js";

/** Options of `resample`. */
export interface ResampleOptions extends RunFolderOptions {
  /** How many texts to draw, with replacement: n. */
  draws: number;
  /** Default kl. */
  method?: ResamplingMethod;
  /** Row means of the errors that are told; default weighted, since a model that is scored on the drawn texts alone has no others. */
  rowMeans?: RowMeans;
  /** Default 42. */
  seed?: number;
  /** Draws, each independent, from which the errors are told; default 20. */
  repeats?: number;
  /** JSONL file for the drawn texts. */
  write?: string | null;
  threads?: number | null;
}

/** Errors of squared distances from resampled texts, over the draws. */
export interface ResampleErrors {
  medianRelative: MeanAndSd;
  rmsRelative: MeanAndSd;
  /** The bias. */
  meanRelative: MeanAndSd;
  /** Bits per byte. */
  rmsAbsolute: MeanAndSd;
  /** How many different texts a draw has. */
  uniqueTexts: MeanAndSd;
}

/** What `resample` drew, and what distances lose by it. */
export interface ResampleResult {
  method: ResamplingMethod;
  rowMeans: RowMeans;
  draws: number;
  seed: number;
  repeats: number;
  models: number;
  /** N, of the full set. */
  texts: number;
  /** Of the draw that was written. */
  uniqueTexts: number;
  /** Nats. */
  threshold: number;
  /** Hash of the drawn texts as a text set. */
  hash: string;
  errors: ResampleErrors;
  /** Of as many different texts as each draw has, each subset equally likely. */
  uniform: ResampleErrors;
}

/**
 * Draws texts of the folder's run into resample.arrow, and compares squared distances estimated from such draws with those of all texts. The map's
 * clip threshold is used where there is a map, else the default quantile's. The first draw of the seed is the one that is kept.
 * Errors: ERR_USAGE; ERR_NUMERIC where the models differ in no text; ERR_NOT_FOUND, ERR_NOTHING_DONE, ERR_RUN_MISMATCH, ERR_RUN_FOLDER, ERR_ABORTED.
 */
export async function resample(options: ResampleOptions): Promise<ResampleResult> {
  const { draws, method = "kl", rowMeans = "weighted", seed = defaultSeed, repeats = 20, write = null, threads = null, signal, onEvent } = options;
  requireOptions({ draws, method, rowMeans, seed, repeats });
  const folder = new RunFolder(options.out);
  const run = await readScoredRun(folder, onEvent);
  const { L: Q, models, used, texts: all, meanBytes } = run;
  const native = { ...(signal ? { signal } : {}), ...(threads ? { threads } : {}) };
  const { threshold } = await modelCoordinates(Q, clipOfMap(run.record), native);
  const probabilities = textProbabilities(Q, method);
  const exact = await squaredDistances(Q, native);
  if (exact.values.every((distance) => distance === 0)) {
    throw new LlmapError("ERR_NUMERIC", "The models do not differ in any text, so there are no distances to estimate. Score models that differ.");
  }

  const random = seededRandom(seed);
  const kept = resampleTexts(probabilities, draws, random);
  const trials = { Q, exact, probabilities, draws, repeats, rowMeans, bitsPerByte: bitsPerBytePerSquaredDistance(Q.columns, meanBytes) };
  const { errors, uniform } = await repeat(kept, trials, random, native);
  const positions = Int32Array.from(kept.texts, (column) => used[column] ?? NaN);
  const set = drawnSet(all, positions);
  const metadata = {
    method,
    draws,
    seed,
    models: models.length,
    threshold,
    textsHash: all.hash,
    medianRelativeError: rowMeans === "weighted" ? errors.medianRelative : (await repeat(kept, { ...trials, rowMeans: "weighted" }, seededRandom(seed), native)).errors.medianRelative,
  };
  await writeResample(
    folder.resample,
    { ...kept, texts: positions, metadata },
    Float64Array.from(kept.texts, (column) => probabilities[column] ?? NaN),
  );
  if (write !== null) await writeTextSet(write, set);
  return {
    method,
    rowMeans,
    draws,
    seed,
    repeats,
    models: models.length,
    texts: used.length,
    uniqueTexts: kept.texts.length,
    threshold,
    hash: set.hash,
    errors,
    uniform,
  };
}

interface Trials {
  Q: Matrix;
  exact: Matrix;
  probabilities: Float64Array;
  draws: number;
  repeats: number;
  rowMeans: RowMeans;
  /** Of a squared distance of 1. */
  bitsPerByte: number;
}

/** @param first the draw that is kept, which is the first repetition */
async function repeat(
  first: ResampledTexts,
  { Q, exact, probabilities, draws, repeats, rowMeans, bitsPerByte }: Trials,
  random: () => number,
  native: NativeOptions,
): Promise<{ errors: ResampleErrors; uniform: ResampleErrors }> {
  const ours: Trial[] = [];
  const uniform: Trial[] = [];
  const trial = async (draw: ResampledTexts): Promise<Trial> => {
    const errors = distanceErrors(exact, await resampledDistances(Q, draw, rowMeans, native));
    return { ...errors, rmsAbsolute: errors.rmsAbsolute * bitsPerByte, uniqueTexts: draw.texts.length };
  };
  for (let number = 0; number < repeats; number++) {
    throwIfAborted(native.signal);
    const draw = number === 0 ? first : resampleTexts(probabilities, draws, random);
    ours.push(await trial(draw));
    uniform.push(await trial(uniformSubset(Q.columns, draw.texts.length, random)));
  }
  return { errors: summary(ours), uniform: summary(uniform) };
}

type Trial = DistanceErrors & { uniqueTexts: number };

function summary(trials: readonly Trial[]): ResampleErrors {
  const of = (key: keyof Trial): MeanAndSd => meanAndSd(trials.map((trial) => trial[key]));
  return {
    medianRelative: of("medianRelative"),
    rmsRelative: of("rmsRelative"),
    meanRelative: of("meanRelative"),
    rmsAbsolute: of("rmsAbsolute"),
    uniqueTexts: of("uniqueTexts"),
  };
}

function requireOptions(options: { draws: number; method: string; rowMeans: string; seed: number; repeats: number }): void {
  requireWholeNumber("draws (--texts-count)", options.draws, 1, 10_000_000);
  requireWholeNumber("repeats (--repeats)", options.repeats, 2, 10_000);
  requireSeed(options.seed);
  requireChoice("method (--method)", options.method, resamplingMethods);
  requireChoice("rowMeans (--row-means)", options.rowMeans, rowMeansChoices);
}
