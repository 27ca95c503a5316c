/** Whether a model is a merge of others: how much of it their best combination leaves unexplained on texts that had no part in finding the combination. */
import { squaredDistances, type Matrix, type NativeOptions } from "../native/matrix.js";
import { randomOrder, seededRandom } from "../random.js";
import { convexWeights, gramFrom, nearestCombination, unexplained, type Combination } from "./convex-combination.js";

/** Squared distances between models over one half of the texts and over the other. */
export type DividedDistances = [Matrix, Matrix];

/** How often the texts are divided; each half serves once for finding and once for testing. */
const divisions = 5;
/** A half of one text tells nothing apart. */
const fewestTexts = 4;

/**
 * Squared distances over halves of the texts, five times divided: what one half finds, the other tests.
 * @param Q K x N, row-centred or not: rows are centred over each half anew. The same seed divides the same way. None of fewer than four texts.
 */
export async function dividedDistances(Q: Matrix, seed: number, options: NativeOptions = {}): Promise<DividedDistances[]> {
  const random = seededRandom(seed);
  const divided: DividedDistances[] = [];
  for (let division = 0; division < divisions && Q.columns >= fewestTexts; division++) {
    const order = randomOrder(random, Q.columns);
    const middle = order.length >> 1;
    const of = (texts: Int32Array): Promise<Matrix> => squaredDistances(centredColumns(Q, texts), options);
    divided.push([await of(order.subarray(0, middle)), await of(order.subarray(middle))]);
  }
  return divided;
}

function centredColumns({ rows, columns, values }: Matrix, texts: Int32Array): Matrix {
  const some = new Float64Array(rows * texts.length);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (const text of texts) sum += values[row * columns + text] ?? NaN;
    const mean = sum / texts.length;
    texts.forEach((text, i) => (some[row * texts.length + i] = (values[row * columns + text] ?? NaN) - mean));
  }
  return { rows, columns: texts.length, values: some };
}

/** The best combination of candidates, and what it leaves unexplained on texts that it was not found with. */
export interface MergeEvidence extends Combination {
  /**
   * Mean over the halves held out: squared distance of the model from the combination, over what independent relatives at these distances would leave,
   * 1 / (sum of 1 / D). About 1 for a model with several children, which surround it in unlike directions; near 0 for a merge, which lies between its parents.
   */
  unexplainedOfIndependent: number;
  /** The same over the squared distance from the best single candidate. */
  unexplainedOfSingle: number;
}

/**
 * The best combination of two candidates or more; null where it has one model only, and without divided texts, which test it.
 * @param candidates rows of the matrices, nearest first, without copies of the model and of each other
 * @param rivals the models that the best single one is taken from; default: the candidates
 * @param limit where a combination leaves more than this on the very texts that it was found on, the texts are not divided, and null comes back
 */
export function mergeEvidence(
  squared: Matrix,
  divided: readonly DividedDistances[],
  model: number,
  candidates: readonly number[],
  limit: number,
  rivals: readonly number[] = candidates,
): MergeEvidence | null {
  if (candidates.length < 2 || divided.length === 0) return null;
  const combination = nearestCombination(squared, model, candidates);
  if (combination.models.length < 2) return null;
  const inSample = unexplained(gramFrom(squared, model, combination.models), combination.weights) / ofIndependent(squared, model, combination.models);
  if (inSample > limit) return null;
  let [independent, single, trials] = [0, 0, 0];
  for (const [one, other] of divided) {
    for (const [found, tested] of [[one, other], [other, one]] as const) {
      const { models } = nearestCombination(found, model, candidates);
      const left = unexplained(gramFrom(tested, model, models), convexWeights(gramFrom(found, model, models)));
      const nearest = rivals.reduce((best, candidate) => (between(found, model, candidate) < between(found, model, best) ? candidate : best));
      independent += left / ofIndependent(tested, model, models);
      single += left / between(tested, model, nearest);
      trials++;
    }
  }
  return { ...combination, unexplainedOfIndependent: independent / trials, unexplainedOfSingle: single / trials };
}

const between = ({ columns, values }: Matrix, i: number, j: number): number => values[i * columns + j] ?? NaN;

function ofIndependent(squared: Matrix, model: number, models: readonly number[]): number {
  return 1 / models.reduce((sum, other) => sum + 1 / between(squared, model, other), 0);
}
