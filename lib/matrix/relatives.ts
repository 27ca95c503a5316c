/** What one model is to others: copies, the parents of a merge, the likely parent. The rules; docs/relatives.md says how often they err. */
import type { Matrix } from "../native/matrix.js";
import { branchPoint, thirdModels } from "./branch-point.js";
import { Kin } from "./kin.js";
import type { DividedDistances, MergeEvidence } from "./merge-evidence.js";
import type { ModelHistory } from "./model-history.js";
import { parentCandidates, rankedGuesses, type ParentCandidate } from "./parent-guess.js";
import { sortedQuantile } from "./sorted-quantile.js";

/** Limits of the rules. `npm run bench:relatives` chooses them on one half of the families of known lineage. */
export interface RelativeLimits {
  /** Share that the parents of a merge may leave unexplained on texts held out (merge-evidence.ts), of independent relatives and of the best single one. */
  merge: number;
  /** A parent's branch point is at most this. */
  branchPoint: number;
  /** A parent's KL divergence is at most this share of the median over all candidates. */
  nearness: number;
  /** A parent's KL divergence is at most this share of that of the next candidate that could be one. */
  lead: number;
  /** Weight of the whole distance in the rank of best guesses (parent-guess.ts). */
  guess: number;
}

/** What `judgeRelatives` judges by; models are rows of the matrices. */
export interface RelativesInput {
  /** Squared distances of the model and the candidates, and over halves of the texts. */
  squared: Matrix;
  divided: readonly DividedDistances[];
  /** Of each row. */
  histories: readonly ModelHistory[];
  model: number;
  /** Rows that may be relatives. */
  candidates: readonly number[];
  /** Squared distance up to which two models are copies of each other. */
  copyLimit: number;
  /** Median squared distance of the model from all models that may be candidates, also those that are too far to be looked at. */
  medianDistance: number;
}

/** A candidate that was found to be the parent; models are rows of the matrix. */
export interface LikelyParent {
  model: number;
  /** That it is the same model with more bits per weight. */
  isOriginal: boolean;
  /** Null of an original. */
  branchPoint: number | null;
  /** Its distance over the median; null of a near-duplicate. */
  nearness: number | null;
  /** The next candidate that could be the parent; null where there is none. */
  next: number | null;
}

export type NoParentReason = "merge" | "no third model" | "no candidate by facts" | "not near enough" | "no lead" | "not between";

/** What `judgeRelatives` finds; models are rows of the matrices. */
export interface RelativeVerdicts {
  /** Nearest first. */
  copies: number[];
  merge: MergeEvidence | null;
  parent: LikelyParent | null;
  /** Why there is no parent. */
  reason: NoParentReason | null;
  /** Best guesses of what the model was trained from, best first, where neither that nor a merge is named. */
  guesses: ParentCandidate[];
  /** Of a model that seems rounded: its original, which the guesses are of then. */
  guessesOf: number | null;
}

/** Candidates beyond this share of the median distance are no parents under any limit. */
const farthestParent = 0.5;

/** How many of the nearest models are looked at: as candidates, and as third models. */
const mostCandidates = 64;

/**
 * The candidates of {@link RelativesInput}, and the median of all distances.
 * @param rows all that may be candidates @param distances squared distance of the model from each
 */
export function nearestCandidates(rows: readonly number[], distances: Float64Array): Pick<RelativesInput, "candidates" | "medianDistance"> {
  const order = Array.from(rows.keys()).sort((a, b) => (distances[a] ?? NaN) - (distances[b] ?? NaN) || a - b);
  const candidates = order.slice(0, mostCandidates).map((i) => rows[i] ?? 0);
  return { candidates, medianDistance: sortedQuantile(distances.slice().sort(), 0.5) };
}

/** A candidate that could be the parent, with what speaks for it. */
export interface ParentEvidence {
  model: number;
  branchPoint: number;
  /** More bits per weight than the model: then the model was rounded from it, whatever the branch point, which is mostly chance where two are this near. */
  hasMoreBits: boolean;
  /** Its distance over the median, and over that of the next candidate that could be the parent (0 where there is none). */
  nearness: number;
  lead: number;
  next: number | null;
}

