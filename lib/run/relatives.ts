/** One model of a run among the others: the nearest ones, its copies, its likely parent, the parents of a merge. docs/relatives.md explains the verdicts. */
import { LlmapError } from "../errors.js";
import { defaultCompareResamples, defaultConfidence, requireBootstrap, type BootstrapOptions } from "../matrix/bootstrap-options.js";
import { drawResamples, type Interval } from "../matrix/bootstrap.js";
import { bitsPerBytePerSquaredDistance } from "../matrix/kl-divergence.js";
import { klIntervals } from "../matrix/kl-intervals.js";
import { dividedDistances } from "../matrix/merge-evidence.js";
import { modelCoordinates } from "../matrix/model-coordinates.js";
import { sharedFacts, type ModelHistory } from "../matrix/model-history.js";
import type { ParentCandidate } from "../matrix/parent-guess.js";
import { errorRates, rightRate, type GuessRates, type VerdictErrorRates, type VerdictKind } from "../matrix/relatives-errors.js";
import { relativesFigures } from "../matrix/relatives-figures.js";
import { judgeRelatives, nearestCandidates, type LikelyParent, type NoParentReason } from "../matrix/relatives.js";
import { squaredDistance } from "../matrix/squared-distance.js";
import { closeLimit, verdictOf, type Verdict } from "../matrix/verdict.js";
import { labelOf } from "../models/labels.js";
import { allocateMatrix, matrixRow, squaredDistances, type Matrix, type NativeOptions } from "../native/matrix.js";
import { requireWholeNumber } from "../option-checks.js";
import { defaultSeed } from "../random.js";
import { RunFolder } from "../store/run-folder.js";
import type { ModelRow } from "../store/models-table.js";
import { noiseFloorOf, type Comparison } from "./compare.js";
import { defaultNearestShown, requireThreads, type RelativesOptions } from "./options.js";
import { clipOfMap, readScoredRun, requireModel, type ScoredRun } from "./scored-run.js";

/** How many best guesses are given. */
const guessesShown = 3;
/** Branch points that speak for a candidate, and against it. */
const [atCandidate, nearerToModel] = [0.25, 0.5];

/** A model and how far it is from the one asked for. */
export interface Relative {
  model: string;
  /** Bits per byte, and its percentile interval over resampled texts. */
  kl: number;
  interval: Interval;
}

/** A model near to the one asked for, and what the distance says. */
export interface NearestRelative extends Relative {
  verdict: Verdict;
}

/** The model that another was likely made from. */
export interface ParentVerdict extends Relative, Pick<LikelyParent, "isOriginal" | "branchPoint" | "nearness"> {
  /** The next candidate that could be the parent; how many widths of the parent's interval it is farther away. Null where there is none. */
  next: { model: string; kl: number; intervals: number } | null;
  /** What models.arrow and the labels say of both. */
  facts: string[];
}

/** A candidate for what a model was trained from, where nothing is named: no verdict. */
export interface ParentGuess extends Relative {
  /** Where other models branch off: 0 at the candidate, 1 at the model. Null without a third model. */
  branchPoint: number | null;
  /** What speaks for it and what against, as phrases: facts, the branch point, a merge. */
  for: string[];
  against: string[];
}

/** A model that was found to be a merge. */
export interface MergeVerdict {
  /** Weights of at least 0.1 that add up to one, largest first. */
  parents: { model: string; weight: number }[];
  /** On texts held out: what is left unexplained, over what the best single candidate leaves, and over what independent relatives would. */
  unexplainedOfSingle: number;
  unexplainedOfIndependent: number;
}

