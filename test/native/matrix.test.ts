import { describe, expect, test } from "vitest";
import {
  allocateMatrix,
  clip,
  doubleCentre,
  matrixColumn,
  principalComponents,
  principalCoordinates,
  quantile,
  squaredDistances,
  type Matrix,
} from "../../lib/native/matrix.js";
import { seededRandom } from "../../lib/random.js";
import { doubleCentred, sortedQuantile, squaredDistance } from "./reference.js";

const random = seededRandom(7);

function randomMatrix(rows: number, columns: number, low = -900, high = -100): Matrix {
  const matrix = allocateMatrix(rows, columns);
  for (let i = 0; i < matrix.values.length; i++) matrix.values[i] = low + (high - low) * random();
  return matrix;
}

function copyOf(matrix: Matrix): Matrix {
  return { ...matrix, values: matrix.values.slice() };
}

const at = (matrix: Matrix, i: number, j: number): number => matrix.values[i * matrix.columns + j] ?? NaN;

function maximumDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let worst = 0;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs((a[i] ?? NaN) - (b[i] ?? NaN)));
  return worst;
}

describe("quantile", () => {
  test.each([1, 2, 3, 50, 10_001])("of %d values equals the one by sorting", async (size) => {
    const { values } = randomMatrix(1, size);
    const before = values.slice();
    for (const q of [0, 0.02, 0.3, 0.5, 0.98, 1]) {
      const expected = sortedQuantile(values, q);
      expect(Math.abs((await quantile(values, q)) - expected)).toBeLessThanOrEqual(1e-12 * Math.abs(expected));
    }
    expect(values).toEqual(before);
  });

  test("of values with ties, zeros and both signs", async () => {
    const values = Float64Array.from({ length: 999 }, (_, i) => (i % 4) - 2);
    for (let q = 0; q <= 1; q += 0.05) expect(await quantile(values, q)).toBeCloseTo(sortedQuantile(values, q), 12);
  });

  test("rejects NaN", async () => {
    await expect(quantile(Float64Array.from([1, NaN]), 0.5)).rejects.toMatchObject({ name: "LlmapError", code: "ERR_NUMERIC" });
  });
});

test("clip raises what is below the threshold and counts it", async () => {
  const { values } = randomMatrix(20, 50);
  const expected = values.map((x) => Math.max(x, -500));
  const below = values.filter((x) => x < -500).length;
  expect(await clip(values, -500)).toBe(below);
  expect(values).toEqual(expected);
});

describe("double centring", () => {
  const rows = 70;
  const columns = 31;
  const ones = new Float64Array(columns).fill(1);

  test.each(["plain", "weighted"])("equals the formula, %s", async (kind) => {
    const matrix = randomMatrix(rows, columns);
    const weights = kind === "plain" ? ones : ones.map(() => random());
    const expected = doubleCentred(matrix.values, rows, columns, weights);
    const out = allocateMatrix(rows, columns);
    const means = await doubleCentre(matrix, out, kind === "plain" ? {} : { weights });
    expect(maximumDifference(means.rowMeans, expected.rowMeans)).toBeLessThan(1e-10);
    expect(maximumDifference(means.columnMeans, expected.columnMeans)).toBeLessThan(1e-10);
    expect(maximumDifference(out.values, expected.centred)).toBeLessThan(1e-10);
  });

  test("in place gives the same bits, and any number of threads", async () => {
    const matrix = randomMatrix(rows, columns);
    const out = allocateMatrix(rows, columns);
    await doubleCentre(matrix, out, { threads: 1 });
    await doubleCentre(matrix, matrix, { threads: 3 });
    expect(matrix.values).toEqual(out.values);
  });

  test("names the row of a value that is not finite", async () => {
    const matrix = randomMatrix(rows, columns);
    matrix.values[5 * columns + 3] = -Infinity;
    await expect(doubleCentre(matrix, matrix)).rejects.toMatchObject({
      code: "ERR_NUMERIC",
      message: expect.stringContaining("row 5 of the matrix") as string,
    });
  });
});

