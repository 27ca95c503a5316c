import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { makeTextSet } from "../../../lib/texts/text-set.js";

const text = (content: string) => ({ content, source: null, columns: {} });

/** The documented hash, put together by hand: the lengths are spelt out byte by byte. */
function expectedHash(contents: readonly string[]): string {
  const parts = contents.map((content) => {
    const utf8 = new TextEncoder().encode(content);
    const length = Array.from({ length: 8 }, (_, byte) => Math.floor(utf8.length / 256 ** byte) % 256);
    return [...length, ...utf8];
  });
  return createHash("sha256").update(Uint8Array.from(parts.flat())).digest("hex");
}

describe("makeTextSet", () => {
  it("counts UTF-8 bytes", () => {
    const set = makeTextSet("set", ["a", "ä", "€", "🦙"].map(text));
    expect(set.texts.map(({ bytes }) => bytes)).toEqual([1, 2, 3, 4]);
    expect(set.meanBytes).toBe(2.5);
  });

  it("hashes each text behind its length", () => {
    const contents = ["short", "größer", "x".repeat(300), "🦙\n"];
    expect(makeTextSet("set", contents.map(text)).hash).toBe(expectedHash(contents));
  });

  it("hashes a known set to a known value (sha256sum of 0100000000000000 61)", () => {
    expect(makeTextSet("set", [text("a")]).hash).toBe("ae6121c88ba555f64c3d812123eb799d128015541f850c5e9bf1d54c08ad8481");
  });

  it("has another hash for other borders, another order, and one text twice; not for other names, sources and columns", () => {
    const hash = (...contents: string[]): string => makeTextSet("set", contents.map(text)).hash;
    expect(new Set([hash("ab", "c"), hash("a", "bc"), hash("c", "ab"), hash("abc"), hash("ab", "c", "c")]).size).toBe(5);
    expect(makeTextSet("other", [{ content: "ab", source: "here", columns: { index: 3 } }]).hash).toBe(hash("ab"));
  });

  it("refuses an empty set", () => {
    expect(() => makeTextSet("nothing.jsonl", [])).toThrow(
      expect.objectContaining({ code: "ERR_TEXTS", message: "nothing.jsonl holds no text; expected at least one." }),
    );
  });
});