/** What `relatives` found. */
export interface Relatives extends BootstrapOptions {
  model: string;
  candidates: number;
  texts: number;
  nearest: NearestRelative[];
  /** Models that differ by no more than the noise floor or the published median of late neighbouring checkpoints. */
  nearDuplicates: NearestRelative[];
  parent: ParentVerdict | null;
  /** Why there is no parent; null where there is one. */
  noParent: NoParentReason | "no candidate" | null;
  /**
   * The three best guesses of what the model was trained from, best first, whether or not that is in the run. Empty where a trained parent or a merge is named, and
   * where facts speak against every candidate.
   */
  guesses: ParentGuess[];
  /** The model that the guesses are of: the model, or what it seems to be a rounding of. */
  guessesOf: string;
  merge: MergeVerdict | null;
  noiseFloor: Comparison["noiseFloor"];
  /** Counted on tiny models of known history, where facts of the model are known or from log-likelihoods alone. */
  errorRates: Record<VerdictKind, VerdictErrorRates>;
  /** How often the best guess was an ancestor or a rounding of one, and how often one of the three was, where an ancestor was among the candidates. */
  guessRates: GuessRates;
  measuredOn: { models: number; families: number; texts: number; factsKnown: boolean };
}

/**
 * Judges one model of a run folder against the others.
 * Errors: ERR_USAGE for an unknown model or an option out of range, ERR_NOT_FOUND where there is no run, ERR_NOTHING_DONE where no model is
 * scored, ERR_RUN_MISMATCH, ERR_RUN_FOLDER, ERR_ABORTED.
 */
export async function relatives(options: RelativesOptions): Promise<Relatives> {
  const { nearest: nearestShown = defaultNearestShown, threads = null, signal } = options;
  const { bootstrap: resamples = defaultCompareResamples, confidence = defaultConfidence, seed = defaultSeed } = options;
  requireBootstrap({ resamples, confidence, seed });
  requireThreads(threads);
  requireWholeNumber("nearest (--nearest)", nearestShown, 1);
  const native: NativeOptions = { ...(signal ? { signal } : {}), ...(threads ? { threads } : {}) };

  const run = await readScoredRun(new RunFolder(options.out), options.onEvent);
  const { models, L: Q, meanBytes, used } = run;
  const row = requireModel(run, options.model);
  const among = candidateRows(run, row, options.candidates ?? []);
  const bitsPerByte = bitsPerBytePerSquaredDistance(Q.columns, meanBytes);
  const noiseFloor = noiseFloorOf(run.record);
  const bytes = Float64Array.from(used, (text) => run.texts.texts[text]?.bytes ?? 0);
  if (models.length > 1) await modelCoordinates(Q, clipOfMap(run.record), native);

  const distances = Float64Array.from(among, (other) => squaredDistance(matrixRow(Q, row), matrixRow(Q, other)));
  const { candidates, medianDistance } = nearestCandidates(among, distances);
  // The model is row 0 of the smaller matrix, the nearest candidate row 1.
  const rows = [row, ...candidates];
  const near = rowsOf(Q, rows);
  const drawn = drawResamples(Q.columns, resamples, seed);
  const intervals = await klIntervals(near, Int32Array.from(candidates.flatMap((_, i) => [0, i + 1])), bytes, drawn, confidence, native);
  const squared = await squaredDistances(near, native);
  const histories = rows.map((at) => historyOf(models[at]?.row));
  const verdicts = judgeRelatives(
    {
      squared,
      divided: await dividedDistances(near, seed, native),
      histories,
      model: 0,
      candidates: candidates.map((_, i) => i + 1),
      copyLimit: Math.max(closeLimit, noiseFloor.bitsPerByte) / bitsPerByte,
      medianDistance,
    },
    relativesFigures.limits,
  );

  const nameOf = (at: number): string => models[rows[at] ?? -1]?.row.name ?? "";
  const relative = (at: number): Relative => ({ model: nameOf(at), kl: (squared.values[at] ?? NaN) * bitsPerByte, interval: intervals[at - 1] ?? { low: NaN, high: NaN } });
  const judged = (at: number): NearestRelative => {
    const found = relative(at);
    return { ...found, verdict: verdictOf(found.kl, found.interval, noiseFloor.bitsPerByte) };
  };
  const guessed = (candidate: ParentCandidate): ParentGuess => {
    const [one, other] = [histories[candidate.model], histories[0]];
    const shared = one === undefined || other === undefined ? [] : sharedFacts(one, other);
    return { ...relative(candidate.model), branchPoint: candidate.branchPoint, ...forAndAgainst(candidate, shared) };
  };
  const { parent, merge } = verdicts;
  const [own] = histories;
  const factsKnown = own !== undefined && own.bytes > 0 && own.parameters > 0;
  const errors = factsKnown ? relativesFigures.withFacts : relativesFigures.withoutFacts;
  return {
    model: options.model,
    candidates: among.length,
    texts: Q.columns,
    resamples,
    confidence,
    seed,
    nearest: candidates.slice(0, nearestShown).map((_, i) => judged(i + 1)),
    nearDuplicates: verdicts.copies.map(judged),
    parent: parent === null || own === undefined ? null : parentVerdict(parent, relative, sharedFacts(histories[parent.model] ?? own, own)),
    noParent: among.length === 0 ? "no candidate" : verdicts.reason,
    guesses: verdicts.guesses.slice(0, guessesShown).map(guessed),
    guessesOf: nameOf(verdicts.guessesOf ?? 0),
    merge: merge && {
      parents: merge.models.map((at, i) => ({ model: nameOf(at), weight: merge.weights[i] ?? NaN })),
      unexplainedOfSingle: merge.unexplainedOfSingle,
      unexplainedOfIndependent: merge.unexplainedOfIndependent,
    },
    noiseFloor,
    errorRates: {
      copies: errorRates(errors.copies),
      original: errorRates(errors.original),
      parent: errorRates(errors.parent),
      merge: errorRates(errors.merge),
    },
    guessRates: { first: rightRate(errors.guess.first), three: rightRate(errors.guess.three) },
    measuredOn: { models: relativesFigures.models, families: relativesFigures.families, texts: relativesFigures.texts, factsKnown },
  };
}

