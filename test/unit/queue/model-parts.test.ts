import { describe, expect, it } from "vitest";
import { choosePartCount, isPartDone, textsNotWanted } from "../../../lib/queue/model-parts.js";

describe("parts of a model", () => {
  it.each([
    [7, 1],
    [7, 3],
    [2, 5],
    [100, 64],
  ])("have every text of %i batches once, in %i parts", (batches, of) => {
    // Two texts in each batch, and two that are in none.
    const batchOfText = Int32Array.from({ length: 2 * batches + 2 }, (_, text) => (text >= 2 * batches ? -1 : text % batches));
    const wanted = new Int32Array(batchOfText.length);
    for (let part = 0; part < of; part++) textsNotWanted(batchOfText, batches, { part, of }, new Set()).forEach((not, text) => (wanted[text] = (wanted[text] ?? 0) + 1 - not));
    expect(Array.from(wanted)).toEqual(Array.from(wanted, () => 1));
    const sizes = Array.from({ length: of }, (_, part) => textsNotWanted(batchOfText, batches, { part, of }, new Set([0])).filter((not) => not === 0).length / 2);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });

  it("are done when all their units are", () => {
    const plan = { batches: 4, emptyTexts: 1 };
    expect(isPartDone(plan, { part: 0, of: 2 }, new Set([1, 2]))).toBe(false);
    expect(isPartDone({ ...plan, emptyTexts: 0 }, { part: 0, of: 2 }, new Set([1, 2]))).toBe(true);
    expect(isPartDone(plan, { part: 0, of: 2 }, new Set([0, 1, 2]))).toBe(true);
    expect(isPartDone(plan, { part: 1, of: 2 }, new Set([3]))).toBe(false);
    expect(isPartDone(plan, { part: 0, of: 1 }, new Set([0, 1, 2, 3, 4]))).toBe(true);
  });

  it("leave out the texts of units that are done", () => {
    expect(Array.from(textsNotWanted(Int32Array.of(0, 1, 1, -1), 2, { part: 0, of: 1 }, new Set([2])))).toEqual([0, 1, 1, 0]);
  });

  it("are one for a small model, and more for a large one", () => {
    expect(choosePartCount(1e8, 1e7)).toBe(1);
    expect(choosePartCount(7e9, 1e7)).toBe(4);
    expect(choosePartCount(1e15, 1e9)).toBe(64);
  });
});
