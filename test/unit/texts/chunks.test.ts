import { describe, expect, it } from "vitest";
import { chunksOf } from "../../../lib/texts/chunks.js";

const bytes = (text: string): number => Buffer.byteLength(text);

describe("chunksOf", () => {
  it("cuts as late as the limit allows, between characters", () => {
    // é has two bytes, € three, 😀 four: 9 bytes would end inside 😀.
    expect(chunksOf("éé€😀a", { maxBytes: 9, minBytes: 0 })).toEqual([
      { chunk: 0, content: "éé€" },
      { chunk: 1, content: "😀a" },
    ]);
  });

  it("leaves out what is too short, and keeps its number", () => {
    expect(chunksOf("abcdefgh", { maxBytes: 3, minBytes: 2 })).toEqual([
      { chunk: 0, content: "abc" },
      { chunk: 1, content: "def" },
    ]);
    expect(chunksOf("ab", { maxBytes: 3, minBytes: 2 })).toEqual([]);
    expect(chunksOf("", { maxBytes: 3, minBytes: 0 })).toEqual([]);
  });

  it("loses nothing, breaks no character, and could not have put one more character into any chunk", () => {
    const characters = ["a", "é", "€", "😀", "\n"];
    const document = Array.from({ length: 4000 }, (_, i) => characters[(i * i + 3 * i) % 7 % 5] ?? "").join("");
    for (const maxBytes of [4, 5, 7, 64, 1024]) {
      const chunks = chunksOf(document, { maxBytes, minBytes: 0 }).map(({ content }) => content);
      expect(chunks.join("")).toBe(document);
      expect(Math.max(...chunks.map(bytes))).toBeLessThanOrEqual(maxBytes);
      chunks.slice(1).forEach((next, i) => expect(bytes(chunks[i] ?? "") + bytes(Array.from(next)[0] ?? "")).toBeGreaterThan(maxBytes));
    }
  });

  it("is of no effect on chunks", () => {
    const limits = { maxBytes: 100, minBytes: 20 };
    for (const { content } of chunksOf("Wörter und Sätze. ".repeat(50), limits)) expect(chunksOf(content, limits)).toEqual([{ chunk: 0, content }]);
  });
});
