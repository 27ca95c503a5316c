/** The numbers of a comparison against numpy and scipy (scripts/reference/compare.py), and what must hold of them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { drawResamples, percentileInterval } from "../../lib/matrix/bootstrap.js";
import { klIntervals } from "../../lib/matrix/kl-intervals.js";
import { comparePair, winsorisedVariance } from "../../lib/matrix/pair-comparison.js";
import { allocateMatrix, bootstrapPairVariances } from "../../lib/native/matrix.js";
import { packageRoot } from "../../lib/package-root.js";
import { normal, randomIndex, seededRandom } from "../../lib/random.js";

interface Reference {
  a: number[];
  b: number[];
  bytes: number[];
  counts: number[][];
  confidence: number;
  variance: number;
  kl: number;
  robustVariance: number;
  interval: [number, number];
  resampled: number[];
}
const reference = JSON.parse(readFileSync(join(packageRoot, "test", "fixtures", "reference", "compare.json"), "utf8")) as Reference;

function matrixOf(...rows: ArrayLike<number>[]): ReturnType<typeof allocateMatrix> {
  const matrix = allocateMatrix(rows.length, rows[0]?.length ?? 0);
  rows.forEach((row, i) => matrix.values.set(row, i * matrix.columns));
  return matrix;
}

const relative = (actual: number, expected: number): number => Math.abs(actual / expected - 1);

describe("against numpy and scipy", () => {
  const { a, b, bytes, counts } = reference;

  it("variance, KL and winsorised variance: 1e-12 relative", () => {
    const comparison = comparePair(Float64Array.from(a), Float64Array.from(b), bytes, a.map(() => "one"));
    expect(relative(comparison.variance, reference.variance)).toBeLessThan(1e-12);
    expect(relative(comparison.kl, reference.kl)).toBeLessThan(1e-12);
    expect(relative(comparison.robustVariance, reference.robustVariance)).toBeLessThan(1e-12);
  });

  it("bootstrap interval with the same counts: 1e-12 relative", async () => {
    const drawn = { resamples: counts.length, texts: a.length, counts: Uint8Array.from(counts.flat()) };
    const [interval] = await klIntervals(matrixOf(a, b), Int32Array.of(0, 1), bytes, drawn, reference.confidence);
    expect(relative(interval?.low ?? NaN, reference.interval[0])).toBeLessThan(1e-12);
    expect(relative(interval?.high ?? NaN, reference.interval[1])).toBeLessThan(1e-12);
    expect(percentileInterval(Float64Array.from(reference.resampled), reference.confidence).low).toBeCloseTo(reference.interval[0], 12);
  });
});

describe("properties", () => {
  it("contributions of texts and of sources add up to the KL divergence", () => {
    const { a, b, bytes } = reference;
    const { kl, sources, contributions } = comparePair(Float64Array.from(a), Float64Array.from(b), bytes, a.map((_, s) => `source${s % 3}`));
    const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
    for (const parts of [sources, contributions]) {
      expect(relative(sum(parts.map((part) => part.kl)), kl)).toBeLessThan(1e-12);
      expect(relative(sum(parts.map((part) => part.share)), 1)).toBeLessThan(1e-12);
    }
    expect(sum(sources.map(({ texts }) => texts))).toBe(a.length);
    expect(contributions.map((part) => part.kl)).toEqual(contributions.map((part) => part.kl).sort((x, y) => y - x));
  });

  it("the winsorised variance is that of a normal, and hardly moved by a few texts", () => {
    const random = seededRandom(3);
    const values = Float64Array.from({ length: 40_000 }, () => 7 + 3 * normal(random));
    // Standard error of the estimate about sqrt(2.3 / N) = 0.8 %; three of them.
    expect(relative(winsorisedVariance(values), 9)).toBeLessThan(0.024);
    const plain = winsorisedVariance(values);
    for (let i = 0; i < 40; i++) values[i] = 1000;
    expect(relative(winsorisedVariance(values), plain)).toBeLessThan(0.01);
  });

  it("a resample draws as many texts as there are, the same ones for the same seed", () => {
    const { counts } = drawResamples(500, 20, 42);
    for (let b = 0; b < 20; b++) expect(counts.subarray(b * 500, (b + 1) * 500).reduce((sum, count) => sum + count, 0)).toBe(500);
    expect(drawResamples(500, 20, 42).counts).toEqual(counts);
    expect(drawResamples(500, 20, 43).counts).not.toEqual(counts);
    // A text is missing from a resample with probability (1 - 1/500)^500 = 0.3675; the tolerance is four standard errors.
    expect(Math.abs(counts.filter((count) => count === 0).length / counts.length - 0.3675)).toBeLessThan(0.02);
  });

  it("intervals do not depend on the number of threads", async () => {
    const random = seededRandom(5);
    const matrix = matrixOf(...Array.from({ length: 20 }, () => Float64Array.from({ length: 700 }, () => normal(random))));
    const pairs = Int32Array.from({ length: 400 }, () => randomIndex(random, 20));
    const { counts } = drawResamples(700, 30, 1);
    const one = await bootstrapPairVariances(matrix, pairs, counts, 30, { threads: 1 });
    expect(await bootstrapPairVariances(matrix, pairs, counts, 30, { threads: 3 })).toEqual(one);
  });

  /**
   * Differences of a Gaussian location family are normal with variance 2 KL (test/helpers/simulated-world.ts). 400 repetitions with N = 400
   * texts: the standard error of a coverage of 0.95 is 0.011, and the percentile interval of a variance covers a little less than it says.
   */
  it("an interval of 95 % covers the known KL divergence in 92 to 98 % of repetitions", async () => {
    const random = seededRandom(2024);
    const [repetitions, texts, kl, meanBytes] = [400, 400, 0.3, 700];
    const sd = Math.sqrt(kl * 2 * meanBytes * Math.LN2);
    const zero = new Float64Array(texts);
    let covered = 0;
    for (let repetition = 0; repetition < repetitions; repetition++) {
      const differences = Float64Array.from(zero, () => sd * normal(random));
      const bytes = Float64Array.from(zero, () => meanBytes + 600 * (random() - 0.5));
      const [interval] = await klIntervals(matrixOf(differences, zero), Int32Array.of(0, 1), bytes, drawResamples(texts, 400, repetition), 0.95);
      if (interval !== undefined && interval.low <= kl && kl <= interval.high) covered++;
    }
    expect(covered / repetitions).toBeGreaterThan(0.92);
    expect(covered / repetitions).toBeLessThan(0.98);
  });
});
