/** What the addon says to wrong arguments: through the addon itself, since TypeScript would not let them pass. */
import { describe, expect, test } from "vitest";
import { loadAddon } from "../../lib/native/load-addon.js";

const addon = loadAddon();
const options = { threads: 1 };
const loose = addon as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;

function call(name: string, ...args: unknown[]): Promise<unknown> {
  const method = loose[name];
  if (method === undefined) throw new Error(`The addon has no function ${name}`);
  return method(...args);
}

const f32 = (n: number): Float32Array => new Float32Array(n);
const f64 = (n: number): Float64Array => new Float64Array(n);
const i32 = (...values: number[]): Int32Array => Int32Array.from(values);

const shared = new Float64Array(20);

const cases: [name: string, args: unknown[], message: string][] = [
  ["logSoftmaxGather", [f32(1100), 100, new Int32Array(12), f64(12), options], "Expected a Float32Array of rows x vocabulary = 12 x 100 values for logits but received 1100"],
  ["logSoftmaxGather", [f64(12), 12, i32(0), f64(1), options], "Expected a Float32Array for logits but received a Float64Array"],
  ["logSoftmaxGather", [f32(12), 12, i32(0), f64(2), options], "Expected a Float64Array of one per target = 1 values for out but received 2"],
  ["logSoftmaxGather", [f32(12), 12, i32(12), f64(1), options], "Expected token ids in [0, 12) for targets but received 12 in row 0"],
  ["logSoftmaxGather", [f32(24), 12, i32(3, -1), f64(2), options], "Expected token ids in [0, 12) for targets but received -1 in row 1"],
  ["logSoftmaxGather", [f32(12), 0, i32(0), f64(1), options], "Expected an integer from 1 to 2147483647 for vocabulary but received 0"],
  ["logSoftmaxGather", [f32(12), 1.5, i32(0), f64(1), options], "Expected an integer from 1 to 2147483647 for vocabulary but received 1.5"],
  ["logSoftmaxGather", [f32(12), 12, i32(0), f64(1), { threads: 1, simd: "mmx" }], 'Expected "avx512", "avx2", "neon" or "scalar" for options.simd but received "mmx"'],
  ["logSoftmaxGather", [f32(12), 12, i32(0), f64(1)], "Expected an object for options but received undefined"],
  ["quantile", [f64(3), 1.5, options], "Expected a number from 0 to 1 for q but received 1.5"],
  ["quantile", [f64(3), "0.5", options], 'Expected a number from 0 to 1 for q but received "0.5"'],
  ["quantile", [f64(0), 0.5, options], "Expected at least one value for values but received 0"],
  ["quantile", [[1, 2], 0.5, options], "Expected a Float64Array for values but received an array"],
  ["quantile", [f64(3), 0.5, { threads: 0 }], "Expected an integer from 1 to 1024 for options.threads but received 0"],
  ["quantile", [f64(3), 0.5, {}], "Expected an integer from 1 to 1024 for options.threads but received undefined"],
  ["quantile", [f64(3), 0.5, { threads: 1, cancel: f64(1) }], "Expected a Uint8Array for options.cancel but received a Float64Array"],
  ["quantile", [f64(3), 0.5, { threads: 1, progress: f64(2) }], "Expected a Float64Array of one share = 1 values for options.progress but received 2"],
  ["clip", [f64(3), NaN, options], "Expected a finite number for threshold but received NaN"],
  ["doubleCentre", [f64(11), 3, 4, null, null, f64(12), options], "Expected an array of rows x columns = 3 x 4 values for matrix but received 11"],
  ["doubleCentre", [f64(12), 3, 4, f64(3), null, f64(12), options], "Expected a Float64Array of one per column = 4 values for weights but received 3"],
  ["doubleCentre", [f64(12), 3, 4, f64(4), null, f64(12), options], "Expected at least one positive weight but received none"],
  ["doubleCentre", [shared.subarray(0, 12), 3, 4, null, null, shared.subarray(1, 13), options], "Expected matrix and out not to share memory but they overlap"],
  ["squaredDistances", [f64(12), 3, 4, 1, f64(12), options], "Expected a Float64Array of rows x rows = 3 x 3 values for out but received 12"],
  ["squaredDistances", [shared.subarray(0, 4), 2, 2, 1, shared.subarray(3, 7), options], "Expected matrix and out not to share memory but they overlap"],
  ["doubleCentre", [f32(12), 3, 4, null, null, f64(12), options], "Expected a Float32Array for out but received a Float64Array"],
  ["doubleCentre", [f64(12), 3, 4, null, NaN, f64(12), options], "Expected a finite number for least but received NaN"],
  ["squaredDistances", [i32(1, 2), 1, 2, 1, f64(1), options], "Expected a Float64Array for matrix but received an Int32Array"],
  ["updateNearest", [f64(12), 0, f32(12), 0, 4, f64(6), i32(0, 0, 0, 0, 0, 0), 2, options], "Expected a Float64Array for b but received a Float32Array"],
  ["updateNearest", [f64(11), 0, f64(12), 0, 4, f64(6), new Int32Array(6), 2, options], "Expected an array of whole rows = 2 x 4 values for a but received 11"],
  ["updateNearest", [f64(12), 0, f64(12), 1, 4, f64(8), new Int32Array(8), 2, options], "Expected blocks a and b of the same rows or of different ones but they overlap"],
  ["updateNearest", [f64(12), 3, f64(12), 0, 4, f64(8), new Int32Array(8), 2, options], "Expected distances for at least 6 rows but received 4"],
  ["updateNearest", [f64(12), 0, f64(12), 0, 4, f64(6), new Int32Array(5), 2, options], "Expected an Int32Array of all rows x count = 3 x 2 values for rows but received 5"],
  ["principalComponents", [f32(12), 3, 4, 4, options], "Expected an integer from 1 to 3 for components but received 4"],
  ["principalCoordinates", [f64(9), 3, 2, "yes", options], 'Expected a boolean for euclidean but received "yes"'],
  ["tsne", [f64(9), 3, f64(5), { ...options, perplexity: 1, metric: "euclidean", iterations: 1 }], "Expected two or three coordinates per row for start but received 5 for 3 rows"],
  ["tsne", [f64(8), 3, f64(6), { ...options, perplexity: 1, metric: "euclidean", iterations: 1 }], "Expected a Float64Array of rows x rows = 3 x 3 values for squaredDistances but received 8"],
  ["tsne", [f64(9), 3, f64(6), { ...options, perplexity: 1, metric: "cosine", iterations: 1 }], 'Expected "euclidean" or "squared-euclidean" for options.metric but received "cosine"'],
  ["tsne", [f64(9), 3, f64(6), { ...options, perplexity: 1, metric: "euclidean", iterations: 0 }], "Expected an integer from 1 to 2147483647 for options.iterations but received 0"],
  ["tsne", [f64(9), 10_001, f64(6), { ...options, perplexity: 1, metric: "euclidean", iterations: 1 }], "Expected an integer from 1 to 10000 for rows but received 10001"],
  ["linkage", [f64(8), 3, "average", false, options], "Expected a Float64Array of rows x rows = 3 x 3 values for distances but received 8"],
  ["linkage", [f64(9), 3, "average", undefined, options], "Expected a boolean for squared but received undefined"],
  ["cutSilhouettes", [f64(9), 3, i32(0, 1, 2, 3), 4, 1, options], "Expected an integer from 2 to 3 for most but received 4"],
  ["cutSilhouettes", [f64(9), 3, i32(0, 1), 2, 1, options], "Expected an Int32Array of two clusters for each of rows - 1 merges = 4 values for merges but received 2"],
  ["cutSilhouettes", [f64(9), 3, i32(0, 1, 2, 4), 2, 1, options], "Expected the merges of a tree but merge 1 joins cluster 4"],
  ["cutSilhouettes", [f64(9), 3, i32(0, 1, 1, 3), 2, 1, options], "Expected the merges of a tree but merge 1 joins cluster 1"],
  ["medianReach", [f64(1), 1, 0.9, options], "Expected an integer from 2 to 2147483647 for rows but received 1"],
  ["linkage", [f64(9), 3, "single", false, options], 'Expected "average", "complete" or "ward" for method but received "single"'],
  ["principalCoordinates", [f64(9), 3, 4, false, options], "Expected an integer from 1 to 3 for components but received 4"],
  ["bootstrapPairVariances", [f64(6), 2, 3, i32(0, 1), new Uint8Array(5), 2, f64(2), options], "Expected a Uint8Array of resamples x columns = 2 x 3 values for counts but received 5"],
  ["bootstrapPairVariances", [f64(6), 2, 3, i32(0, 2), new Uint8Array(6), 2, f64(2), options], "Expected rows from 0 to 1 for pairs but received 2"],
  ["bootstrapPairVariances", [f64(6), 2, 3, i32(0, 1), new Uint8Array(6), 2, f64(3), options], "Expected a Float64Array of pairs x resamples = 1 x 2 values for out but received 3"],
  ["ridgePredictions", [f64(8), 3, f64(3), i32(0, 1), i32(1, 1), f64(1).fill(1), f64(1), options], "Expected a Float64Array of rows x rows = 3 x 3 values for squaredDistances but received 8"],
  ["ridgePredictions", [f64(9), 3, f64(2), i32(0, 1), i32(1, 1), f64(1).fill(1), f64(1), options], "Expected a Float64Array of one per row = 3 values for labels but received 2"],
  ["ridgePredictions", [f64(9), 3, f64(3), i32(0, 3), i32(1, 1), f64(1).fill(1), f64(1), options], "Expected rows from 0 to 2 for members but received 3"],
  ["ridgePredictions", [f64(9), 3, f64(3), i32(0, 1), i32(1), f64(1).fill(1), f64(1), options], "Expected an Int32Array of two sizes a division for sizes but received 1"],
  ["ridgePredictions", [f64(9), 3, f64(3), i32(0, 1), i32(0, 2), f64(1).fill(1), f64(1), options], "Expected at least one training row in division 0 of sizes but received 0"],
  ["ridgePredictions", [f64(9), 3, f64(3), i32(0, 1), i32(2, 1), f64(1).fill(1), f64(1), options], "Expected as many members as sizes add up to but received 2"],
  ["ridgePredictions", [f64(9), 3, f64(3), i32(0, 1, 2), i32(1, 1), f64(1).fill(1), f64(1), options], "Expected as many members as sizes add up to but received 3"],
  ["ridgePredictions", [f64(9), 3, f64(3), i32(0, 1), i32(1, 1), f64(1), f64(1), options], "Expected positive numbers for alphas but received 0"],
  ["ridgePredictions", [f64(9), 3, f64(3), i32(0, 1), i32(1, 1), f64(2).fill(1), f64(1), options], "Expected a Float64Array of test rows x alphas = 1 x 2 values for out but received 1"],
];

