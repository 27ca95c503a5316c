/** The order in which a model is tried: as asked, once more with smaller batches, then on the CPU if a GPU was at fault. */
import { LlmapError } from "../errors.js";
import { faultOf, mendedByCpu, mendedBySmallerBatches } from "../scoring/scorer-fault.js";
import type { Fallback, ScoringOptions } from "../scoring/settings.js";

export interface ScoringAttempt {
  /** Null: as asked. */
  fallback: Fallback | null;
  options: ScoringOptions;
}

/** A smaller batch has this share of the tokens. */
const smallerBy = 4;
/** Where a model failed before its plan was known. */
const smallBatchTokens = 64;

/**
 * What to try after a failed attempt, or null where nothing more is worth trying.
 * @param asked what the user asked for
 */
export function nextAttempt(failed: ScoringAttempt, asked: ScoringOptions, error: LlmapError): ScoringAttempt | null {
  const fault = faultOf(error);
  if (fault === null) return null;
  const onGpu = fault.backend === null ? failed.options.gpu !== "off" : fault.backend !== "cpu";
  // Before a model is loaded, batches cannot matter.
  const batchesMatter = !(fault.step === "starting" && onGpu);
  if (failed.fallback === null && batchesMatter && mendedBySmallerBatches.has(error.code)) {
    const batchTokens = fault.plan?.batchTokens ?? failed.options.batchTokens;
    const smaller = batchTokens === null ? smallBatchTokens : Math.max(1, Math.floor(batchTokens / smallerBy));
    return { fallback: "smaller batch", options: { ...asked, batchTokens: smaller, sequences: 1, contexts: 1 } };
  }
  if (failed.fallback !== "cpu" && onGpu && mendedByCpu.has(error.code)) return { fallback: "cpu", options: { ...asked, gpu: "off" } };
  return null;
}

/** The attempt that follows {@link nextAttempt}'s answer on another machine. @param batchTokens of that answer */
export function attemptAgain(fallback: Fallback | null, batchTokens: number | null, asked: ScoringOptions): ScoringAttempt {
  if (fallback !== "smaller batch") return attemptOf(fallback, asked);
  return { fallback, options: { ...asked, batchTokens, sequences: 1, contexts: 1 } };
}

/** The attempt that rows marked with `fallback` were made in. */
export function attemptOf(fallback: Fallback | null, asked: ScoringOptions): ScoringAttempt {
  return { fallback, options: fallback === "cpu" ? { ...asked, gpu: "off" } : asked };
}

const words: Record<Fallback, string> = { "smaller batch": "with smaller batches", cpu: "on the CPU" };

/** "with smaller batches" or "on the CPU". */
export function describeFallback(fallback: Fallback): string {
  return words[fallback];
}

/** "as asked", or how a fallback is called. */
export function describeHow(fallback: Fallback | null): string {
  return fallback === null ? "as asked" : describeFallback(fallback);
}
