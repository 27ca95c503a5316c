/** L: one row per model, one column per text, nats. */
import { LlmapError } from "../errors.js";
import { allocateMatrix, type Matrix } from "../native/matrix.js";

/** One model's rows, in text order. */
export interface ModelScores {
  model: string;
  /** Sequence length of each text; below 2 it has no scored token. */
  tokens: Int32Array;
  /** Nats. */
  logLikelihood: Float64Array;
}

/** The log-likelihoods of all models on the texts that all of them have a scored token in. */
export interface LogLikelihoodMatrix {
  /** K x N, nats. */
  L: Matrix;
  /** Text positions of the columns. */
  texts: Int32Array;
  /** Text positions left out for all models, because a model has no scored token there. */
  leftOut: Int32Array;
}

/** Errors: ERR_TEXTS where no text is left. */
export function logLikelihoodMatrix(models: readonly ModelScores[], textCount: number): LogLikelihoodMatrix {
  const positions = Int32Array.from({ length: textCount }, (_, text) => text);
  const isScored = (text: number): boolean => models.every(({ tokens }) => (tokens[text] ?? 0) >= 2);
  const texts = positions.filter(isScored);
  const leftOut = positions.filter((text) => !isScored(text));
  if (texts.length === 0) {
    throw new LlmapError("ERR_TEXTS", `None of the ${textCount} texts has a scored token under every model. Use longer texts.`);
  }
  const L = allocateMatrix(models.length, texts.length);
  models.forEach(({ logLikelihood }, row) => {
    texts.forEach((text, column) => {
      L.values[row * texts.length + column] = logLikelihood[text] ?? NaN;
    });
  });
  return { L, texts, leftOut };
}
