import { describe, expect, it } from "vitest";
import { Divergences } from "../../../lib/report/divergences.js";
import { KlTriangle } from "../../../lib/report/kl-triangle.js";
import { pageTexts, sampleOf } from "../../../lib/report/page-data.js";
import { heldTokens, packTokens } from "../../../lib/report/page-tokens.js";
import { CentredTexts } from "../../../lib/report/surprising-texts.js";
import { chooseTokenTexts } from "../../../lib/report/token-choice.js";
import { familyReport } from "./sample-report.js";

describe("tokens in the page", () => {
  it("come back within half a step of 16 bits", () => {
    const [logProbs, others] = [[-0.001, -3.5, -17.25], [1e-7, -65.535]];
    const held = heldTokens(packTokens([{ model: 2, text: 5, tokens: { first: 3, bytes: [1, 2, 300], logProbs } }, { model: 2, text: 6, tokens: null }, { model: 3, text: 5, tokens: { first: 0, bytes: [4, 4], logProbs: others } }]));
    const found = held(2, 5);
    if (typeof found === "string") throw new Error(found);
    expect([found.first, Array.from(found.bytes)]).toEqual([3, [1, 2, 300]]);
    logProbs.forEach((value, i) => expect(Math.abs((found.logProbs[i] ?? NaN) - value)).toBeLessThanOrEqual(5.01e-4));
    const other = held(3, 5);
    if (typeof other === "string") throw new Error(other);
    others.forEach((value, i) => expect(other.logProbs[i]).toBeCloseTo(value, 3));
    expect(held(2, 6)).toBe("unplaced");
    expect([held(2, 7), held(0, 5)]).toEqual(["elsewhere", "elsewhere"]);
  });
});

describe("the texts of which the page holds the tokens", () => {
  const data = familyReport();
  const sample = sampleOf(pageTexts(data.sample, data.models.length));
  const divergences = new Divergences(data.kl && KlTriangle.fromMatrix(data.kl, data.models.length), data.neighbours);
  const choose = (models: Uint8Array, most: number): Set<number>[] => chooseTokenTexts(data, divergences, sample, { models, count: () => 100 }, most);
  const all = new Uint8Array(data.models.length).fill(1);
  const total = (chosen: Set<number>[]): number => chosen.reduce((sum, { size }) => sum + size, 0);

  it("begin with the most surprising ones of each model", () => {
    const centred = new CentredTexts(data, sample);
    const expected = data.models.map((_, model) => {
      const { below, above } = centred.farthest(model, 3);
      return [...below, ...above].map(({ text }) => text).sort();
    });
    const chosen = choose(all, 100 * expected.flat().length);
    expect(chosen.map((texts) => Array.from(texts).sort())).toEqual(expected);
  });

  it("go on with those that tell near models apart, for both of them, and keep within the limit", () => {
    const chosen = choose(all, 100_000);
    expect(total(chosen)).toBeGreaterThan(12 * 10);
    for (const most of [0, 99, 100, 5000]) expect(total(choose(all, most))).toBeLessThanOrEqual(most / 100);
  });

  it("are none of a model without tokens", () => {
    const some = all.slice().fill(0, 3);
    expect(choose(some, 100_000).map(({ size }) => size > 0)).toEqual(data.models.map((_, model) => model < 3));
    expect(total(choose(all.slice().fill(0), 100_000))).toBe(0);
  });
});
