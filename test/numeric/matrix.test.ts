/** The matrix functions against numpy and scipy: test/fixtures/reference/matrix.json, written by scripts/reference/matrix.py. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { nearestNeighbours } from "../../lib/matrix/neighbours.js";
import {
  allocateMatrix,
  doubleCentre,
  principalComponents,
  principalCoordinates,
  quantile,
  squaredDistances,
  type Matrix,
} from "../../lib/native/matrix.js";

interface Scaling {
  eigenvalues: number[];
  coordinates: number[];
  positiveSum: number;
}

const reference = JSON.parse(
  readFileSync(new URL("../fixtures/reference/matrix.json", import.meta.url), "utf8"),
) as {
  quantiles: Record<string, number>;
  clipped: number;
  centredRow5: number[];
  weightedRow7: number[];
  distances: number[];
  neighbours: number[];
  components: { scores: number[]; eigenvalues: number[]; explained: number[] };
  tallComponents: { scores: number[]; eigenvalues: number[] };
  scaling: Scaling;
  broken: Scaling;
};

const rows = 24;
const columns = 160;

/** The formula of matrix.py. */
function value(i: number, s: number): number {
  const noise = (i * 7919 + s * 104729 + i * s * (i + 3 * s + 1) * 97) % 10007;
  return -1000 - 10 * ((s * 37) % 101) - 3 * (i % 7) + (20 * noise) / 10007;
}

function exampleMatrix(): Matrix {
  const matrix = allocateMatrix(rows, columns);
  matrix.values.forEach((_, at) => (matrix.values[at] = value(Math.floor(at / columns), at % columns)));
  return matrix;
}

/** Double-centred in place after clipping at the 2 % quantile. */
async function centredMatrix(): Promise<Matrix> {
  const matrix = exampleMatrix();
  await doubleCentre(matrix, matrix, { least: await quantile(matrix.values, 0.02) });
  return matrix;
}

/** Largest difference relative to the largest magnitude of what is expected. */
function relativeError(actual: ArrayLike<number>, expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((wanted, i) => Math.abs((actual[i] ?? NaN) - wanted))) / scale;
}

describe("against numpy and scipy", () => {
  it("quantiles", async () => {
    for (const [q, expected] of Object.entries(reference.quantiles)) {
      expect(await quantile(exampleMatrix().values, Number(q))).toBe(expected);
    }
  });

  it("clipping and double centring", async () => {
    const matrix = exampleMatrix();
    const { clipped } = await doubleCentre(matrix, matrix, { least: reference.quantiles["0.02"] });
    expect(clipped).toBe(reference.clipped);
    expect(relativeError(matrix.values.subarray(5 * columns, 6 * columns), reference.centredRow5)).toBeLessThan(1e-12);
  });

  it("weighted double centring", async () => {
    const matrix = exampleMatrix();
    await doubleCentre(matrix, matrix, { weights: Float64Array.from({ length: columns }, (_, s) => 1 + (s % 5)) });
    expect(relativeError(matrix.values.subarray(7 * columns, 8 * columns), reference.weightedRow7)).toBeLessThan(1e-12);
  });

  it("squared distances, and neighbours by them", async () => {
    const matrix = await centredMatrix();
    expect(relativeError((await squaredDistances(matrix)).values, reference.distances)).toBeLessThan(1e-12);
    const { rows: neighbours } = await nearestNeighbours(matrix, 4);
    expect(Array.from(neighbours)).toEqual(reference.neighbours);
  });

  it("principal components of wide and of tall matrices", async () => {
    const wide = await principalComponents(exampleMatrix(), 3);
    expect(relativeError(wide.scores, reference.components.scores)).toBeLessThan(1e-11);
    expect(relativeError(wide.eigenvalues, reference.components.eigenvalues)).toBeLessThan(1e-12);
    expect(relativeError(wide.explained, reference.components.explained)).toBeLessThan(1e-12);
    const tall = allocateMatrix(columns, rows);
    tall.values.forEach((_, at) => (tall.values[at] = value(at % rows, Math.floor(at / rows))));
    const { scores, eigenvalues } = await principalComponents(tall, 2);
    expect(relativeError(scores, reference.tallComponents.scores)).toBeLessThan(1e-11);
    expect(relativeError(eigenvalues, reference.tallComponents.eigenvalues)).toBeLessThan(1e-12);
  });

  it("principal coordinates of distances, and of what are none", async () => {
    const distances = allocateMatrix(rows, rows);
    distances.values.set(reference.distances);
    for (const euclidean of [false, true]) {
      const { coordinates, eigenvalues, positiveSum } = await principalCoordinates(distances, 3, { euclidean });
      expect(relativeError(coordinates, reference.scaling.coordinates)).toBeLessThan(1e-11);
      expect(relativeError(eigenvalues, reference.scaling.eigenvalues)).toBeLessThan(1e-12);
      expect(Math.abs(positiveSum / reference.scaling.positiveSum - 1)).toBeLessThan(1e-11);
    }
    const largest = Math.max(...reference.distances);
    distances.values.forEach((d, i) => (distances.values[i] = d ** 1.5 / largest ** 0.5));
    const broken = await principalCoordinates(distances, 3);
    expect(relativeError(broken.coordinates, reference.broken.coordinates)).toBeLessThan(1e-11);
    expect(Math.abs(broken.positiveSum / reference.broken.positiveSum - 1)).toBeLessThan(1e-11);
  });
});

describe("float32 input", () => {
  it("gives what its rounded values give in float64", async () => {
    const rounded = exampleMatrix();
    const L32 = { rows, columns, values: Float32Array.from(rounded.values) };
    rounded.values.set(L32.values);
    expect(await quantile(L32.values, 0.02)).toBe(await quantile(rounded.values, 0.02));
    const distances = await squaredDistances(rounded);
    expect(relativeError((await squaredDistances(L32)).values, Array.from(distances.values))).toBeLessThan(1e-12);
    const components = await principalComponents(rounded, 2);
    expect(relativeError((await principalComponents(L32, 2)).scores, Array.from(components.scores))).toBeLessThan(1e-11);
    expect((await nearestNeighbours(L32, 4)).rows).toEqual((await nearestNeighbours(rounded, 4)).rows);
    // In place the centred values are rounded again, to 6e-8 of values up to 1,000.
    await doubleCentre(rounded, rounded);
    await doubleCentre(L32, L32);
    expect(relativeError(L32.values, Array.from(rounded.values))).toBeLessThan(1e-5);
  });
});
