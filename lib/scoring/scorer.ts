/** The two ways from token sequences to log-likelihoods, behind one interface. */
import type { Float64, Int32, Table } from "apache-arrow";

/** One row per sequence of a batch. `tokens`: its length; `log_likelihood`: nats, the sum over its tokens but the first. */
export type BatchScores = Table<{ tokens: Int32; log_likelihood: Float64 }>;

export interface Scorer {
  readonly kind: "native" | "portable";
  /**
   * Scores independent token sequences, decoded together.
   * @param sequences at most as many as the context has; each at most its context size long
   */
  scoreBatch(sequences: readonly Int32Array[]): Promise<BatchScores>;
  dispose(): Promise<void>;
}