describe("squared distances", () => {
  test.each([1, 2, 3, 12, 140])("of %d rows equal the formula, symmetric to the bit, zero diagonal", async (rows) => {
    const matrix = randomMatrix(rows, 57);
    const distances = await squaredDistances(matrix);
    for (let i = 0; i < rows; i++) {
      expect(at(distances, i, i)).toBe(0);
      for (let j = 0; j < i; j++) {
        const expected = squaredDistance(matrix.values, 57, i, j);
        expect(at(distances, i, j)).toBe(at(distances, j, i));
        expect(Math.abs(at(distances, i, j) - expected)).toBeLessThanOrEqual(1e-10 * expected);
      }
    }
  });

  test("identical rows have distance exactly 0, close rows keep their digits", async () => {
    const matrix = randomMatrix(4, 1000);
    const row = matrix.values.subarray(0, 1000);
    for (let i = 1; i < 4; i++) matrix.values.set(row, i * 1000);
    matrix.values[3500] = (matrix.values[3500] ?? 0) + 2 ** -20;
    const distances = await squaredDistances(matrix);
    expect(at(distances, 0, 2)).toBe(0);
    expect(at(distances, 1, 3)).toBe(squaredDistance(matrix.values, 1000, 1, 3));
    expect(at(distances, 1, 3)).toBeGreaterThan(0);
  });

  test("after double centring do not change with constants on rows and columns", async () => {
    const rows = 9;
    const columns = 200;
    const L = randomMatrix(rows, columns);
    const shifted = copyOf(L);
    for (let i = 0; i < rows; i++) {
      for (let s = 0; s < columns; s++) shifted.values[i * columns + s] = at(L, i, s) + 10 * i + Math.sin(s) * 50;
    }
    for (const matrix of [L, shifted]) await doubleCentre(matrix, matrix);
    const [a, b] = await Promise.all([squaredDistances(L), squaredDistances(shifted)]);
    const largest = a.values.reduce((x, y) => Math.max(x, y), 0);
    expect(maximumDifference(a.values, b.values)).toBeLessThan(1e-11 * largest);
  });

  test("follow a permutation of the rows", async () => {
    const rows = 150;
    const matrix = randomMatrix(rows, 40);
    const permuted = allocateMatrix(rows, 40);
    const target = (i: number): number => (i * 77) % rows;
    for (let i = 0; i < rows; i++) permuted.values.set(matrix.values.subarray(i * 40, i * 40 + 40), target(i) * 40);
    const [a, b] = await Promise.all([squaredDistances(matrix), squaredDistances(permuted)]);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < rows; j++) {
        expect(Math.abs(at(a, i, j) - at(b, target(i), target(j)))).toBeLessThanOrEqual(1e-12 * at(a, i, j));
      }
    }
  });
});

describe("principal coordinates", () => {
  test("of all components rebuild the distances; eigenvalues add up to the trace", async () => {
    const rows = 25;
    const distances = await squaredDistances(randomMatrix(rows, 60, -1, 1));
    const { coordinates, eigenvalues, positiveSum } = await principalCoordinates(distances, rows);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < rows; j++) {
        expect(Math.abs(squaredDistance(coordinates, rows, i, j) - at(distances, i, j))).toBeLessThan(1e-11);
      }
    }
    const trace = distances.values.reduce((sum, d) => sum + d, 0) / (2 * rows);
    expect(positiveSum).toBeCloseTo(trace, 10);
    expect(eigenvalues).toEqual(Float64Array.from(eigenvalues).sort().reverse());
    // Each axis carries its eigenvalue, is centred, and is orthogonal to the others.
    for (let c = 0; c < rows; c++) {
      for (let d = 0; d <= c; d++) {
        let product = 0;
        for (let i = 0; i < rows; i++) product += (coordinates[i * rows + c] ?? NaN) * (coordinates[i * rows + d] ?? NaN);
        expect(Math.abs(product - (c === d ? Math.max(0, eigenvalues[c] ?? NaN) : 0))).toBeLessThan(1e-11);
      }
    }
  });

  test("signs are fixed: the largest entry of each component is positive", async () => {
    const distances = await squaredDistances(randomMatrix(30, 20, -1, 1));
    const { coordinates } = await principalCoordinates(distances, 3);
    for (let c = 0; c < 3; c++) {
      const axis = Array.from({ length: 30 }, (_, i) => coordinates[i * 3 + c] ?? NaN);
      expect(Math.max(...axis)).toBe(Math.max(...axis.map(Math.abs)));
    }
  });

  test("do not change the distances", async () => {
    const distances = await squaredDistances(randomMatrix(6, 20));
    const before = distances.values.slice();
    await principalCoordinates(distances, 2);
    expect(distances.values).toEqual(before);
  });
});

describe("a matrix as an Arrow column", () => {
  test("shares its memory", () => {
    const matrix = randomMatrix(5, 3);
    const column = matrixColumn(matrix);
    expect(column.length).toBe(5);
    expect(column.type.listSize).toBe(3);
    const values = column.data[0]?.children[0]?.values as Float64Array | undefined;
    expect(values?.buffer).toBe(matrix.values.buffer);
    expect(Array.from(column.get(4) ?? [])).toEqual(Array.from(matrix.values.subarray(12)));
  });

  test("is copied where it lies elsewhere", () => {
    const matrix: Matrix = { rows: 2, columns: 2, values: Float64Array.from([1, 2, 3, 4]) };
    expect(Array.from(matrixColumn(matrix).get(1) ?? [])).toEqual([3, 4]);
  });

  test("beyond 4 GiB is refused", () => {
    expect(() => allocateMatrix(30_000, 30_000)).toThrow(/under 4 GiB/);
  });
});

describe("progress", () => {
  test("of squared distances ends at 1", async () => {
    const told: number[] = [];
    await squaredDistances(randomMatrix(600, 50), { onProgress: (share) => told.push(share) });
    expect(told.at(-1)).toBe(1);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });
});

describe("an AbortSignal", () => {
  test("that has fired rejects at once", async () => {
    const call = squaredDistances(randomMatrix(3, 3), { signal: AbortSignal.abort() });
    await expect(call).rejects.toMatchObject({ name: "LlmapError", code: "ERR_ABORTED" });
  });

  test("that fires after the call stops it", async () => {
    const controller = new AbortController();
    const call = squaredDistances(randomMatrix(1000, 1500), { signal: controller.signal, threads: 1 });
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: "LlmapError", code: "ERR_ABORTED" });
  });

  test("stops principal components", async () => {
    const controller = new AbortController();
    const call = principalComponents(randomMatrix(700, 1500), 2, { signal: controller.signal, threads: 1 });
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: "LlmapError", code: "ERR_ABORTED" });
  });
});
