/** Non-negative least squares and convex combinations against scipy (scripts/reference/relatives.py), and what must hold of them. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { convexWeights, gramFrom, nearestCombination } from "../../lib/matrix/convex-combination.js";
import { dividedDistances, mergeEvidence } from "../../lib/matrix/merge-evidence.js";
import { judgeRelatives, nearestCandidates } from "../../lib/matrix/relatives.js";
import { relativesFigures } from "../../lib/matrix/relatives-figures.js";
import { nonNegativeLeastSquares } from "../../lib/matrix/nnls.js";
import { wilsonInterval } from "../../lib/matrix/wilson-interval.js";
import { allocateMatrix, squaredDistances, type Matrix } from "../../lib/native/matrix.js";
import { normal, randomOrder, seededRandom } from "../../lib/random.js";
import { fixture } from "../helpers/fixtures.js";
import { simulatedWorld } from "../helpers/simulated-world.js";

interface Reference {
  nnls: { a: number[][]; b: number[]; weights: number[] }[];
  convex: { points: number[][]; weights: number[] };
}
const reference = JSON.parse(readFileSync(fixture("reference/relatives.json"), "utf8")) as Reference;

const dot = (x: readonly number[], y: readonly number[]): number => x.reduce((sum, value, i) => sum + value * (y[i] ?? NaN), 0);
const gramOf = (vectors: readonly number[][]): Float64Array => Float64Array.from(vectors.flatMap((x) => vectors.map((y) => dot(x, y))));
const columnsOf = (a: readonly number[][]): number[][] => (a[0] ?? []).map((_, j) => a.map((row) => row[j] ?? NaN));
const largestDifference = (x: ArrayLike<number>, y: ArrayLike<number>): number => Math.max(...Array.from(x, (value, i) => Math.abs(value - (y[i] ?? NaN))));

function centred(vectors: readonly ArrayLike<number>[]): Matrix {
  const matrix = allocateMatrix(vectors.length, vectors[0]?.length ?? 0);
  vectors.forEach((vector, i) => {
    const values = Array.from(vector);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    matrix.values.set(values.map((value) => value - mean), i * matrix.columns);
  });
  return matrix;
}

describe("against scipy", () => {
  it("non-negative least squares: 1e-9 absolute, the same columns at 0", () => {
    expect(reference.nnls.length).toBeGreaterThan(0);
    for (const { a, b, weights } of reference.nnls) {
      const columns = columnsOf(a);
      const found = nonNegativeLeastSquares(gramOf(columns), Float64Array.from(columns, (column) => dot(column, b)));
      expect(largestDifference(found, weights)).toBeLessThan(1e-9);
      expect(Array.from(found, (weight) => weight === 0)).toEqual(weights.map((weight) => weight === 0));
    }
  });

  it("convex weights: 1e-6, as a general solver ends", () => {
    const { points, weights } = reference.convex;
    expect(largestDifference(convexWeights(gramOf(points)), weights)).toBeLessThan(1e-6);
  });
});

describe("properties", () => {
  const random = seededRandom(4);
  const vectors = Array.from({ length: 6 }, () => Array.from({ length: 40 }, () => normal(random)));

  it("scaling and the order of the candidates change nothing but the order", () => {
    const gram = gramOf(vectors.slice(0, 5));
    const weights = convexWeights(gram);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
    expect(largestDifference(convexWeights(gram.map((value) => 1e7 * value)), weights)).toBeLessThan(1e-12);
    const order = randomOrder(random, 5);
    const permuted = convexWeights(gramOf(Array.from(order, (i) => vectors[i] ?? [])));
    expect(largestDifference(permuted, Array.from(order, (i) => weights[i] ?? NaN))).toBeLessThan(1e-12);
  });

  it("the optimum holds: no column could lower the sum (Karush, Kuhn and Tucker), with 300 candidates of 100 dimensions", () => {
    const columns = Array.from({ length: 300 }, () => Array.from({ length: 100 }, () => normal(random)));
    const b = Array.from({ length: 100 }, () => normal(random));
    const gram = gramOf(columns);
    const f = Float64Array.from(columns, (column) => dot(column, b));
    const w = nonNegativeLeastSquares(gram, f);
    columns.forEach((_, j) => {
      const slope = (f[j] ?? NaN) - dot(Array.from(gram.subarray(j * 300, (j + 1) * 300)), Array.from(w));
      if ((w[j] ?? NaN) > 0) expect(Math.abs(slope)).toBeLessThan(1e-8);
      else expect(slope).toBeLessThan(1e-8);
    });
  });

  it("a candidate that equals the model has weight 1, also beside its twin", async () => {
    const squared = await squaredDistances(centred([vectors[0] ?? [], vectors[1] ?? [], vectors[0] ?? [], vectors[0] ?? []]));
    const { models, weights } = nearestCombination(squared, 0, [1, 2]);
    expect([models, Array.from(weights)]).toEqual([[2], [1]]);
    expect(nearestCombination(squared, 0, [2, 3]).weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
    expect(Array.from(convexWeights(gramFrom(squared, 0, [1])))).toEqual([1]);
  });

  it("a merge that is planted in a simulated world is found with its weights, within 0.02; a model with children is none", async () => {
    const world = simulatedWorld({ models: 40, texts: 2000, families: 4 });
    const [a, b] = [world.models[4], world.models[5]];
    if (a === undefined || b === undefined) throw new Error("no models");
    const planted = a.logLikelihood.map((value, s) => 0.65 * value + 0.35 * (b.logLikelihood[s] ?? NaN) + 0.05 * normal(random));
    const Q = centred([planted, ...world.models.map(({ logLikelihood }) => logLikelihood)]);
    const squared = await squaredDistances(Q);
    const divided = await dividedDistances(Q, 1);
    // One model of each group of roundings.
    const distinct = world.models.flatMap(({ labels }, i) => (labels.kind === "quantization" ? [] : [i + 1]));
    const found = mergeEvidence(squared, divided, 0, distinct, 0.5);
    expect(found?.models).toEqual([5, 6]);
    expect(largestDifference(found?.weights ?? [], [0.65, 0.35])).toBeLessThan(0.02);
    expect(found?.unexplainedOfSingle).toBeLessThan(0.01);
    expect(found?.unexplainedOfIndependent).toBeLessThan(0.01);
    // A base is no merge: where a combination is found at all, it leaves much of what independent relatives would.
    const bases = distinct.filter((row) => row !== 5 && row !== 6).slice(0, 8).map((row) => mergeEvidence(squared, divided, row, distinct.filter((other) => other !== row), 2));
    const left = bases.flatMap((evidence) => (evidence === null ? [] : [evidence.unexplainedOfIndependent]));
    expect(left.length).toBeGreaterThan(0);
    expect(Math.min(...left)).toBeGreaterThan(0.3);
  });

  it("in a simulated world, where squared distances add up along the tree, the best guess is an ancestor, mostly the parent, of a fine-tune or of the original of a rounded one", async () => {
    const { models } = simulatedWorld({ models: 60, texts: 4000, families: 3 });
    const squared = await squaredDistances(centred(models.map(({ logLikelihood }) => logLikelihood)));
    const unknown = { architecture: null, vocabularySize: null, quantization: null, trajectory: null, step: null, date: null };
    const histories = models.map(({ labels }) => ({ ...unknown, parameters: 1e9, bytes: labels.kind === "quantization" ? 5e8 : 2e9 }));
    const parentOf = (row: number): number => models.findIndex(({ name }) => name === models[row]?.labels.parent);
    const coreOf = (row: number): number => (models[row]?.labels.kind === "quantization" ? parentOf(row) : row);
    const ancestorsOf = (row: number): number[] => (parentOf(row) === -1 ? [] : [parentOf(row), ...ancestorsOf(parentOf(row))]);
    const asked = [...models.keys()].filter((row) => models[coreOf(row)]?.labels.kind === "fine-tune");
    const found = asked.map((row) => {
      const among = [...models.keys()].filter((other) => other !== row);
      const nearest = nearestCandidates(among, Float64Array.from(among, (other) => squared.values[row * models.length + other] ?? NaN));
      const { parent, guesses } = judgeRelatives({ squared, divided: [], histories, model: row, copyLimit: 0, ...nearest }, relativesFigures.limits);
      return (parent?.isOriginal === false ? parent.model : guesses[0]?.model) ?? -1;
    });
    expect(asked.filter((row, i) => !ancestorsOf(coreOf(row)).includes(found[i] ?? -1))).toEqual([]);
    const direct = asked.filter((row, i) => parentOf(coreOf(row)) === found[i]).length;
    expect(asked.length).toBe(30);
    expect(direct).toBeGreaterThanOrEqual(24);
  });

  it("Wilson's interval as in Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29", () => {
    const cases: [number, number, number, number][] = [[81, 263, 0.2553, 0.3662], [15, 148, 0.0624, 0.1605], [0, 20, 0, 0.1611], [1, 29, 0.0061, 0.1718]];
    for (const [count, of, low, high] of cases) {
      expect(wilsonInterval(count, of).low).toBeCloseTo(low, 4);
      expect(wilsonInterval(count, of).high).toBeCloseTo(high, 4);
    }
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 });
  });
});
