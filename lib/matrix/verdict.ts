/** What a KL divergence says of two models, in one word. */
import type { Interval } from "./bootstrap.js";
import { publishedBands } from "./kl-scale.js";

/** Whether two models can be told apart (docs/compare.md). */
export type Verdict = "indistinguishable" | "close" | "apart";

/** Bits per byte; the published median of late neighbouring checkpoints of one training (arXiv 2505.15353). */
export const closeLimit = publishedBands[0]?.median ?? 0.011;

/**
 * indistinguishable: the interval reaches down to the noise floor, so that the difference may be that of computing one model twice;
 * close: not above {@link closeLimit}; apart: above it.
 * @param noiseFloor KL divergence of a model from itself, computed in another way; bits per byte
 */
export function verdictOf(kl: number, interval: Interval, noiseFloor: number): Verdict {
  if (interval.low <= noiseFloor) return "indistinguishable";
  return kl <= closeLimit ? "close" : "apart";
}
