/** What is known of a model's failure beyond its reason: the cause of the LlmapError that the supervisor throws. */
import { LlmapError, type ErrorCode } from "../errors.js";
import type { ScoringStep } from "./messages.js";
import type { PlanParameters } from "./settings.js";

export class ScorerFault extends Error {
  override readonly name = "ScorerFault";

  /**
   * @param step what the scorer process was doing
   * @param backend "cpu", "cuda", ...; null where it had not come that far
   * @param plan null where it had not come that far
   * @param log the end of what it wrote to standard error, llama.cpp's messages among it
   */
  constructor(
    message: string,
    readonly step: ScoringStep,
    readonly backend: string | null,
    readonly plan: PlanParameters | null,
    readonly log: string,
  ) {
    super(message);
  }
}

/** The fault behind an error of the supervisor; null for an error of another kind. */
export function faultOf(error: unknown): ScorerFault | null {
  return error instanceof LlmapError && error.cause instanceof ScorerFault ? error.cause : null;
}

/** Failures that smaller batches may avoid: a crash, a hang, a batch that cannot be decoded, want of memory. */
export const mendedBySmallerBatches: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["ERR_SCORING", "ERR_MEMORY"]);
/** Failures that another device may avoid: those, and numbers that overflowed. */
export const mendedByCpu: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["ERR_SCORING", "ERR_MEMORY", "ERR_NUMERIC", "ERR_MODEL_LOAD"]);
