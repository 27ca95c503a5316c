/** What one model is to others: copies, the parents of a merge, the likely parent. The rules; docs/relatives.md says how often they err. */
import type { Matrix } from "../native/matrix.js";
import { sortedQuantile } from "./bootstrap.js";
import { branchPoint } from "./branch-point.js";
import { mergeEvidence, type DividedDistances, type MergeEvidence } from "./merge-evidence.js";
import { bitsPerWeight, cannotBeParent, type ModelHistory } from "./model-history.js";

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
}

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
  /** Median squared distance of the model from all models of the run, also those that are not among the candidates. */
  medianDistance: number;
}

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

export interface RelativeVerdicts {
  /** Nearest first. */
  copies: number[];
  merge: MergeEvidence | null;
  parent: LikelyParent | null;
  /** Why there is no parent. */
  reason: NoParentReason | null;
}

/** Candidates of a merge: the nearest ones. `npm run bench:relatives` shows that more find no more. */
export const mergeCandidates = 32;
/** Third models for the branch point: the nearest ones. */
const thirdModels = 32;
/** Candidates beyond this share of the median distance are no parents under any limit. */
const farthestParent = 0.5;
/** That one of two copies has more bits per weight than the other, by more than files of one quantization differ. */
const moreBits = 1.1;
/** A combination that leaves more than this even on its own texts is not tried on others. */
const hopeless = 0.5;

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

export function judgeRelatives(input: RelativesInput, limits: RelativeLimits): RelativeVerdicts {
  const evidence = relativesEvidence(input, limits.merge);
  return { copies: evidence.copies, merge: evidence.merge, ...chooseParent(evidence, limits) };
}

/** All that the verdict on the parent needs, whatever its limits. @param mergeLimit as in {@link RelativeLimits} */
export function relativesEvidence(input: RelativesInput, mergeLimit: number): RelativesEvidence {
  const kin = new Kin(input, mergeLimit);
  const { model, histories, medianDistance } = input;
  const copies = kin.copiesOf(model);
  const bits = (row: number): number => bitsPerWeight(histories[row]) ?? 0;
  const originals = copies.filter((row) => bits(model) > 0 && bits(row) > moreBits * bits(model) && kin.couldBeParent(row, model));
  const original = originals.sort((a, b) => bits(b) - bits(a))[0] ?? null;
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
    const hasMoreBits = bits(model) > 0 && bits(row) > moreBits * bits(model);
    parents.push({ model: row, hasMoreBits, branchPoint: branchPoint(input.squared, model, row, third(row)), nearness: distance / medianDistance, lead: 0, next: null });
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

/** The distances, with copies taken together and merges found where they are asked for. */
class Kin {
  readonly #merges = new Map<number, MergeEvidence | null>();
  readonly #rows: number[];

  constructor(
    readonly input: RelativesInput,
    readonly mergeLimit: number,
  ) {
    this.#rows = [input.model, ...input.candidates];
  }

  distance(i: number, j: number): number {
    return this.input.squared.values[i * this.input.squared.columns + j] ?? NaN;
  }

  #nearestOf(model: number): number[] {
    return this.#rows.filter((row) => row !== model).sort((a, b) => this.distance(model, a) - this.distance(model, b) || a - b);
  }

  copiesOf(model: number): number[] {
    return this.#nearestOf(model).filter((row) => this.distance(model, row) <= this.input.copyLimit);
  }

  /** The others that are no copies of the model, nearest first; of several copies of one model that of most bits per weight. */
  distinctFrom(model: number): number[] {
    const groups: number[][] = [];
    for (const row of this.#nearestOf(model)) {
      if (this.distance(model, row) <= this.input.copyLimit) continue;
      const group = groups.find(([first]) => first !== undefined && this.distance(first, row) <= this.input.copyLimit);
      if (group === undefined) groups.push([row]);
      else group.push(row);
    }
    const bits = (row: number): number => bitsPerWeight(this.input.histories[row]) ?? 0;
    return groups.map((group) => group.reduce((best, row) => (bits(row) > bits(best) ? row : best)));
  }

  couldBeParent(parent: number, child: number): boolean {
    const [one, other] = [this.input.histories[parent], this.input.histories[child]];
    return one !== undefined && other !== undefined && cannotBeParent(one, other) === null;
  }

  mergeOf(model: number): MergeEvidence | null {
    const known = this.#merges.get(model);
    if (known !== undefined) return known;
    const candidates = this.distinctFrom(model).filter((row) => this.couldBeParent(row, model)).slice(0, mergeCandidates);
    const within = (among: readonly number[]): MergeEvidence | null => {
      const evidence = mergeEvidence(this.input.squared, this.input.divided, model, among, hopeless, candidates);
      const isMerge = evidence !== null && Math.max(evidence.unexplainedOfIndependent, evidence.unexplainedOfSingle) <= this.mergeLimit;
      return isMerge ? evidence : null;
    };
    let found = within(candidates);
    // The fewest parents that explain it: without the one of least weight that can be spared, again and again.
    for (let fewer = found; fewer !== null; ) {
      found = fewer;
      const { models } = fewer;
      fewer = models.toReversed().map((spared) => within(models.filter((other) => other !== spared))).find((evidence) => evidence !== null) ?? null;
    }
    this.#merges.set(model, found);
    return found;
  }

  /** Whether the row is a merge that the model, or a copy of it, is a parent of: directly or through other merges. */
  isMadeFrom(row: number, model: number): boolean {
    const seen = new Set<number>();
    const open = [row];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const parent of this.mergeOf(next)?.models ?? []) {
        if (parent === model || this.distance(parent, model) <= this.input.copyLimit) return true;
        if (!seen.has(parent)) open.push(parent);
        seen.add(parent);
      }
    }
    return false;
  }
}
