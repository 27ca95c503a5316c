/** Candidates for what a model was trained from, ranked where the evidence names none; docs/relatives.md says how often the first is right. */
import { branchPoint, thirdModels } from "./branch-point.js";
import type { Kin } from "./kin.js";
import { fewerBits } from "./model-history.js";

/** A model that another may have been trained from; models are rows of the matrix. */
export interface ParentCandidate {
  model: number;
  /** Squared. */
  distance: number;
  /** Null without a third model. */
  branchPoint: number | null;
  /** That it looks like a merge of others: the rank puts those last. */
  isMerge: boolean;
  /** That it has fewer bits per weight than the model. */
  hasFewerBits: boolean;
}

export interface ParentCandidates {
  /** Nearest first. */
  candidates: ParentCandidate[];
  /** The model of more bits per weight that the model is taken for a rounding of: then the candidates are those of what that one was trained from. */
  original: number | null;
}

/**
 * All that the model can have been trained from: without copies, roundings and merges of the model and of its original, without those that facts rule out, and with
 * one model for all its roundings. Fewer bits per weight rule nobody out who is no rounding of the model: often a base is at hand as a rounding only.
 * @param named the original of the model, where one is named
 * @param nearness share of the median distance up to which a model of fewer bits per weight is taken for a rounding
 */
export function parentCandidates(kin: Kin, named: number | null, nearness: number): ParentCandidates {
  const { model, squared, medianDistance, copyLimit } = kin.input;
  const original = named ?? kin.originalOf(model, nearness * medianDistance);
  const itself = original === null ? [model] : [model, original];
  const isItself = (row: number): boolean => itself.some((own) => own === row || kin.distance(own, row) <= copyLimit);
  const others = kin.distinctFrom(model).filter((row) => !isItself(row) && kin.originalOf(row, nearness * medianDistance) === null);
  const third = others.filter((row) => kin.mergeOf(row) === null);
  const candidates: ParentCandidate[] = [];
  for (const row of others) {
    const against = kin.againstParent(row, model);
    if ((against !== null && against !== fewerBits) || itself.some((own) => kin.isMadeFrom(row, own))) continue;
    const at = branchPoint(squared, model, row, third.filter((other) => other !== row).slice(0, thirdModels));
    candidates.push({
      model: row,
      distance: kin.distance(model, row),
      branchPoint: Number.isNaN(at) ? null : at,
      isMerge: !third.includes(row),
      hasFewerBits: against !== null,
    });
  }
  return { candidates, original };
}

/**
 * Best first. The branch point times the distance is how far the candidate has gone its own way since others branched off: nothing for an ancestor, much for a
 * sibling or a child. Of several ancestors the nearest one is meant, so a part of the whole distance is added.
 * @param weight of the whole distance
 */
export function rankedGuesses(candidates: readonly ParentCandidate[], weight: number): ParentCandidate[] {
  const score = ({ distance, branchPoint: at }: ParentCandidate): number => distance * (weight + Math.max(0, at ?? 0));
  return [...candidates].sort((a, b) => Number(a.isMerge) - Number(b.isMerge) || score(a) - score(b));
}
