import { describe, expect, it } from "vitest";
import { choosePlanParameters, planBatches } from "../../../lib/scoring/batch-plan.js";
import { seededRandom } from "../../../lib/random.js";

describe("planBatches", () => {
  const random = seededRandom(1);
  const counts = Int32Array.from({ length: 500 }, () => Math.floor(random() * 300));
  const plan = planBatches(counts, { batchTokens: 512, sequences: 4 });
  const decoded = (batch: Int32Array): number => batch.reduce((sum, text) => sum + (counts[text] ?? 0) - 1, 0);

  it("has every text of two tokens or more exactly once", () => {
    const planned = plan.flatMap((batch) => Array.from(batch)).sort((a, b) => a - b);
    expect(planned).toEqual(Array.from(counts.keys()).filter((text) => (counts[text] ?? 0) >= 2));
  });

  it("keeps to the token budget and the number of sequences", () => {
    for (const batch of plan) {
      expect(batch.length).toBeLessThanOrEqual(4);
      expect(decoded(batch)).toBeLessThanOrEqual(512);
    }
  });

  it("puts longer texts first, ties in text order", () => {
    const order = plan.flatMap((batch) => Array.from(batch));
    for (let i = 1; i < order.length; i++) {
      const [before, after] = [order[i - 1] ?? 0, order[i] ?? 0];
      const difference = (counts[before] ?? 0) - (counts[after] ?? 0);
      expect(difference > 0 || (difference === 0 && before < after)).toBe(true);
    }
  });

  it("is a pure function of its arguments", () => {
    expect(planBatches(counts.slice(), { batchTokens: 512, sequences: 4 })).toEqual(plan);
  });

  it("gives a text longer than the budget a batch of its own", () => {
    expect(planBatches(Int32Array.of(5, 2000, 5), { batchTokens: 100, sequences: 8 })).toEqual([
      Int32Array.of(1),
      Int32Array.of(0, 2),
    ]);
  });

  it("has no batch where nothing can be scored", () => {
    expect(planBatches(Int32Array.of(0, 1, 1), { batchTokens: 100, sequences: 8 })).toEqual([]);
  });
});

describe("choosePlanParameters", () => {
  const free = { batchTokens: null, sequences: null, contexts: null, logitsBudget: 512 * 2 ** 20 };

  it.each([
    ["gpu", null, 2],
    ["gpu", 1, 1],
    ["cpu", null, 1],
    ["cpu", 4, 4],
  ] as const)("bounds the logits of all contexts by the budget (%s, %s contexts chosen: %i)", (device, chosen, contexts) => {
    const vocabulary = 3_000_000;
    const { batchTokens } = choosePlanParameters(Int32Array.of(4000), vocabulary, device, { ...free, contexts: chosen });
    expect(4 * vocabulary * batchTokens * contexts).toBeLessThanOrEqual(free.logitsBudget);
    expect(4 * vocabulary * (batchTokens + 1) * contexts).toBeGreaterThan(free.logitsBudget);
  });

  it("rounds the context up to whole steps of 256 tokens that hold the longest text", () => {
    expect(choosePlanParameters(Int32Array.of(3, 257), 1000, "cpu", free).contextSize).toBe(512);
    expect(choosePlanParameters(Int32Array.of(256), 1000, "cpu", free).contextSize).toBe(256);
  });

  it("takes what the user chose", () => {
    expect(choosePlanParameters(Int32Array.of(500), 1000, "cpu", { ...free, batchTokens: 64, sequences: 3 })).toEqual({
      batchTokens: 64,
      sequences: 3,
      contextSize: 512,
    });
  });
});
