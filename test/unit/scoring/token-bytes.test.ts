import { describe, expect, it } from "vitest";
import { scoredTokenBytes, tokenBytes } from "../../../lib/scoring/token-bytes.js";

// 0: BOS (no piece), 1: " a", 2: "b", 3: the first byte of "ä", 4: the second, 5: "Ab"
const pieces = { bytes: Uint8Array.from([0x20, 0x61, 0x62, 0xc3, 0xa4, 0x41, 0x62]), starts: Int32Array.of(0, 0, 2, 3, 4, 5, 7) };
const bytesOf = (content: string, tokens: number[]): number[] | null => {
  const found = tokenBytes(new TextEncoder().encode(content), Int32Array.from(tokens), pieces);
  return found && Array.from(found);
};

describe("the bytes that tokens stand for", () => {
  it("are those of their pieces, without a space that the tokenizer put in front", () => {
    expect(bytesOf(" ab", [1, 2])).toEqual([2, 1]);
    expect(bytesOf("ab a", [1, 2, 1])).toEqual([1, 1, 2]);
  });

  it("may be a part of a character", () => {
    expect(bytesOf("bä", [2, 3, 4])).toEqual([1, 1, 1]);
  });

  it("are not known where the tokens do not spell the text", () => {
    expect(bytesOf("ab", [5])).toBeNull();
    expect(bytesOf("b", [2, 2])).toBeNull();
  });

  it("are those of the beginning of a text that was cut", () => {
    expect(bytesOf("b b b", [2])).toEqual([1]);
  });

  it("leave out the token that is not scored, and say where the next one begins", () => {
    const sequences = (firstToken: "BOS" | "none", tokens: number[]) => ({
      tokens: Int32Array.from([2, ...tokens]),
      starts: Int32Array.of(0, 1, 1 + tokens.length),
      truncated: new Uint8Array(2),
      firstToken,
    });
    expect(scoredTokenBytes(sequences("BOS", [0, 1, 2]), 1, " ab", pieces)).toEqual({ first: 0, bytes: Int32Array.of(2, 1) });
    expect(scoredTokenBytes(sequences("none", [1, 2]), 1, " ab", pieces)).toEqual({ first: 2, bytes: Int32Array.of(1) });
    expect(scoredTokenBytes(sequences("none", [1, 2]), 1, "ä", pieces)).toBeNull();
  });
});
