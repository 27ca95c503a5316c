/** What a bootstrap is asked to do; apart from its work, so that the command line loads nothing heavy for its help. */
import { LlmapError } from "../errors.js";

export interface BootstrapOptions {
  /** Number of resamples, at least 20. */
  resamples: number;
  /** Share of the resamples that an interval holds, above 0 and below 1. */
  confidence: number;
  /** A whole number: the same seed draws the same texts on every machine. */
  seed: number;
}

export const defaultConfidence = 0.95;
export const defaultSeed = 42;
/** Fewer resamples say nothing about the ends of an interval. */
const fewestResamples = 20;
const mostResamples = 100_000;

/** Errors: ERR_USAGE naming the option. */
export function requireBootstrap({ resamples, confidence, seed }: BootstrapOptions): void {
  const fail = (expected: string, option: string, value: number): never => {
    throw new LlmapError("ERR_USAGE", `Expected ${expected} for ${option} but received ${value}.`);
  };
  if (!Number.isInteger(resamples) || resamples < fewestResamples || resamples > mostResamples) {
    fail(`a whole number from ${fewestResamples} to ${mostResamples}`, "resamples (--bootstrap)", resamples);
  }
  if (!(confidence > 0 && confidence < 1)) fail("a share above 0 and below 1", "confidence (--confidence)", confidence);
  if (!Number.isSafeInteger(seed)) fail("a whole number", "seed (--seed)", seed);
}
