/** What scoring yields: one row per text. */

/** Rows as plain columns of equal length. */
export interface ScoreRows {
  /** Position in the text set. */
  text: Int32Array;
  /** Length of the sequence, the first token included. Below 2, the text has no scored token. */
  tokens: Int32Array;
  /** Nats, the sum over the sequence's tokens but the first; 0 where there is none. */
  logLikelihood: Float64Array;
  /** Cut at the trained context. */
  truncated: boolean[];
  /** Where wanted: of every scored token, row after row. */
  scoredTokens?: ScoredTokens;
}

/** The scored tokens of several texts, one after the other: max(0, tokens - 1) of each. */
export interface ScoredTokens {
  /** Ids in the model's vocabulary. */
  ids: Int32Array;
  /** Log-probabilities, nats. */
  logProbs: Float32Array;
  /** Bytes of the text (UTF-8) that each stands for; 0 where `firstBytes` is -1. */
  bytes: Int32Array;
  /** Of each text: its bytes before the first scored token; -1 where it is not known which bytes the tokens stand for. */
  firstBytes: Int32Array;
}
