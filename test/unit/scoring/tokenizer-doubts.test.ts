/** Doubts about tokenizers, in models whose metadata is changed on purpose. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ScorerSupervisor } from "../../../lib/scoring/scorer-supervisor.js";
import { defaultScoringOptions, type BosPolicy } from "../../../lib/scoring/settings.js";
import { countBrokenRoundTrips, roundTripDoubts } from "../../../lib/scoring/tokenizer-doubts.js";
import { demoModel, fixtureTexts } from "../../helpers/fixtures.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const contents = fixtureTexts().slice(0, 40).map(({ text }) => text);
const supervisor = new ScorerSupervisor();
afterAll(() => supervisor.dispose());

/** A copy of small-f16 in which one stretch of bytes is another of the same length. */
function changed(from: Buffer, to: Buffer): string {
  const file = readFileSync(demoModel("small-f16"));
  const at = file.indexOf(from);
  expect(at).toBeGreaterThan(0);
  expect(to).toHaveLength(from.length);
  to.copy(file, at);
  const path = join(temporaryFolder(), "changed.gguf");
  writeFileSync(path, file);
  return path;
}

async function warningsOf(modelPath: string, bos: BosPolicy = "auto"): Promise<string[]> {
  let warnings: string[] = [];
  const options = { ...defaultScoringOptions, gpu: "off" as const, threads: 1, bos };
  await supervisor.score(
    { modelPath, contents, options, stored: null },
    {
      onPrepared: (prepared) => {
        warnings = prepared.warnings;
        return Promise.resolve(new Uint8Array(contents.length).fill(1));
      },
      onBatch: () => Promise.resolve(),
    },
  );
  return warnings;
}

const bosKey = Buffer.from("tokenizer.ggml.add_bos_token");
const trueValue = Buffer.from([7, 0, 0, 0, 1]);
const falseValue = Buffer.from([7, 0, 0, 0, 0]);

describe("a tokenizer", () => {
  it("that is whole raises no doubt", async () => {
    expect(await warningsOf(demoModel("small-f16"))).toEqual([]);
  });

  it("whose metadata says nothing of BOS, or asks for none, is named, unless BOS is put there anyway", async () => {
    const silent = changed(bosKey, Buffer.from("tokenizer.ggml.bdd_bos_token"));
    expect(await warningsOf(silent)).toEqual([expect.stringMatching(/^No BOS.*add_bos_token is missing/)]);
    expect(await warningsOf(silent, "always")).toEqual([]);
    expect(await warningsOf(silent, "never")).toEqual([]);
    const refusing = changed(Buffer.concat([bosKey, trueValue]), Buffer.concat([bosKey, falseValue]));
    expect(await warningsOf(refusing)).toEqual([expect.stringMatching(/^No BOS.*the metadata asks for none/)]);
  });

  it("without a pre-tokenizer is named", async () => {
    const path = changed(Buffer.from("tokenizer.ggml.pre"), Buffer.from("tokenizer.ggml.prx"));
    expect((await warningsOf(path)).join("\n")).toMatch(/names no pre-tokenizer/);
  });

  it("that lacks a character says in how many texts", async () => {
    const token = (text: string): Buffer => Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]), Buffer.from(text)]);
    const alphabet = (letter: string): Buffer => Buffer.concat(["P", letter, "R"].map(token));
    const path = changed(alphabet("Q"), alphabet("\u0001"));
    const affected = contents.filter((content) => content.includes("Q")).length;
    expect(affected).toBeGreaterThan(0);
    expect(await warningsOf(path)).toEqual([expect.stringContaining(`${affected} of 40 texts (${((100 * affected) / 40).toFixed(1)} %) do not survive`)]);
  });
});

describe("a round trip", () => {
  // 0: BOS, 1: " a", 2: "b", 3: the first byte of a character, 4: the second
  const pieces = { bytes: Uint8Array.from([0x3c, 0x20, 0x61, 0x62, 0xc3, 0xa4]), starts: Int32Array.of(0, 1, 3, 4, 5, 6) };
  const broken = (content: string, tokens: number[], firstToken: "BOS" | "none" = "none", truncated = 0): number =>
    countBrokenRoundTrips(
      { tokens: Int32Array.from(tokens), starts: Int32Array.of(0, tokens.length), truncated: Uint8Array.of(truncated), firstToken },
      [content],
      pieces,
    );

  it("may put a space in front, and leaves the token in front out", () => {
    expect(broken("ab", [1, 2])).toBe(0);
    expect(broken(" ab", [1, 2])).toBe(0);
    expect(broken("ab", [0, 1, 2], "BOS")).toBe(0);
    expect(broken("ab", [0, 1, 2])).toBe(1);
  });

  it("puts characters together from their bytes, and misses what is missing", () => {
    expect(broken("bä", [2, 3, 4])).toBe(0);
    expect(broken("bä", [2, 3])).toBe(1);
    expect(broken("b", [2, 3, 4])).toBe(1);
    expect(broken("bä", [2, 3], "none", 1)).toBe(0);
  });

  it("is told as a share", () => {
    expect(roundTripDoubts(0, 10)).toEqual([]);
    expect(roundTripDoubts(1, 8)[0]).toContain("1 of 8 texts (12.5 %)");
    expect(roundTripDoubts(1, 10_000)[0]).toContain("(under 0.1 %)");
  });
});
