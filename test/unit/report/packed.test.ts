import { describe, expect, it } from "vitest";
import { pack, unpack } from "../../../lib/report/packed.js";
import { columnError, logarithmicError, quantiseColumns, quantiseLogarithm, restoreLogarithm, restoreRow } from "../../../lib/report/quantised.js";
import { sampleTexts, textLimits } from "../../../lib/report/text-sample.js";
import { normal, seededRandom } from "../../../lib/random.js";

describe("pack", () => {
  it("keeps plain data and typed arrays of every kind", () => {
    const value = {
      texts: ["ü 漢 😀", "\ud800", "</script>", ""],
      nothing: null,
      nested: { bytes: Uint8Array.of(1, 2, 3), codes: Uint16Array.of(65_535), list: [Int32Array.of(-1, 7), { x: Float32Array.of(0.5, NaN), empty: new Float64Array() }] },
    };
    expect(unpack(pack(value).buffer)).toEqual(value);
  });

  it("takes nothing in strings for a reference, and keeps keys that objects have of their own", () => {
    const value = JSON.parse('{"labels": {"$array": "Uint8Array", "__proto__": {"a": 1}, "constructor": "x"}}') as unknown;
    const back = unpack(pack({ value, list: Uint8Array.of(9) }).buffer) as { value: { labels: object } };
    expect(JSON.stringify(back.value)).toBe(JSON.stringify(value));
    expect(Object.getPrototypeOf(back.value.labels)).toBe(Object.prototype);
  });
});

describe("quantisation", () => {
  const random = seededRandom(5);
  const values = Float64Array.from({ length: 5000 }, (_, i) => (i % 100 === 0 ? 0 : Math.exp(5 * normal(random))));

  it("of logarithms keeps zeros and has at most the stated relative error", () => {
    const quantised = quantiseLogarithm(values);
    const restored = restoreLogarithm(quantised);
    const error = logarithmicError(quantised);
    expect(error).toBeLessThan(5e-4);
    values.forEach((value, i) => {
      if (value === 0) expect(restored[i]).toBe(0);
      else expect(Math.abs((restored[i] ?? NaN) / value - 1)).toBeLessThanOrEqual(error);
    });
  });

  it.each([[[0, 0]], [[3, 3, 0]], [[]]])("of %j comes back", (few) => {
    expect(Array.from(restoreLogarithm(quantiseLogarithm(few)))).toEqual(few);
    for (const bad of [NaN, -1, Infinity]) expect(() => quantiseLogarithm([1, bad])).toThrow(`found ${bad} at position 1`);
  });

  it("of columns keeps what is missing and has at most the stated error", () => {
    const at = (row: number, column: number): number => (row === 2 && column === 1 ? NaN : -1500 * (column + 1) + 3 * Math.sin(row * 7 + column));
    const quantised = quantiseColumns(5, 3, at);
    const error = columnError(quantised);
    expect(error).toBeLessThan(1e-4);
    for (let row = 0; row < 5; row++) {
      restoreRow(quantised, row).forEach((value, column) => {
        if (row === 2 && column === 1) expect(value).toBeNaN();
        else expect(Math.abs(value - at(row, column))).toBeLessThanOrEqual(error + 1e-9);
      });
    }
  });
});

describe("sampleTexts", () => {
  const sources = Array.from({ length: 10_000 }, (_, i) => (i % 10 === 0 ? "rare" : i % 10 < 4 ? "code" : "prose"));
  const bytes = new Float64Array(10_000).fill(900);

  it("is all texts where they fit", () => {
    expect(sampleTexts(sources, bytes, 100)).toEqual(Int32Array.from(sources.keys()));
  });

  it("has the share of each source otherwise, in order, the same every time", () => {
    const sample = sampleTexts(sources, bytes, 10_000);
    expect(sample).toHaveLength(textLimits.logLikelihoods / 10_000);
    const count = (source: string): number => sample.filter((text) => sources[text] === source).length;
    expect([count("rare"), count("code"), count("prose")]).toEqual([10, 30, 60]);
    expect(sample).toEqual(Int32Array.from(sample).sort());
    expect(sampleTexts(sources, bytes, 10_000)).toEqual(sample);
  });

  it("stays within the bytes of a page, and holds a text of every source while there is room", () => {
    const long = new Float64Array(10_000).fill(2000);
    const sample = sampleTexts(sources, long, 1);
    expect(sample.length * 2000).toBeLessThanOrEqual(textLimits.bytes);
    expect(sample.length).toBeGreaterThan(4900);
    const many = Array.from({ length: 10_000 }, (_, i) => (i < 50 ? `source ${i}` : "all else"));
    const kept = new Set(Array.from(sampleTexts(many, bytes, 10_000), (text) => many[text]));
    expect(kept.size).toBe(51);
  });
});
