import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { nearestModels, nearestNeighbours, type RowSource } from "../../../lib/matrix/neighbours.js";
import { openRowFile } from "../../../lib/matrix/row-file.js";
import { allocateMatrix, squaredDistances, type Matrix } from "../../../lib/native/matrix.js";
import { seededRandom } from "../../../lib/random.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const columns = 12;

function randomMatrix(rows: number): Matrix {
  const random = seededRandom(5);
  const matrix = allocateMatrix(rows, columns);
  matrix.values.forEach((_, at) => (matrix.values[at] = random()));
  // Some equal rows, so that ties decide.
  for (let i = 5; i < rows; i += 5) matrix.values.copyWithin(i * columns, 0, columns);
  return matrix;
}

/** A source over a matrix in memory, which notes what was read. */
function sourceOf(matrix: Matrix, read: number[] = []): RowSource {
  return {
    rows: matrix.rows,
    columns,
    readRows: (first, count) => {
      read.push(first);
      return Promise.resolve(matrix.values.slice(first * columns, (first + count) * columns));
    },
  };
}

describe("nearestModels", () => {
  it("lists the nearest models, nearest first, never the model itself", () => {
    const kl = Float64Array.of(0, 3, 1, 3, 0, 2, 1, 2, 0);
    expect(nearestModels(kl, 3, 0, 5)).toEqual([
      { model: 2, kl: 1 },
      { model: 1, kl: 3 },
    ]);
    expect(nearestModels(kl, 3, 1, 1)).toEqual([{ model: 2, kl: 2 }]);
  });

  it("breaks ties by row order", () => {
    expect(nearestModels(Float64Array.of(0, 2, 1, 1, 1), 5, 0, 3).map(({ model }) => model)).toEqual([2, 3, 4]);
  });
});

describe("nearestNeighbours", () => {
  it("are the nearest models of the matrix of distances", async () => {
    const matrix = randomMatrix(300);
    const { rows, squaredDistances: found, count } = await nearestNeighbours(matrix, 7);
    const distances = await squaredDistances(matrix);
    expect(count).toBe(7);
    for (let i = 0; i < matrix.rows; i++) {
      const expected = nearestModels(distances.values, matrix.rows, i, 7);
      expect(Array.from(rows.subarray(i * 7, i * 7 + 7))).toEqual(expected.map(({ model }) => model));
      expect(Array.from(found.subarray(i * 7, i * 7 + 7))).toEqual(expected.map(({ kl }) => kl));
    }
  });

  it("of a source are the same to the bit, whatever its blocks, and tell their progress", async () => {
    const matrix = randomMatrix(1100);
    const expected = await nearestNeighbours(matrix, 4);
    for (const blockRows of [1, 256, 500, 5000]) {
      const told: number[] = [];
      const read: number[] = [];
      const found = await nearestNeighbours(sourceOf(matrix, read), 4, { blockRows, onProgress: (share) => told.push(share) });
      expect(found).toEqual(expected);
      expect(told.at(-1)).toBeCloseTo(1, 12);
      expect(told).toEqual([...told].sort((a, b) => a - b));
      const blocks = Math.ceil(1100 / (Math.ceil(blockRows / 256) * 256));
      expect(read).toHaveLength((blocks * (blocks + 1)) / 2);
    }
  });

  it("reads float64 and float32 from a file", async () => {
    const matrix = randomMatrix(40);
    const folder = temporaryFolder();
    for (const [type, values] of [["float64", matrix.values], ["float32", Float32Array.from(matrix.values)]] as const) {
      const path = join(folder, type);
      await writeFile(path, values);
      const file = await openRowFile(path, columns, type);
      expect(file.rows).toBe(40);
      expect(await nearestNeighbours(file, 3)).toEqual(await nearestNeighbours({ ...matrix, values }, 3));
      await file.close();
      await expect(openRowFile(path, 11, type)).rejects.toMatchObject({ code: "ERR_ARGUMENT" });
    }
    await expect(openRowFile(join(folder, "none"), columns, "float64")).rejects.toMatchObject({ code: "ERR_NOT_FOUND" });
  });

  it("refuses more neighbours than there are, and blocks of another size", async () => {
    const matrix = randomMatrix(3);
    await expect(nearestNeighbours(matrix, 3)).rejects.toMatchObject({
      code: "ERR_ARGUMENT",
      message: "Expected a number of neighbours from 1 to 2 (one less than the rows) but received 3",
    });
    const short: RowSource = { rows: 3, columns, readRows: () => Promise.resolve(new Float64Array(5)) };
    await expect(nearestNeighbours(short, 1)).rejects.toMatchObject({
      code: "ERR_ARGUMENT",
      message: `Expected 3 x ${columns} values from readRows(0, 3) but received 5`,
    });
  });

  it("passes on what a source rejects with, also while two blocks are compared", async () => {
    const matrix = randomMatrix(800);
    const source = sourceOf(matrix);
    let reads = 0;
    const failing: RowSource = {
      ...source,
      readRows: (first, count) => (++reads === 5 ? Promise.reject(new Error("disk")) : source.readRows(first, count)),
    };
    await expect(nearestNeighbours(failing, 1, { blockRows: 256 })).rejects.toThrow("disk");
  });

  it("stops when its signal fires", async () => {
    const matrix = randomMatrix(800);
    const controller = new AbortController();
    const source = sourceOf(matrix);
    let reads = 0;
    const aborting: RowSource = {
      ...source,
      readRows: (first, count) => {
        if (++reads === 3) controller.abort();
        return source.readRows(first, count);
      },
    };
    const run = nearestNeighbours(aborting, 1, { blockRows: 256, signal: controller.signal });
    await expect(run).rejects.toMatchObject({ code: "ERR_ABORTED" });
    expect(reads).toBeLessThan(6);
  });
});
