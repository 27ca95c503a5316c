/**
 * The convex combination of models that comes nearest to a model in Q space: weights of at least 0 that add up to one. Adding up to one makes the answer
 * one about distances alone: it does not change with the column means that double centring takes off, and so not with the other models of the run.
 */
import type { Matrix } from "../native/matrix.js";
import { nonNegativeLeastSquares } from "./nnls.js";

/**
 * The Gram matrix of the candidates seen from the model: entry ij is <q_i - q_m, q_j - q_m> = (D_im + D_jm - D_ij) / 2.
 * @param squared K x K squared distances
 */
export function gramFrom(squared: Matrix, model: number, candidates: readonly number[]): Float64Array {
  const { columns, values } = squared;
  const distance = (i: number, j: number): number => values[i * columns + j] ?? NaN;
  return Float64Array.from({ length: candidates.length ** 2 }, (_, at) => {
    const [i, j] = [candidates[Math.floor(at / candidates.length)] ?? 0, candidates[at % candidates.length] ?? 0];
    return (distance(i, model) + distance(j, model) - distance(i, j)) / 2;
  });
}

/**
 * Weights that make w'Gw least. Non-negative least squares of |Aw|^2 + s (sum of w - 1)^2, divided by its sum: for every s > 0 exactly the answer under
 * the constraint, since w'Gw grows with the square of the sum. s is the mean of the diagonal, so that the scale of G does not matter.
 * @param gram n x n Gram matrix, n at least 1
 */
export function convexWeights(gram: Float64Array): Float64Array {
  const n = Math.sqrt(gram.length);
  let trace = 0;
  for (let i = 0; i < n; i++) trace += gram[i * n + i] ?? 0;
  const scale = trace > 0 ? n / trace : 1;
  const weights = nonNegativeLeastSquares(gram.map((value) => value * scale + 1), new Float64Array(n).fill(1));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** Squared distance of the model from the combination, w'Gw; 0 where rounding leaves less. */
export function unexplained(gram: Float64Array, weights: Float64Array): number {
  const n = weights.length;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) sum += (weights[i] ?? 0) * (gram[i * n + j] ?? 0) * (weights[j] ?? 0);
  }
  return Math.max(0, sum);
}

/** A weighted mean of models. */
export interface Combination {
  models: number[];
  /** Add up to one; largest first. */
  weights: Float64Array;
}

/** Weights below this are dropped, and the others found again: parents that hardly count are not told from chance. */
const leastWeight = 0.1;

/** The combination of the candidates nearest to the model, without those of little weight. @param candidates at least one */
export function nearestCombination(squared: Matrix, model: number, candidates: readonly number[]): Combination {
  let models = [...candidates];
  for (;;) {
    const weights = convexWeights(gramFrom(squared, model, models));
    const kept = models.filter((_, i) => (weights[i] ?? 0) >= leastWeight);
    if (kept.length === models.length || kept.length === 0) {
      const order = Array.from(models.keys()).sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0));
      return { models: order.map((i) => models[i] ?? 0), weights: Float64Array.from(order, (i) => weights[i] ?? 0) };
    }
    models = kept;
  }
}
