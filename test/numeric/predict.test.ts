/** Ridge regression against scikit-learn (scripts/reference/predict.py), and by the properties that it must have. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { pearson, spearman } from "../../lib/matrix/correlation.js";
import { modelCoordinates } from "../../lib/matrix/model-coordinates.js";
import { crossValidateRidge, type LabelledModel } from "../../lib/matrix/ridge-cross-validation.js";
import { fitRidge, type PenaltyChoice, type RidgeFit } from "../../lib/matrix/ridge-fit.js";
import { allocateMatrix, squaredDistances, type Matrix } from "../../lib/native/matrix.js";
import { ridgePredictions } from "../../lib/native/ridge-predictions.js";
import { normal, seededRandom } from "../../lib/random.js";
import { fixture } from "../helpers/fixtures.js";
import { simulatedWorld } from "../helpers/simulated-world.js";

interface Reference extends Record<PenaltyChoice, { alpha: number; predictions: number[] }[]> {
  K: number;
  N: number;
  folds: number;
  correlations: { pearson: number; spearman: number };
  spearmanWithTies: number;
}
const reference = JSON.parse(readFileSync(fixture("reference/predict.json"), "utf8")) as Reference;
const { K, N, folds } = reference;

const rows = Int32Array.from({ length: K }, (_, i) => i);
const labels = Float64Array.from(rows, (i) => 50 + 10 * Math.sin(0.9 * i) + 4 * Math.cos(1.7 * i) + 3 * Math.sin(i * i));
const outerFold = (i: number): number => (7 * i + Math.floor(i / 10)) % folds;

/** Q, as in the script. */
async function referenceCoordinates(): Promise<Matrix> {
  const Q = allocateMatrix(K, N);
  for (let i = 0; i < K; i++) {
    for (let s = 0; s < N; s++) {
      Q.values[i * N + s] = -100 - 20 * Math.sin(1.7 * i + 0.3 * s * s) - 3 * i - (s % 7) * Math.cos(i * s) - 15 * Math.sin(0.9 * i) * Math.cos(2.1 * s);
    }
  }
  await modelCoordinates(Q, { quantile: 0 });
  return Q;
}

const referenceDistances = async (): Promise<Matrix> => squaredDistances(await referenceCoordinates());

/** Ridge by its formula in the coordinates, columns and labels centred over the training rows: mean(y) + (x - mean) X^T (X X^T + alpha I)^-1 (y - mean(y)). */
function ridgeByFormula(Q: Matrix, { training, test }: RidgeFit, alpha: number): Float64Array {
  const mean = Array.from({ length: N }, (_, s) => training.reduce((sum, row) => sum + (Q.values[row * N + s] ?? NaN), 0) / training.length);
  const centred = (row: number): number[] => mean.map((value, s) => (Q.values[row * N + s] ?? NaN) - value);
  const dot = (x: number[], y: number[]): number => x.reduce((sum, value, s) => sum + value * (y[s] ?? NaN), 0);
  const X = Array.from(training, centred);
  const meanLabel = training.reduce((sum, row) => sum + (labels[row] ?? NaN), 0) / training.length;
  const weights = solve(
    X.map((x, i) => X.map((y, j) => dot(x, y) + (i === j ? alpha : 0))),
    Array.from(training, (row) => (labels[row] ?? NaN) - meanLabel),
  );
  return Float64Array.from(test, (row) => meanLabel + dot(X.map((x) => dot(x, centred(row))), weights));
}

/** Gaussian elimination of a positive definite matrix. */
function solve(A: number[][], b: number[]): number[] {
  const n = b.length;
  const at = (i: number, j: number): number => A[i]?.[j] ?? NaN;
  for (let k = 0; k < n; k++) {
    for (let i = k + 1; i < n; i++) {
      const factor = at(i, k) / at(k, k);
      A[i] = (A[i] ?? []).map((value, j) => value - factor * at(k, j));
      b[i] = (b[i] ?? NaN) - factor * (b[k] ?? NaN);
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) x[i] = ((b[i] ?? NaN) - x.reduce((sum, value, j) => sum + (j > i ? at(i, j) * value : 0), 0)) / at(i, i);
  return x;
}

function referenceFits(): RidgeFit[] {
  return Array.from({ length: folds }, (_, fold) => {
    const training = rows.filter((i) => outerFold(i) !== fold);
    const innerFold = (position: number): number => (3 * position + Math.floor(position / folds)) % folds;
    const inner = Array.from({ length: folds }, (__, f) => ({
      training: training.filter((_row, position) => innerFold(position) !== f),
      test: training.filter((_row, position) => innerFold(position) === f),
    }));
    return { training, test: rows.filter((i) => outerFold(i) === fold), inner };
  });
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - (b[i] ?? NaN))));

