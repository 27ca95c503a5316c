/** Resampled distances against numpy (scripts/reference/resample.py), and against the laws that they follow. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { modelCoordinates } from "../../lib/matrix/model-coordinates.js";
import { distanceErrors, resampledDistances, resampleTexts, uniformSubset } from "../../lib/matrix/resampled-texts.js";
import type { RowMeans } from "../../lib/matrix/resampling-method.js";
import { textProbabilities } from "../../lib/matrix/text-probabilities.js";
import { allocateMatrix, squaredDistances, type Matrix } from "../../lib/native/matrix.js";
import { normal, seededRandom } from "../../lib/random.js";
import { fixture } from "../helpers/fixtures.js";

interface Reference {
  K: number;
  N: number;
  ls: number[];
  kl: number[];
  scales: number[];
  exact: number[][];
  full: number[][];
  weighted: number[][];
}
const reference = JSON.parse(readFileSync(fixture("reference/resample.json"), "utf8")) as Reference;

function matrixOf(rows: number, columns: number, value: (i: number, s: number) => number): Matrix {
  const matrix = allocateMatrix(rows, columns);
  for (let i = 0; i < rows; i++) for (let s = 0; s < columns; s++) matrix.values[i * columns + s] = value(i, s);
  return matrix;
}

/** As in the script. */
async function referenceQ(): Promise<Matrix> {
  const L = matrixOf(reference.K, reference.N, (i, s) => -100 - 20 * Math.sin(1.7 * i + 0.3 * s * s) - 3 * i - (s % 7) * Math.cos(i * s));
  await modelCoordinates(L, { quantile: 0 });
  return L;
}

/** Models whose texts differ in how far they tell them apart, as real ones do: a few texts hold much of all distances. */
async function syntheticQ(models: number, texts: number): Promise<Matrix> {
  const random = seededRandom(7);
  const spread = Float64Array.from({ length: texts }, () => Math.exp(0.7 * normal(random)));
  const L = matrixOf(models, texts, (_, s) => (spread[s] ?? NaN) * (normal(random) + 0.3));
  await modelCoordinates(L, { quantile: 0 });
  return L;
}

const close = (found: ArrayLike<number>, expected: readonly number[], tolerance: number): void => {
  expect(found.length).toBe(expected.length);
  expected.forEach((value, i) => expect(Math.abs((found[i] ?? NaN) - value)).toBeLessThan(tolerance * Math.max(1, Math.abs(value))));
};

/** Mean over the repetitions and its standard error. */
function summary(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: Math.sqrt(variance / values.length) };
}

describe("against numpy", () => {
  it("LS and KL probabilities to 1e-11", async () => {
    const Q = await referenceQ();
    close(textProbabilities(Q, "ls"), reference.ls, 1e-11);
    close(textProbabilities(Q, "kl"), reference.kl, 1e-11);
    close(textProbabilities(Q, "uniform"), new Array<number>(reference.N).fill(1 / reference.N), 1e-15);
  });

  it("squared distances of one draw, with both kinds of row means, to 1e-9 relative", async () => {
    const Q = await referenceQ();
    const texts = Int32Array.from({ length: reference.N }, (_, s) => s).filter((s) => (5 * s + 2) % 4 > 0);
    const draw = { texts, counts: texts.map((s) => (5 * s + 2) % 4), scales: Float64Array.from(reference.scales) };
    for (const rowMeans of ["full", "weighted"] as const) close((await resampledDistances(Q, draw, rowMeans)).values, reference[rowMeans].flat(), 1e-9);
    close((await squaredDistances(Q)).values, reference.exact.flat(), 1e-9);
  });
});