function parentVerdict({ model, isOriginal, branchPoint, nearness, next }: LikelyParent, relative: (at: number) => Relative, facts: string[]): ParentVerdict {
  const found = relative(model);
  const width = found.interval.high - found.interval.low;
  const after = next === null ? null : relative(next);
  return { ...found, isOriginal, branchPoint, nearness, next: after && { model: after.model, kl: after.kl, intervals: (after.kl - found.kl) / width }, facts };
}

function forAndAgainst({ branchPoint: at, isMerge, hasFewerBits }: ParentCandidate, shared: readonly string[]): Pick<ParentGuess, "for" | "against"> {
  return {
    for: [...(at !== null && at <= atCandidate ? ["other models branch off at it"] : []), ...shared],
    against: [
      ...(at !== null && at >= nearerToModel ? ["other models branch off nearer to the model, as if it were the child"] : []),
      ...(isMerge ? ["it looks like a merge of others"] : []),
      ...(hasFewerBits ? ["fewer bits per weight"] : []),
    ],
  };
}

/** The rows that may be relatives: those named, or all but the model itself. */
function candidateRows(run: ScoredRun, row: number, names: readonly string[]): number[] {
  if (names.length === 0) return [...run.models.keys()].filter((other) => other !== row);
  const rows = [...new Set(names.map((name) => requireModel(run, name)))];
  if (rows.includes(row)) {
    throw new LlmapError("ERR_USAGE", `${names.find((name) => requireModel(run, name) === row) ?? ""} cannot be a candidate (--candidates) of itself. Name other models.`);
  }
  return rows;
}

function historyOf(row: ModelRow | undefined): ModelHistory {
  const { architecture = null, vocabularySize = null, quantization = null, parameters = 0, bytes = 0 } = row?.facts ?? {};
  const label = (name: string): string | null => (row === undefined ? null : labelOf(row, name));
  const step = Number(label("step") ?? NaN);
  return {
    architecture: architecture === "unknown" ? null : architecture, // as imported scores have it
    vocabularySize,
    quantization,
    parameters,
    bytes,
    trajectory: label("trajectory"),
    step: Number.isFinite(step) ? step : null,
    date: label("date"),
  };
}

function rowsOf(matrix: Matrix, rows: readonly number[]): Matrix {
  const some = allocateMatrix(rows.length, matrix.columns);
  rows.forEach((row, i) => some.values.set(matrixRow(matrix, row), i * matrix.columns));
  return some;
}