/** Models of a simulated world and their squared distances; `score` is the label, null for some. */
async function worldOf(
  score: (theta: Float64Array, position: number) => number | null,
  options: { models: number; texts: number; families: number; seed: number; dimensions?: number },
): Promise<{ distances: Matrix; models: LabelledModel[] }> {
  const world = simulatedWorld({ dimensions: 8, ...options });
  const Q = allocateMatrix(options.models, options.texts);
  world.models.forEach(({ logLikelihood }, i) => Q.values.set(logLikelihood, i * Q.columns));
  await modelCoordinates(Q, { quantile: 0 });
  const models = world.models.map(({ name, labels: { family }, theta }, i) => ({ name, label: score(theta, i), family }));
  return { distances: await squaredDistances(Q), models };
}

const planted = (theta: Float64Array): number => 50 + 2 * (theta[0] ?? NaN) - (theta[1] ?? NaN);
const options = { folds: 5, repeats: 2, seed: 1, innerFolds: "shuffled" } as const;

describe("against scikit-learn's RidgeCV on the same folds", () => {
  for (const choice of ["lowest-error", "highest-r2"] as const) {
    it(`${choice}: the same penalties, predictions to 1e-9 relative`, async () => {
      const fitted = await fitRidge(await referenceDistances(), labels, referenceFits(), { choice });
      expect(fitted.map(({ alpha }) => alpha)).toEqual(reference[choice].map(({ alpha }) => alpha));
      fitted.forEach(({ predictions }, f) => {
        const expected = reference[choice][f]?.predictions ?? [];
        expect(predictions).toHaveLength(expected.length);
        expect(largestDifference(predictions, expected)).toBeLessThan(1e-9 * 60);
      });
    });
  }

  it("correlations as scipy's to 1e-9, equal values included", async () => {
    const fits = referenceFits();
    const predicted = new Float64Array(K);
    (await fitRidge(await referenceDistances(), labels, fits, { choice: "lowest-error" })).forEach(({ predictions }, f) =>
      fits[f]?.test.forEach((row, t) => (predicted[row] = predictions[t] ?? NaN)),
    );
    expect(pearson(labels, predicted)).toBeCloseTo(reference.correlations.pearson, 9);
    expect(spearman(labels, predicted)).toBeCloseTo(reference.correlations.spearman, 9);
    expect(spearman(labels, rows.map((i) => i % 5))).toBeCloseTo(reference.spearmanWithTies, 9);
    expect(pearson(labels, new Float64Array(K))).toBeNaN();
  });

  it("is the formula with coordinates centred in each fold, to 1e-9, though Q is centred over all models", async () => {
    const Q = await referenceCoordinates();
    const fits = referenceFits();
    const fitted = await fitRidge(await squaredDistances(Q), labels, fits, { choice: "highest-r2" });
    expect(fitted).toHaveLength(folds);
    fits.forEach((fit, f) => {
      const { alpha, predictions } = fitted[f] ?? { alpha: NaN, predictions: new Float64Array() };
      const expected = ridgeByFormula(Q, fit, alpha);
      expect(predictions).toHaveLength(expected.length);
      expect(largestDifference(predictions, expected)).toBeLessThan(1e-9 * 60);
    });
  });

  it("refuses a fit without inner folds", async () => {
    const [first] = referenceFits();
    if (first === undefined) throw new Error("a fit");
    await expect(fitRidge(await referenceDistances(), labels, [{ ...first, inner: [] }], { choice: "lowest-error" })).rejects.toThrow("penalty of fit 0");
  });
});

describe("limits of the penalty", () => {
  it("a huge one predicts the mean of the training labels, a small one the labels themselves", async () => {
    const division = { training: rows.slice(0, 30), test: rows };
    const [predictions = new Float64Array()] = await ridgePredictions(await referenceDistances(), labels, [division], Float64Array.of(1e-6, 1e20));
    const mean = labels.slice(0, 30).reduce((sum, label) => sum + label, 0) / 30;
    for (let i = 0; i < 30; i++) expect(predictions[2 * i]).toBeCloseTo(labels[i] ?? NaN, 5);
    for (let i = 0; i < K; i++) expect(predictions[2 * i + 1]).toBeCloseTo(mean, 9);
  });

  it("identical models, and fewer texts than models, are no obstacle", async () => {
    const points = allocateMatrix(6, 1);
    points.values.set([0, 0, 0, 1, 1, 2]);
    const division = { training: Int32Array.of(0, 1, 2, 3, 4), test: Int32Array.of(5) };
    const [predictions] = await ridgePredictions(await squaredDistances(points), Float64Array.of(1, 1, 1, 3, 3, NaN), [division], Float64Array.of(1.2));
    // One coordinate: slope = Sxy / (Sxx + alpha) with Sxx = 1.2 and Sxy = 2.4, means 0.4 and 1.8.
    expect(predictions?.[0]).toBeCloseTo(1.8 + (2.4 / 2.4) * (2 - 0.4), 12);
  });
});