describe("a draw", () => {
  it("has n texts in all, each as often as its probability says, and scales of sqrt(c / (n p))", () => {
    const probabilities = Float64Array.of(0.5, 0, 0.25, 0.125, 0.125);
    const { texts, counts, scales } = resampleTexts(probabilities, 8000, seededRandom(3));
    expect(Array.from(texts)).toEqual([0, 2, 3, 4]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(8000);
    texts.forEach((text, i) => {
      const p = probabilities[text] ?? NaN;
      expect(Math.abs((counts[i] ?? NaN) - 8000 * p)).toBeLessThan(5 * Math.sqrt(8000 * p * (1 - p)));
      expect(scales[i]).toBeCloseTo(Math.sqrt((counts[i] ?? NaN) / (8000 * p)), 14);
    });
  });

  it("of all texts once is exact", async () => {
    const Q = await syntheticQ(4, 50);
    const exact = await squaredDistances(Q);
    const all = uniformSubset(50, 50, seededRandom(1));
    for (const rowMeans of ["full", "weighted"] as const) {
      expect(distanceErrors(exact, await resampledDistances(Q, all, rowMeans)).rmsRelative).toBeLessThan(1e-12);
    }
  });
});

describe("laws, on 20 models and 4,000 texts", () => {
  const repeats = 300;
  async function errors(method: "ls" | "kl" | "uniform", draws: number, rowMeans: RowMeans): Promise<number[]> {
    const Q = await syntheticQ(20, 4000);
    const exact = await squaredDistances(Q);
    const probabilities = textProbabilities(Q, method);
    const random = seededRandom(11);
    const means = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      means.push(distanceErrors(exact, await resampledDistances(Q, resampleTexts(probabilities, draws, random), rowMeans)).meanRelative);
    }
    return means;
  }

  it("with the full set's means there is no bias: within 4 standard errors of zero", async () => {
    for (const method of ["ls", "kl", "uniform"] as const) {
      const { mean, error } = summary(await errors(method, 100, "full"));
      expect(Math.abs(mean)).toBeLessThan(4 * error);
    }
  });

  it("with weighted means the bias of uniform draws is -1/n, and that of KL draws falls as 1/n", async () => {
    // The same draws on both sides, so that most of the sampling error of their difference cancels.
    const bias = async (method: "kl" | "uniform", draws: number) => {
      const [weighted, full] = [await errors(method, draws, "weighted"), await errors(method, draws, "full")];
      return summary(weighted.map((value, repeat) => value - (full[repeat] ?? NaN)));
    };
    for (const draws of [50, 200, 1000]) {
      const { mean, error } = await bias("uniform", draws);
      expect(error).toBeLessThan(0.1 / draws);
      expect(Math.abs(mean + 1 / draws)).toBeLessThan(4 * error);
    }
    const [few, many] = [await bias("kl", 50), await bias("kl", 200)];
    const ratio = few.mean / many.mean;
    const error = ratio * Math.hypot(few.error / few.mean, many.error / many.mean);
    // 4 to first order; the next order in 1/n moves it by some percent at n = 50.
    expect(Math.abs(ratio - 4)).toBeLessThan(4 * error + 0.4);
    expect(few.mean).toBeLessThan(-0.005);
  });

  it("KL draws err less than uniform ones of as many unique texts", async () => {
    const Q = await syntheticQ(20, 4000);
    const exact = await squaredDistances(Q);
    const probabilities = textProbabilities(Q, "kl");
    const random = seededRandom(5);
    const ratios = [];
    for (let repeat = 0; repeat < 30; repeat++) {
      const drawn = resampleTexts(probabilities, 400, random);
      const error = async (texts: typeof drawn) => distanceErrors(exact, await resampledDistances(Q, texts, "weighted")).rmsRelative;
      ratios.push((await error(drawn)) / (await error(uniformSubset(4000, drawn.texts.length, random))));
    }
    const { mean, error } = summary(ratios);
    expect(mean + 4 * error).toBeLessThan(1);
  });
});

describe("small cases", () => {
  it("one model, and models that agree, have no text that is worth more", () => {
    expect(() => textProbabilities(matrixOf(1, 3, () => 0), "kl")).toThrow("The one model differs in no text");
    expect(() => textProbabilities(matrixOf(3, 3, () => 0), "ls")).toThrow("The 3 models differ in no text");
  });

  it("two models: LS and KL are the same, in proportion to the squared difference", () => {
    const Q = matrixOf(2, 3, (i, s) => (i === 0 ? 1 : -1) * ([1, 2, 0][s] ?? NaN));
    for (const method of ["ls", "kl"] as const) close(textProbabilities(Q, method), [0.2, 0.8, 0], 1e-15);
  });
});