test.each(cases)("%s(%#)", async (name, args, message) => {
  await expect(call(name, ...args)).rejects.toMatchObject({ code: "ERR_ARGUMENT", message });
});

describe("allocateTable", () => {
  test.each([
    [[{ name: "a", type: "int64" }], 1, 'Expected "int32", "float64", "list" or "fixedSizeList" for columns[0].type but received "int64"'],
    [[{ name: "a", type: "list", item: "float64", values: 1 }], 1, 'Expected "float32" for columns[0].item but received "float64"'],
    [[{ name: 3, type: "int32" }], 1, "Expected a string for columns[0].name but received 3"],
    [[{ name: "a", type: "int32" }], -1, "Expected an integer from 0 to 2147483647 for rows but received -1"],
    ["a", 1, 'Expected an array of column specifications for columns but received "a"'],
  ])("%j", (columns, rows, message) => {
    expect(() => call("allocateTable", columns, rows)).toThrow(expect.objectContaining({ code: "ERR_ARGUMENT", message }) as Error);
  });
});

describe("errors keep the caller's stack", () => {
  async function theCaller(logits: Float32Array): Promise<void> {
    await addon.logSoftmaxGather(logits, 4, Int32Array.from([0]), new Float64Array(1), options);
  }

  test.each([
    ["of the arguments", f32(3), "ERR_ARGUMENT"],
    ["of the computation", f32(4).fill(NaN), "ERR_NUMERIC"],
  ])("%s", async (_, logits, code) => {
    const error: unknown = await theCaller(logits).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code });
    const { message, stack } = error as Error;
    expect(stack?.split("\n", 1)[0]).toBe(`Error: ${message}`);
    expect(stack).toContain("theCaller");
  });
});

test("a cancel flag that is set before or after the call rejects with ERR_ABORTED", async () => {
  const values = new Float64Array(5_000_000);
  const cancel = new Uint8Array([1]);
  await expect(addon.quantile(values, 0.5, { threads: 1, cancel })).rejects.toMatchObject({ code: "ERR_ABORTED" });
  cancel[0] = 0;
  const call = addon.quantile(values, 0.5, { threads: 1, cancel });
  cancel[0] = 1;
  await expect(call).rejects.toMatchObject({ code: "ERR_ABORTED" });
});

test("arrays stay alive while a function reads them, and calls may run at the same time", async () => {
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, i) => addon.quantile(new Float64Array(200_000).fill(i), 0.5, { threads: 2 })),
  );
  expect(results).toEqual(Array.from({ length: 20 }, (_, i) => i));
});
