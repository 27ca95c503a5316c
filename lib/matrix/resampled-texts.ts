/** A draw of texts, and squared distances between models estimated from it (arXiv 2505.15428). */
import { allocateMatrix, squaredDistances, type Matrix, type NativeOptions } from "../native/matrix.js";
import { samplePositions } from "../texts/sample-texts.js";
import type { RowMeans } from "./resampling-method.js";
import { sortedQuantile } from "./sorted-quantile.js";

/** The unique texts of a draw, ascending; the arrays have one entry each. */
export interface ResampledTexts {
  /** Columns of Q. */
  texts: Int32Array;
  /** How often each was drawn. */
  counts: Int32Array;
  /** w, the scale of each text's column: sqrt(count / (draws x probability)). The expectation of w^2 is 1, over all texts. */
  scales: Float64Array;
}

/** Draws with replacement. @param probabilities one per text, of sum 1 @param draws n, at least 1 */
export function resampleTexts(probabilities: Float64Array, draws: number, random: () => number): ResampledTexts {
  const ends = new Float64Array(probabilities.length);
  let sum = 0;
  probabilities.forEach((probability, text) => (ends[text] = sum += probability));
  const all = new Int32Array(probabilities.length);
  for (let draw = 0; draw < draws; draw++) {
    const text = firstAbove(ends, random() * sum);
    all[text] = (all[text] ?? 0) + 1;
  }
  const texts = Int32Array.from(all.keys()).filter((text) => (all[text] ?? 0) > 0);
  const counts = Int32Array.from(texts, (text) => all[text] ?? 0);
  const scales = Float64Array.from(texts, (text, i) => Math.sqrt((counts[i] ?? 0) / (draws * (probabilities[text] ?? NaN))));
  return { texts, counts, scales };
}

/** So many different texts, each subset equally likely: what resampling is compared with. */
export function uniformSubset(total: number, count: number, random: () => number): ResampledTexts {
  const texts = samplePositions(total, count, random);
  return { texts, counts: new Int32Array(count).fill(1), scales: new Float64Array(count).fill(Math.sqrt(total / count)) };
}

/** Position of the first end above `value`; texts of probability 0 are never found. */
function firstAbove(ends: Float64Array, value: number): number {
  let [low, high] = [0, ends.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ends[middle] ?? NaN) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Squared distances over all N texts as the draw has them: sums over its texts of w^2 (q_i - q_j)^2.
 * @param Q K x N, nats, its rows centred over all texts
 * @returns K x K
 */
export async function resampledDistances(
  Q: Matrix,
  { texts, scales }: ResampledTexts,
  rowMeans: RowMeans,
  options: NativeOptions = {},
): Promise<Matrix> {
  const drawn = allocateMatrix(Q.rows, texts.length);
  const weights = scales.map((scale) => scale * scale);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (let row = 0; row < Q.rows; row++) {
    const at = (i: number): number => Q.values[row * Q.columns + (texts[i] ?? 0)] ?? NaN;
    const mean = rowMeans === "full" ? 0 : weights.reduce((sum, weight, i) => sum + weight * at(i), 0) / total;
    scales.forEach((scale, i) => (drawn.values[row * texts.length + i] = scale * (at(i) - mean)));
  }
  return await squaredDistances(drawn, options);
}

/** How far estimated squared distances are from those over all texts, over the pairs of different models (with a distance above 0). */
export interface DistanceErrors {
  /** Median of |estimate / exact - 1|. */
  medianRelative: number;
  /** Root of the mean of (estimate / exact - 1)^2. */
  rmsRelative: number;
  /** Mean of estimate / exact - 1: the bias. */
  meanRelative: number;
  /** Root of the mean of (estimate - exact)^2, in the unit of the distances. */
  rmsAbsolute: number;
}

/**
 * How far estimated squared distances are from exact ones, over all pairs whose exact distance is above 0.
 * @param exact K x K @param estimate K x K. All fields are NaN where no pair has a distance above 0.
 */
export function distanceErrors(exact: Matrix, estimate: Matrix): DistanceErrors {
  const relative: number[] = [];
  let squares = 0;
  for (let i = 0; i < exact.rows; i++) {
    for (let j = 0; j < i; j++) {
      const distance = exact.values[i * exact.columns + j] ?? NaN;
      const difference = (estimate.values[i * exact.columns + j] ?? NaN) - distance;
      if (distance === 0) continue;
      relative.push(difference / distance);
      squares += difference * difference;
    }
  }
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const sorted = relative.map(Math.abs).sort((a, b) => a - b);
  return {
    medianRelative: sortedQuantile(sorted, 0.5),
    rmsRelative: Math.sqrt(mean(relative.map((error) => error * error))),
    meanRelative: mean(relative),
    rmsAbsolute: Math.sqrt(squares / relative.length),
  };
}