export interface RelativesEvidence {
  /** Nearest first. */
  copies: number[];
  merge: MergeEvidence | null;
  /** Of the copies that which the model can have been rounded from, by their bits per weight. */
  original: number | null;
  /** Nearest first. */
  parents: ParentEvidence[];
  /** Whether facts leave a candidate that could be the parent, and whether there is a third model. */
  hasPossibleParent: boolean;
  hasThirdModel: boolean;
}

/**
 * Says what a model is to the candidates: copies, merge, parent, guesses (docs/relatives.md). Rows in the result are those of the input's matrices.
 * @param limits in use are those of relativesFigures
 */
export function judgeRelatives(input: RelativesInput, limits: RelativeLimits): RelativeVerdicts {
  const kin = new Kin(input, limits.merge);
  const evidence = relativesEvidence(kin);
  const { parent, reason } = chooseParent(evidence, limits);
  const isAnswered = evidence.merge !== null || parent?.isOriginal === false;
  const { candidates, original } = isAnswered ? { candidates: [], original: null } : parentCandidates(kin, parent?.model ?? null, limits.nearness);
  return { copies: evidence.copies, merge: evidence.merge, parent, reason, guesses: rankedGuesses(candidates, limits.guess), guessesOf: original };
}

/** All that the verdict on the parent needs, whatever its limits. */
export function relativesEvidence(kin: Kin): RelativesEvidence {
  const { squared, model, medianDistance } = kin.input;
  const copies = kin.copiesOf(model);
  const originals = copies.filter((row) => kin.hasMoreBits(row, model) && kin.couldBeParent(row, model));
  const original = originals.sort((a, b) => kin.bits(b) - kin.bits(a))[0] ?? null;
  const distinct = kin.distinctFrom(model);
  const possible = distinct.filter((row) => kin.couldBeParent(row, model));
  const third = (row: number): number[] => distinct.filter((other) => other !== row).slice(0, thirdModels);
  const parents: ParentEvidence[] = [];
  for (const row of possible) {
    if (kin.isMadeFrom(row, model)) continue;
    const distance = kin.distance(model, row);
    const before = parents.at(-1);
    if (before !== undefined) [before.next, before.lead] = [row, kin.distance(model, before.model) / distance];
    if (distance > farthestParent * medianDistance) break;
    const hasMoreBits = kin.hasMoreBits(row, model);
    parents.push({ model: row, hasMoreBits, branchPoint: branchPoint(squared, model, row, third(row)), nearness: distance / medianDistance, lead: 0, next: null });
  }
  return { copies, merge: kin.mergeOf(model), original, parents, hasPossibleParent: possible.length > 0, hasThirdModel: distinct.length > 1 };
}

/** The nearest candidate that is near enough, lies between the model and the others, and leads the next by enough. */
export function chooseParent(evidence: RelativesEvidence, limits: RelativeLimits): Pick<RelativeVerdicts, "parent" | "reason"> {
  const { original, merge, parents } = evidence;
  if (original !== null) return { parent: { model: original, isOriginal: true, branchPoint: null, nearness: null, next: null }, reason: null };
  if (merge !== null) return { parent: null, reason: "merge" };
  if (!evidence.hasPossibleParent) return { parent: null, reason: "no candidate by facts" };
  if (!evidence.hasThirdModel) return { parent: null, reason: "no third model" };
  const near = parents.filter(({ nearness }) => nearness <= limits.nearness);
  const between = near.filter(({ branchPoint: at, hasMoreBits }) => hasMoreBits || at <= limits.branchPoint);
  const found = between.find(({ lead }) => lead <= limits.lead);
  if (found === undefined) return { parent: null, reason: near.length === 0 ? "not near enough" : between.length === 0 ? "not between" : "no lead" };
  const { model, hasMoreBits, branchPoint: at, nearness, next } = found;
  return { parent: { model, isOriginal: hasMoreBits, branchPoint: hasMoreBits ? null : at, nearness, next }, reason: null };
}
