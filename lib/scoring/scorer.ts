/** The two ways from token sequences to log-likelihoods, behind one interface. */
import type { Float64, Int32, Table } from "apache-arrow";
import type { TokenPieces } from "./token-bytes.js";

/** One row per sequence of a batch. `tokens`: its length; `log_likelihood`: nats, the sum over its tokens but the first. */
export type BatchScores = Table<{ tokens: Int32; log_likelihood: Float64 }>;

export interface Scorer {
  readonly kind: "native" | "portable";
  /**
   * Scores independent token sequences, decoded together.
   * @param sequences at most as many as the context has; each at most its context size long
   * @param logProbs receives log-probabilities (nats), one per token but the first of each sequence, in order; null: not wanted
   * Errors: {@link SequenceError} for logits that are not finite; LlmapError ERR_SCORING where a batch cannot be decoded.
   */
  scoreBatch(sequences: readonly Int32Array[], logProbs: Float32Array | null): Promise<BatchScores>;
  /** The pieces of the vocabulary, or null where this scorer cannot tell. */
  tokenPieces(): TokenPieces | null;
  dispose(): Promise<void>;
}

/** Logits of one sequence of a batch that cannot be used; who knows its text turns it into an LlmapError. */
export class SequenceError extends Error {
  override readonly name = "SequenceError";

  /** @param sequence position in the batch */
  constructor(
    readonly sequence: number,
    reason: string,
  ) {
    super(reason);
  }
}
