import { describe, expect, test } from "vitest";
import type { SimdLevel } from "../../lib/native/addon.js";
import { loadAddon } from "../../lib/native/load-addon.js";
import { seededRandom } from "../../lib/random.js";

const addon = loadAddon();
const { simdAvailable } = addon.info();
const sizes = [1, 2, 3, 15, 16, 17, 512, 32_000, 256_000];

/** log p(target) in float64: the plain formula, with the maximum taken off and compensated summation. */
function reference(row: Float32Array, target: number): number {
  const maximum = row.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  let compensation = 0;
  for (const x of row) {
    const term = Math.exp(x - maximum) - compensation;
    const next = sum + term;
    compensation = next - sum - term;
    sum = next;
  }
  return (row[target] ?? NaN) - maximum - Math.log(sum);
}

async function worstError(rows: Float32Array[], simd: SimdLevel): Promise<number> {
  const vocabulary = rows[0]?.length ?? 0;
  const logits = new Float32Array(rows.length * vocabulary);
  rows.forEach((row, r) => logits.set(row, r * vocabulary));
  const targets = Int32Array.from(rows, (_, r) => Math.floor((vocabulary - 1) * (r / Math.max(1, rows.length - 1))));
  const out = new Float64Array(rows.length);
  await addon.logSoftmaxGather(logits, vocabulary, targets, out, { threads: 2, simd });
  return rows.reduce((worst, row, r) => {
    const expected = reference(row, targets[r] ?? 0);
    const error = out[r] === expected ? 0 : Math.abs((out[r] ?? NaN) - expected);
    return Math.max(worst, error);
  }, 0);
}

describe.each(simdAvailable)("log-softmax gather with %s", (simd) => {
  const random = seededRandom(42);
  const kinds: Record<string, (index: number) => number> = {
    random: () => random() * 40 - 20,
    "as of a model": () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()) * 3,
    huge: () => (random() < 0.5 ? 1e4 : -1e4) + random(),
    "spread over +-1e4": () => random() * 2e4 - 1e4,
    tiny: () => (random() - 0.5) * 1e-30,
    "mostly -inf": (index) => (index % 5 === 0 ? random() * 10 : -Infinity),
    equal: () => -3.25,
  };
  test.each(Object.keys(kinds))("%s logits", async (kind) => {
    const value = kinds[kind] ?? random;
    for (const size of sizes) {
      const rows = Array.from({ length: size > 1000 ? 3 : 20 }, () => Float32Array.from({ length: size }, (_, i) => value(i)));
      expect(await worstError(rows, simd), `vocabulary ${size}`).toBeLessThan(1e-6);
    }
  });

  test.each([NaN, Infinity])("%s is an error that names the row", async (bad) => {
    for (const size of sizes) {
      const logits = new Float32Array(size * 4).fill(0.5);
      logits[2 * size + Math.floor(size / 2)] = bad;
      const call = addon.logSoftmaxGather(logits, size, new Int32Array(4), new Float64Array(4), { threads: 2, simd });
      await expect(call, `vocabulary ${size}`).rejects.toMatchObject({
        code: "ERR_NUMERIC",
        message: expect.stringContaining("row 2 of logits") as string,
      });
    }
  });

  test("a row of nothing but -inf is an error", async () => {
    const logits = new Float32Array(300).fill(-Infinity, 100, 200);
    const call = addon.logSoftmaxGather(logits, 100, new Int32Array(3), new Float64Array(3), { threads: 1, simd });
    await expect(call).rejects.toMatchObject({ code: "ERR_NUMERIC", message: expect.stringContaining("row 1") as string });
  });

  test("a target at -inf has log-probability -inf", async () => {
    const logits = Float32Array.from([0, -Infinity, 1]);
    const out = new Float64Array(1);
    await addon.logSoftmaxGather(logits, 3, Int32Array.from([1]), out, { threads: 1, simd });
    expect(out[0]).toBe(-Infinity);
  });
});

test("levels that this CPU does not run are refused", async () => {
  const absent = (["avx512", "avx2", "neon", "scalar"] as const).filter((level) => !simdAvailable.includes(level));
  for (const simd of absent) {
    const call = addon.logSoftmaxGather(new Float32Array(2), 2, new Int32Array(1), new Float64Array(1), { threads: 1, simd });
    await expect(call).rejects.toMatchObject({ code: "ERR_ARGUMENT" });
  }
  expect(absent.length).toBeGreaterThan(0);
});
