import { describe, expect, it } from "vitest";
import { textPieces, type TextTokens } from "../../../lib/report/text-pieces.js";

const tokens = (first: number, bytes: number[], logProbs: number[]): TextTokens => ({ first, bytes, logProbs });
const shown = (content: string, ...tokenizations: TextTokens[]): [string, ...(number | null)[]][] =>
  textPieces(content, tokenizations).map(({ text, scores }) => [text, ...(scores === null ? [null] : scores.map(({ logProb }) => logProb))]);

describe("pieces of a text", () => {
  it("are the tokens of one model", () => {
    expect(shown("the cat", tokens(0, [3, 4], [-1, -2]))).toEqual([["the", -1], [" cat", -2]]);
  });

  it("join tokens that are parts of one character", () => {
    const [piece] = textPieces("ä", [tokens(0, [1, 1], [-1, -2])]);
    expect(piece).toEqual({ text: "ä", bytes: 2, scores: [{ tokens: 2, logProb: -3 }] });
    expect(shown("a😀b", tokens(0, [2, 3, 1], [-1, -2, -4]))).toEqual([["a😀", -3], ["b", -4]]);
  });

  it("of two models end where tokens of both end, and their sums are exact", () => {
    const one = tokens(0, [3, 4, 1], [-1, -2, -4]);
    const other = tokens(0, [3, 1, 2, 2], [-8, -16, -32, -64]);
    expect(shown("the cats", one, other)).toEqual([["the", -1, -8], [" cats", -6, -112]]);
    expect(textPieces("the cats", [one, other]).map(({ scores }) => scores?.map((score) => score.tokens))).toEqual([[1, 1], [2, 3]]);
  });

  it("have no scores before the first scored token and beyond the last", () => {
    expect(shown("the cat sat", tokens(3, [4], [-2]))).toEqual([["the", null], [" cat", -2], [" sat", null]]);
    expect(shown("the cat", tokens(0, [3, 4], [-1, -2]), tokens(3, [4], [-5]))).toEqual([["the", null], [" cat", -2, -5]]);
  });

  it("end where the page cuts the text", () => {
    expect(shown("the c", tokens(0, [3, 4], [-1, -2]))).toEqual([["the", -1], [" c", null]]);
    expect(shown("", tokens(0, [3], [-1]))).toEqual([]);
  });

  it("keep every character, also a mark of byte order and half a surrogate pair", () => {
    const content = "\uFEFFa\ud800";
    expect(shown(content, tokens(0, [3, 1, 3], [-1, -2, -3])).map(([text]) => text).join("")).toBe("\uFEFFa\uFFFD");
  });

  it("count tokens without a byte with what they follow", () => {
    expect(shown("ab", tokens(0, [1, 0, 1], [-1, -2, -4]))).toEqual([["a", -3], ["b", -4]]);
  });
});
