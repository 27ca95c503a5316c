import { existsSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { texts } from "../../../lib/run/texts.js";
import { buildTextSet } from "../../../lib/texts/build-text-set.js";
import { readTextSet } from "../../../lib/texts/read-text-set.js";
import { samplePerSource } from "../../../lib/texts/sample-texts.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

/** Documents of the sources a (1 chunk), b (3) and c (40), of 30 bytes a chunk. */
function documents(folder: string): string {
  const path = join(folder, "documents.jsonl");
  const document = (source: string, chunks: number): string => {
    const text = Array.from({ length: chunks }, (_, i) => `${source} ${String(i).padStart(27, ".")}\n`).join("");
    return JSON.stringify({ text, source });
  };
  writeFileSync(path, [document("a", 1), document("b", 3), document("c", 25), document("c", 15)].join("\n"));
  return path;
}
const limits = { maxBytes: 30, minBytes: 20 };

describe("buildTextSet", () => {
  it("cuts documents, says where each chunk is from, and draws the same with the same seed", async () => {
    const inputs = [documents(temporaryFolder())];
    const all = await buildTextSet("all", { inputs, ...limits });
    expect(all.texts).toHaveLength(44);
    expect(all.texts[4]).toEqual({ content: `c ${"0".padStart(27, ".")}\n`, bytes: 30, source: "c", columns: { document: 2, chunk: 0 } });
    const draw = (seed: number) => buildTextSet("some", { inputs, ...limits, count: 10, seed });
    const [one, same, other] = [await draw(1), await draw(1), await draw(2)];
    expect(one.hash).toBe(same.hash);
    expect(one.hash).not.toBe(other.hash);
    const places = one.texts.map(({ columns }) => Number(columns["document"]) * 100 + Number(columns["chunk"]));
    expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
    expect(places).toHaveLength(10);
  });

  it("takes the sources that were named, and evenly where asked", async () => {
    const inputs = [documents(temporaryFolder())];
    const counts = async (options: object) => {
      const { texts } = await buildTextSet("x", { inputs, ...limits, ...options });
      return ["a", "b", "c"].map((source) => texts.filter((text) => text.source === source).length);
    };
    expect(await counts({ sources: ["a", "c"] })).toEqual([1, 0, 40]);
    expect(await counts({ count: 6, perSource: true })).toEqual([1, 2, 3]);
    expect(await counts({ count: 20, perSource: true })).toEqual([1, 3, 16]);
    expect(await counts({ count: 44, perSource: true })).toEqual([1, 3, 40]);
    await expect(counts({ sources: ["d"] })).rejects.toThrow("No document has the source d. Sources are a, b, c.");
  });

  it("draws every text equally often", () => {
    const drawn = new Float64Array(8);
    const rounds = 4000;
    for (let seed = 0; seed < rounds; seed++) for (const text of samplePerSource(Array.from("aaabbbbb"), 4, seed)) drawn[text] = (drawn[text] ?? 0) + 1;
    // 2 of 3 and 2 of 5; five standard deviations of a binomial count.
    drawn.forEach((count, text) => {
      const p = text < 3 ? 2 / 3 : 2 / 5;
      expect(Math.abs(count - rounds * p)).toBeLessThan(5 * Math.sqrt(rounds * p * (1 - p)));
    });
  });

  it("says what is wrong", async () => {
    const inputs = [documents(temporaryFolder())];
    await expect(buildTextSet("x", { inputs, ...limits, count: 45 })).rejects.toThrow("The 4 documents have 44 chunks of more than 20 bytes; expected 45.");
    await expect(buildTextSet("x", { inputs, minBytes: 30, maxBytes: 30 })).rejects.toThrow("No chunk is longer than 30 bytes");
    await expect(buildTextSet("x", { inputs, count: 1.5 })).rejects.toThrow("Expected a whole number of at least 1 for count (--count) but received 1.5");
    await expect(buildTextSet("x", { inputs: ["/no/such.jsonl"] })).rejects.toMatchObject({ code: "ERR_NOT_FOUND" });
  });
});

describe("texts", () => {
  it("writes a file that reads back as the same set", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "texts.jsonl");
    const facts = await texts({ inputs: [documents(folder)], ...limits, count: 12, out });
    const set = await readTextSet(out);
    expect(set.hash).toBe(facts.hash);
    expect(set.texts[0]?.columns).toHaveProperty("document");
    expect(readFileSync(out, "utf8").trim().split("\n")).toHaveLength(12);
    expect(await texts({ inputs: [out], inspect: true })).toEqual({ ...facts, name: "texts.jsonl" });
  });

  it("reads .txt files and folders; the file or folder is the source of what has none", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "set"));
    writeFileSync(join(folder, "one.txt"), "x".repeat(40));
    writeFileSync(join(folder, "set", "two.txt"), "y".repeat(70));
    const { sources, count, meanBytes } = await texts({ inputs: [join(folder, "one.txt"), join(folder, "set")], ...limits });
    expect(sources).toEqual([{ source: "set", count: 2 }, { source: "one.txt", count: 1 }]);
    expect([count, meanBytes]).toEqual([3, 30]);
  });

  it.runIf(existsSync("/dev/full"))("says that the disk is full; a device is written to, not replaced", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "full");
    symlinkSync("/dev/full", out);
    await expect(texts({ inputs: [documents(folder)], ...limits, out })).rejects.toThrow(/^Cannot write .*full: ENOSPC/);
    expect(readlinkSync(out)).toBe("/dev/full");
  });

  it("says that a file cannot be written", async () => {
    const folder = temporaryFolder();
    const attempt = texts({ inputs: [documents(folder)], ...limits, out: join(folder, "no", "such", "texts.jsonl") });
    await expect(attempt).rejects.toThrow(/^Cannot write .*texts.jsonl: ENOENT/);
  });
});
