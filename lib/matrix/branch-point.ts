/**
 * Where on the way from a candidate to a model other models branch off. Steps of unlike training are nearly orthogonal in Q space, so squared distances add up
 * along a family tree (additive distances, as in the three-point condition of phylogenetics), and for a third model X
 *
 *   b = (D(model, candidate) + D(candidate, X) - D(model, X)) / (2 D(model, candidate))
 *
 * is 0 where X leaves at the candidate (the model was made from it), 1 where it leaves at the model (the candidate was made from it), and between for siblings.
 */
import type { Matrix } from "../native/matrix.js";

/** How many third models are asked: the nearest ones. */
export const thirdModels = 32;

/**
 * The mean of b over third models, weighted by 1 / D(candidate, X): the farther X, the more chance there is in its b. NaN without a third model. A third model that
 * equals the candidate says nothing, since all of its b is chance, and is passed over.
 * @param squared K x K squared distances
 */
export function branchPoint({ columns, values }: Matrix, model: number, candidate: number, others: readonly number[]): number {
  const distance = (i: number, j: number): number => values[i * columns + j] ?? NaN;
  const length = distance(model, candidate);
  let [sum, total] = [0, 0];
  for (const other of others) {
    if (distance(candidate, other) === 0) continue;
    const weight = 1 / distance(candidate, other);
    sum += (weight * (length + distance(candidate, other) - distance(model, other))) / (2 * length);
    total += weight;
  }
  return sum / total;
}