describe("cross-validation in a simulated world", () => {
  it("finds a planted score, of models without a label too, and of families that it has not seen", { timeout: 60_000 }, async () => {
    const { distances, models } = await worldOf((theta, i) => (i % 10 === 3 ? null : planted(theta)), { models: 150, texts: 800, families: 25, seed: 2 });
    const truth = (await worldOf(planted, { models: 150, texts: 800, families: 25, seed: 2 })).models.map(({ label }) => label ?? NaN);
    for (const family of [true, false]) {
      const of = family ? models : models.map((model) => ({ ...model, family: null }));
      const found = await crossValidateRidge(distances, of, options);
      expect(found.pearson.mean).toBeGreaterThan(0.99);
      expect(found.spearman.mean).toBeGreaterThan(0.98);
      expect(found.alphas).toHaveLength(10);
      const unlabelled = models.flatMap(({ label }, i) => (label === null ? [i] : []));
      expect(unlabelled).toHaveLength(15);
      expect(pearson(unlabelled.map((i) => found.predictions[i]?.mean ?? NaN), unlabelled.map((i) => truth[i] ?? NaN))).toBeGreaterThan(0.99);
      found.predictions.forEach(({ sd }, i) => expect(sd === null).toBe(models[i]?.label === null));
    }
  });

  it("labels at random are not predicted: correlations within 4 standard errors of a little below 0", { timeout: 60_000 }, async () => {
    const random = seededRandom(5);
    const { distances, models } = await worldOf(() => normal(random), { models: 150, texts: 400, families: 25, seed: 3, dimensions: 100 });
    // A fit that saw them would come near them in so many dimensions.
    const found = await crossValidateRidge(distances, models, options);
    // Mean predictions of folds are too low where their labels are high, so that the correlation is below 0 if anything.
    for (const { mean } of [found.pearson, found.spearman]) {
      expect(mean).toBeLessThan(4 / Math.sqrt(150));
      expect(mean).toBeGreaterThan(-0.2 - 4 / Math.sqrt(150));
    }
  });

  it("does not depend on the order of the models, to the bit", async () => {
    const { distances, models } = await worldOf(planted, { models: 40, texts: 200, families: 10, seed: 4 });
    const order = models.map((_, i) => (i * 7 + 3) % 40);
    const permuted = allocateMatrix(40, 40);
    order.forEach((from, i) => order.forEach((column, j) => (permuted.values[i * 40 + j] = distances.values[from * 40 + column] ?? NaN)));
    const found = await crossValidateRidge(distances, models, options);
    const other = await crossValidateRidge(permuted, order.flatMap((i) => models[i] ?? []), options);
    expect(other.predictions).toEqual(order.map((i) => found.predictions[i]));
    expect(other.alphas).toEqual(found.alphas);
  });

  it("the same bits on one thread and on three", async () => {
    const { distances, models } = await worldOf(planted, { models: 40, texts: 200, families: 10, seed: 4 });
    expect(await crossValidateRidge(distances, models, { ...options, threads: 1 })).toEqual(await crossValidateRidge(distances, models, { ...options, threads: 3 }));
  });

  it("follows labels that are moved and scaled, to 1e-9", async () => {
    const { distances, models } = await worldOf(planted, { models: 40, texts: 200, families: 10, seed: 4 });
    const found = await crossValidateRidge(distances, models, options);
    const moved = await crossValidateRidge(distances, models.map((model) => ({ ...model, label: 1000 - 3 * (model.label ?? NaN) })), options);
    expect(moved.alphas).toEqual(found.alphas);
    expect(largestDifference(moved.predictions.map(({ mean }) => mean), found.predictions.map(({ mean }) => 1000 - 3 * mean))).toBeLessThan(1e-9 * 1000);
  });

  it("nothing leaks: other labels of the held-out family leave its predictions as they were, to the bit", async () => {
    const { distances, models } = await worldOf(planted, { models: 40, texts: 200, families: 10, seed: 4 });
    const isHeldOut = ({ family }: LabelledModel): boolean => family === "family3";
    const once = { ...options, repeats: 1, folds: 10 }; // as many folds as families: each is held out alone
    const found = await crossValidateRidge(distances, models, once);
    const changed = await crossValidateRidge(distances, models.map((model, i) => (isHeldOut(model) ? { ...model, label: 1e6 * i } : model)), once);
    const of = ({ predictions }: typeof found): (number | undefined)[] => models.flatMap((model, i) => (isHeldOut(model) ? [predictions[i]?.mean] : []));
    expect(of(changed)).toHaveLength(4);
    expect(of(changed)).toEqual(of(found));
    // The others are predicted with the help of that family.
    expect(changed.predictions).not.toEqual(found.predictions);
  });

  it("stops when it is aborted, and tells its progress until then", async () => {
    const { distances, models } = await worldOf(planted, { models: 150, texts: 100, families: 10, seed: 4 });
    const controller = new AbortController();
    const shares: number[] = [];
    const onProgress = (share: number): void => {
      shares.push(share);
      controller.abort();
    };
    await expect(crossValidateRidge(distances, models, { ...options, repeats: 300, signal: controller.signal, onProgress })).rejects.toMatchObject({ code: "ERR_ABORTED" });
    expect(shares[0]).toBeGreaterThan(0);
    expect(shares[0]).toBeLessThan(0.5);
  });
});
