/** How often the verdicts of relatives.ts err, counted on models whose history is known. */
import { wilsonInterval } from "./wilson-interval.js";
import type { Interval } from "./bootstrap.js";
import type { RelativeLimits } from "./relatives.js";

/** Of `of` cases, `wrong` were judged wrongly. */
export interface ErrorCount {
  wrong: number;
  of: number;
}

export interface VerdictErrors {
  /** Of the verdicts that named a relative, those that named a wrong one. */
  named: ErrorCount;
  /** Of the models that have such a relative among the candidates, those of which none was named. */
  missed: ErrorCount;
  /** Of the models whose relatives of this kind were all kept from the candidates, those of which one was named all the same. */
  hidden: ErrorCount;
}

/** `original`: a parent that is the same model with more bits per weight; `parent`: one that the model was trained from. */
export const verdictKinds = ["copies", "original", "parent", "merge"] as const;
export type VerdictKind = (typeof verdictKinds)[number];

/** Of `of` models that have an ancestor among the candidates, `right` of which the guess was one, or a rounding of one. */
export interface RightCount {
  right: number;
  of: number;
}

export interface GuessCounts {
  /** The best guess; one at least of the three best. */
  first: RightCount;
  three: RightCount;
}

export interface RelativesFigures {
  /** What the errors were counted on. */
  families: number;
  models: number;
  texts: number;
  limits: RelativeLimits;
  /** Where sizes and architectures of the models are known, and from log-likelihoods alone. */
  withFacts: Record<VerdictKind, VerdictErrors> & { guess: GuessCounts };
  withoutFacts: Record<VerdictKind, VerdictErrors> & { guess: GuessCounts };
}

/** An error count as its share and 95 % interval (Wilson). */
export interface ErrorRate extends ErrorCount {
  share: number;
  interval: Interval;
}

export function errorRate({ wrong, of }: ErrorCount): ErrorRate {
  return { wrong, of, share: of === 0 ? 0 : wrong / of, interval: wilsonInterval(wrong, of) };
}

/** A count of right guesses as its share and 95 % interval (Wilson). */
export interface RightRate extends RightCount {
  share: number;
  interval: Interval;
}

export function rightRate({ right, of }: RightCount): RightRate {
  return { right, of, share: of === 0 ? 0 : right / of, interval: wilsonInterval(right, of) };
}

/** How often best guesses are right, by what is counted as right. */
export type GuessRates = Record<keyof GuessCounts, RightRate>;

/** How often each verdict was wrong, missed, or named where there is none. */
export type VerdictErrorRates = Record<keyof VerdictErrors, ErrorRate>;

export function errorRates(errors: VerdictErrors): VerdictErrorRates {
  return { named: errorRate(errors.named), missed: errorRate(errors.missed), hidden: errorRate(errors.hidden) };
}
