/** Two models of a run: how far apart they are, how sure that is, and what tells them apart. docs/compare.md explains the numbers. */
import { LlmapError } from "../errors.js";
import { defaultCompareResamples, defaultConfidence, requireBootstrap, type BootstrapOptions } from "../matrix/bootstrap-options.js";
import { drawResamples, type Interval } from "../matrix/bootstrap.js";
import { klIntervals } from "../matrix/kl-intervals.js";
import { placeAmongBands } from "../matrix/kl-scale.js";
import { comparePair, type PairComparison, type SourceShare, type TextContribution } from "../matrix/pair-comparison.js";
import { verdictOf, type Verdict } from "../matrix/verdict.js";
import { allocateMatrix, clip, matrixRow, quantile, type Matrix, type NativeOptions } from "../native/matrix.js";
import { requireWholeNumber } from "../option-checks.js";
import { defaultSeed } from "../random.js";
import { RunFolder } from "../store/run-folder.js";
import type { RunRecord } from "../store/run-record.js";
import { sourceOf } from "../texts/text-set.js";
import { defaultClip, defaultTextsShown, requireThreads, type CompareOptions } from "./options.js";
import { readScoredRun, requireModel, type ScoredRun } from "./scored-run.js";

/**
 * The noise floor where the run has none of its own, bits per byte. `llmap-native doctor --noise` measured 0 on a CPU; a change of 2.2e-7 relative of every
 * log-likelihood, as other batch shapes may make, would be 1e-10 (docs/compare.md).
 */
const defaultNoiseFloor = 1e-9;

/** A text that tells the two models apart. */
export interface DistinguishingText extends Omit<TextContribution, "column"> {
  /** Position in the text set. */
  text: number;
  source: string;
  /** Under the two models, nats, not clipped. */
  logLikelihood: [number, number];
  /** Its beginning, on one line. */
  excerpt: string;
}

/** What `compare` says of a pair. */
export interface Comparison extends Omit<PairComparison, "contributions" | "sources">, BootstrapOptions {
  models: [string, string];
  /** Bits per byte: the percentile interval of `kl` over resampled texts. */
  interval: Interval;
  verdict: Verdict;
  /** Where `kl` lies among published medians. */
  orientation: string;
  noiseFloor: { bitsPerByte: number; from: "run" | "default" };
  /** Threshold in nats; whether it is the map's or, without a map, the quantile of all scores; share of the pair's entries below it. */
  clip: { threshold: number; from: "map" | "quantile"; quantile: number; clippedShare: number };
  /** Texts used, and their mean UTF-8 bytes. */
  texts: number;
  meanBytes: number;
  sources: SourceShare[];
  distinguishingTexts: DistinguishingText[];
  /** Null without a limit. */
  gate: { maxKl: number; exceeded: boolean } | null;
}

/**
 * Compares two models of a run folder.
 * Errors: ERR_USAGE for an unknown model or an option out of range, ERR_NOT_FOUND where there is no run, ERR_NOTHING_DONE where no model is
 * scored, ERR_RUN_MISMATCH, ERR_RUN_FOLDER, ERR_ABORTED.
 */
export async function compare(options: CompareOptions): Promise<Comparison> {
  const { models, textsShown = defaultTextsShown, maxKl = null, threads = null, signal } = options;
  const { bootstrap: resamples = defaultCompareResamples, confidence = defaultConfidence, seed = defaultSeed } = options;
  requireBootstrap({ resamples, confidence, seed });
  requireThreads(threads);
  requireWholeNumber("textsShown (--texts-shown)", textsShown, 0);
  if (maxKl !== null && !(maxKl >= 0)) throw new LlmapError("ERR_USAGE", `Expected bits per byte from 0 for maxKl (--max-kl) but received ${maxKl}.`);
  const native: NativeOptions = { ...(signal ? { signal } : {}), ...(threads ? { threads } : {}) };

  const run = await readScoredRun(new RunFolder(options.out), options.onEvent);
  const { texts, used, L, meanBytes } = run;
  const raw = models.map((name) => matrixRow(L, requireModel(run, name)));
  const threshold = await clipThreshold(run, native);
  const pair = pairMatrix(raw);
  const clipped = await clip(pair.values, threshold.threshold, native);

  const [a, b] = [matrixRow(pair, 0), matrixRow(pair, 1)];
  const bytes = Float64Array.from(used, (text) => texts.texts[text]?.bytes ?? 0);
  const { contributions, ...numbers } = comparePair(a, b, bytes, Array.from(used, (text) => sourceOf(texts, text)));
  const [interval = { low: NaN, high: NaN }] = await klIntervals(pair, Int32Array.of(0, 1), bytes, drawResamples(used.length, resamples, seed), confidence, native);
  const noiseFloor = noiseFloorOf(run.record);
  return {
    models,
    ...numbers,
    interval,
    resamples,
    confidence,
    seed,
    verdict: verdictOf(numbers.kl, interval, noiseFloor.bitsPerByte),
    orientation: placeAmongBands(numbers.kl),
    noiseFloor,
    clip: { ...threshold, clippedShare: clipped / pair.values.length },
    texts: used.length,
    meanBytes,
    distinguishingTexts: contributions.slice(0, textsShown).map(({ column, ...contribution }) => {
      const text = used[column] ?? 0;
      return {
        text,
        source: sourceOf(texts, text),
        logLikelihood: [raw[0]?.[column] ?? NaN, raw[1]?.[column] ?? NaN],
        ...contribution,
        excerpt: excerptOf(texts.texts[text]?.content ?? ""),
      };
    }),
    gate: maxKl === null ? null : { maxKl, exceeded: numbers.kl > maxKl },
  };
}

/** The run's own noise floor, or the default. */
export function noiseFloorOf({ noiseFloor }: RunRecord): Comparison["noiseFloor"] {
  if (noiseFloor === null) return { bitsPerByte: defaultNoiseFloor, from: "default" };
  return { bitsPerByte: noiseFloor.bitsPerByte, from: "run" };
}

/** The threshold of the map, so that the number is the map's; without a map the quantile of all scores of the folder. */
async function clipThreshold({ record, L }: ScoredRun, native: NativeOptions): Promise<Omit<Comparison["clip"], "clippedShare">> {
  const known = record.map?.clip;
  if (known) return { threshold: known.threshold, from: "map", quantile: known.quantile };
  return { threshold: await quantile(L.values, defaultClip, native), from: "quantile", quantile: defaultClip };
}

function pairMatrix(rows: readonly Float64Array[]): Matrix {
  const matrix = allocateMatrix(rows.length, rows[0]?.length ?? 0);
  rows.forEach((row, i) => matrix.values.set(row, i * matrix.columns));
  return matrix;
}

const excerptLength = 80;

function excerptOf(content: string): string {
  // eslint-disable-next-line no-control-regex -- texts are anything, and terminals obey control characters
  const line = content.slice(0, 4 * excerptLength).replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
  const letters = Array.from(line);
  return letters.length <= excerptLength ? line : `${letters.slice(0, excerptLength - 1).join("")}…`;
}
