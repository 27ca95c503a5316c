/**
 * How likely each text is to be drawn when texts are resampled ("Likelihood Variance as Text Importance for Resampling Texts to Map Language
 * Models", Oyama et al., arXiv 2505.15428): texts on which the models differ most are drawn most often.
 */
import { LlmapError } from "../errors.js";
import type { Matrix } from "../native/matrix.js";
import type { ResamplingMethod } from "./resampling-method.js";

/**
 * Probabilities of the columns of Q; they add up to 1. One pass over Q.
 * @param Q K x N model coordinates, nats
 * Errors: ERR_NUMERIC with `ls` and `kl` where the models differ in no text, as one model alone does.
 */
export function textProbabilities(Q: Matrix, method: ResamplingMethod): Float64Array {
  if (method === "uniform") return new Float64Array(Q.columns).fill(1 / Q.columns);
  const weights = method === "ls" ? squareSums(Q) : pairDifferences(Q);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0)) {
    throw new LlmapError("ERR_NUMERIC", `The ${Q.rows === 1 ? "one model differs" : `${Q.rows} models differ`} in no text, so none is worth more than another. Score models that differ, or draw with --method uniform.`);
  }
  return weights.map((weight) => weight / total);
}

/** The sum of q^2 over the models, by text. */
function squareSums({ rows, columns, values }: Matrix): Float64Array {
  const sums = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let s = 0; s < columns; s++) {
      const q = values[row * columns + s] ?? NaN;
      sums[s] = (sums[s] ?? NaN) + q * q;
    }
  }
  return sums;
}

/**
 * sqrt(2 K sum q^4 + 6 (sum q^2)^2 - 8 sum q sum q^3) by text: the sum of (q_i - q_j)^4 over all i and j, multiplied out. The sum of q itself
 * is not taken for zero, since it need not be for models that joined later.
 */
function pairDifferences({ rows, columns, values }: Matrix): Float64Array {
  const [q1, q2, q3, q4] = [new Float64Array(columns), new Float64Array(columns), new Float64Array(columns), new Float64Array(columns)];
  for (let row = 0; row < rows; row++) {
    for (let s = 0; s < columns; s++) {
      const q = values[row * columns + s] ?? NaN;
      const square = q * q;
      q1[s] = (q1[s] ?? NaN) + q;
      q2[s] = (q2[s] ?? NaN) + square;
      q3[s] = (q3[s] ?? NaN) + square * q;
      q4[s] = (q4[s] ?? NaN) + square * square;
    }
  }
  return q1.map((sum, s) => {
    const [square, cube, fourth] = [q2[s] ?? NaN, q3[s] ?? NaN, q4[s] ?? NaN];
    // Rounding may leave a little less than nothing where the models agree.
    return Math.sqrt(Math.max(0, 2 * rows * fourth + 6 * square * square - 8 * sum * cube));
  });
}
