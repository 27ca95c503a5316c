/** What a bootstrap is asked to do; apart from its work, so that the command line loads nothing heavy for its help. */
import { LlmapError } from "../errors.js";
import { requireSeed, requireWholeNumber } from "../option-checks.js";

/** How texts are resampled for an interval. */
export interface BootstrapOptions {
  /** Number of resamples, at least 20. */
  resamples: number;
  /** Share of the resamples that an interval holds, above 0 and below 1. */
  confidence: number;
  /** A whole number: the same seed draws the same texts on every machine. */
  seed: number;
}

export const defaultConfidence = 0.95;
/** Of the comparison of one pair. */
export const defaultCompareResamples = 1000;
/** Fewer resamples say nothing about the ends of an interval. */
const fewestResamples = 20;
const mostResamples = 100_000;

/** Errors: ERR_USAGE naming the option. */
export function requireBootstrap({ resamples, confidence, seed }: BootstrapOptions): void {
  requireWholeNumber("resamples (--bootstrap)", resamples, fewestResamples, mostResamples);
  if (!(confidence > 0 && confidence < 1)) {
    throw new LlmapError("ERR_USAGE", `Expected a share above 0 and below 1 for confidence (--confidence) but received ${confidence}.`);
  }
  requireSeed(seed);
}
