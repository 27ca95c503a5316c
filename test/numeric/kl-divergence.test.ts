/** The chain from L to KL against the formulas, written out plainly in float64. */
import { describe, expect, it } from "vitest";
import { mapCoordinates } from "../../lib/map/coordinates.js";
import { klDivergences } from "../../lib/matrix/kl-divergence.js";
import { allocateMatrix, type Matrix } from "../../lib/native/matrix.js";
import { normal, seededRandom } from "../../lib/random.js";

const meanBytes = 700;

/** Log-likelihoods as models have them: around -1500, texts of unlike difficulty, models close to each other. */
function randomLogLikelihoods(models: number, texts: number, seed: number): number[][] {
  const random = seededRandom(seed);
  const difficulty = Array.from({ length: texts }, () => -1500 + 300 * normal(random));
  return Array.from({ length: models }, () => {
    const skill = 20 * normal(random);
    return difficulty.map((text) => text + skill + 15 * normal(random));
  });
}

function matrixOf(rows: readonly (readonly number[])[]): Matrix {
  const matrix = allocateMatrix(rows.length, rows[0]?.length ?? 0);
  matrix.values.set(rows.flat());
  return matrix;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** numpy's default quantile: linear interpolation between order statistics. */
function sortedQuantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = q * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? NaN;
  const above = sorted[Math.ceil(position)] ?? NaN;
  return below + (position - Math.floor(position)) * (above - below);
}

/** Var over texts of (L_i - L_j), ddof 0, over 2 B ln 2. */
function klByVariance(a: readonly number[], b: readonly number[]): number {
  const differences = a.map((value, s) => value - (b[s] ?? NaN));
  const centre = mean(differences);
  return mean(differences.map((difference) => (difference - centre) ** 2)) / (2 * meanBytes * Math.LN2);
}

describe("klDivergences", () => {
  const L = randomLogLikelihoods(9, 400, 7);

  it.each([0, 0.02, 0.3])("equals the variance of clipped differences, clip %d", async (clip) => {
    const threshold = sortedQuantile(L.flat(), clip);
    const clipped = L.map((row) => row.map((value) => Math.max(value, threshold)));
    const result = await klDivergences(matrixOf(L), meanBytes, clip);
    expect(result.clip?.threshold).toBe(threshold);
    expect(result.clip?.share).toBe(L.flat().filter((value) => value < threshold).length / L.flat().length);
    clipped.forEach((a, i) => {
      expect(result.meanLogLikelihood[i]).toBeCloseTo(mean(a), 9);
      clipped.forEach((b, j) => {
        const kl = result.kl.values[i * L.length + j] ?? NaN;
        if (i === j) expect(kl).toBe(0);
        else expect(Math.abs(kl / klByVariance(a, b) - 1)).toBeLessThan(1e-8);
        expect(kl).toBe(result.kl.values[j * L.length + i]);
      });
    });
  });

  it("does not change when a constant is added to all texts of a model, or to a text of all models", async () => {
    const plain = await klDivergences(matrixOf(L), meanBytes, 0);
    const shifted = await klDivergences(matrixOf(L.map((row, i) => row.map((value, s) => value + 10 * i + s / 7))), meanBytes, 0);
    plain.kl.values.forEach((kl, i) => expect(Math.abs((shifted.kl.values[i] ?? NaN) - kl)).toBeLessThan(1e-9 * (1 + kl)));
  });

  it("is exactly 0 between equal models", async () => {
    const { kl } = await klDivergences(matrixOf([...L, L[0] ?? []]), meanBytes, 0.02);
    expect(kl.values[L.length]).toBe(0);
  });

  it("gives a pair the same distance whatever other models there are, without clipping", async () => {
    const all = await klDivergences(matrixOf(L), meanBytes, 0);
    const pair = await klDivergences(matrixOf(L.slice(0, 2)), meanBytes, 0);
    expect(Math.abs((pair.kl.values[1] ?? NaN) / (all.kl.values[1] ?? NaN) - 1)).toBeLessThan(1e-10);
  });
});

describe("mapCoordinates", () => {
  it("puts three models at their distances, in sqrt(bits/byte)", async () => {
    const { kl } = await klDivergences(matrixOf(randomLogLikelihoods(3, 100, 3)), meanBytes, 0.02);
    const { x, y, explained } = await mapCoordinates(kl, "mds", { texts: 100, meanBytes });
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        const distance = Math.hypot((x[i] ?? NaN) - (x[j] ?? NaN), (y[i] ?? NaN) - (y[j] ?? NaN));
        expect(distance ** 2).toBeCloseTo(kl.values[i * 3 + j] ?? NaN, 10);
      }
    }
    expect((explained?.[0] ?? NaN) + (explained?.[1] ?? NaN)).toBeCloseTo(1, 10);
  });

  it("pca is the same picture in nats: squared distances over 2 N B ln 2 are KL", async () => {
    const { kl } = await klDivergences(matrixOf(randomLogLikelihoods(6, 100, 4)), meanBytes, 0.02);
    const mds = await mapCoordinates(kl, "mds", { texts: 100, meanBytes });
    const pca = await mapCoordinates(kl, "pca", { texts: 100, meanBytes });
    const scale = Math.sqrt(2 * 100 * meanBytes * Math.LN2);
    pca.x.forEach((value, i) => expect(value).toBeCloseTo((mds.x[i] ?? NaN) * scale, 8));
    expect(pca.explained).toEqual(mds.explained);
  });

  it("explains two collinear models with the first axis alone", async () => {
    const { kl } = await klDivergences(matrixOf(randomLogLikelihoods(2, 50, 5)), meanBytes, 0);
    const { y, explained } = await mapCoordinates(kl, "mds", { texts: 50, meanBytes });
    expect(explained?.[0]).toBeCloseTo(1, 12);
    expect(Math.max(...y.map(Math.abs))).toBeLessThan(1e-7);
  });
});
