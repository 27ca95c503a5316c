import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readGgufFileInfo } from "node-llama-cpp";
import { describe, expect, it } from "vitest";
import { LlmapError } from "../../../lib/errors.js";
import { modelFacts } from "../../../lib/models/gguf-facts.js";
import { readGgufHeader } from "../../../lib/models/gguf-header.js";
import { demoModel } from "../../helpers/fixtures.js";
import { seededRandom } from "../../../lib/random.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";
import { ggufBytes, llama, writeGguf } from "./write-gguf.js";

const demoModels = [
  ...["base-f16", "base-q8_0", "base-q5_0", "base-q4_0", "base-step200-q8_0", "base-seed2-q8_0", "base-ft-code-q8_0", "base-ft-code-q4_0"],
  ...["base-ft-german-q8_0", "small-f16", "gpt2b-f16", "gpt2b-ft-french-f16"],
];

/** The result of reading `bytes` as a file, and how long it took in ms. */
async function read(bytes: Uint8Array): Promise<{ error: unknown; ms: number }> {
  const path = join(temporaryFolder(), "model.gguf");
  writeFileSync(path, bytes);
  const start = performance.now();
  const error: unknown = await readGgufHeader(path)
    .then((header) => void modelFacts([header]))
    .catch((reason: unknown) => reason);
  return { error, ms: performance.now() - start };
}

async function reasonOf(bytes: Uint8Array): Promise<string> {
  const { error } = await read(bytes);
  if (!(error instanceof LlmapError)) throw new Error("expected an LlmapError");
  expect(error.code).toBe("ERR_GGUF");
  return error.message;
}

describe("GGUF headers of the demo models", () => {
  it.each(demoModels)("%s: agree with node-llama-cpp's reader", async (name) => {
    const header = await readGgufHeader(demoModel(name));
    const reference = await readGgufFileInfo(demoModel(name), { logWarnings: false });
    const tensors = reference.fullTensorInfo ?? [];
    expect(header.tensors).toBe(Number(reference.totalTensorCount));
    const weights = new Map<number, number>();
    for (const { ggmlType, dimensions } of tensors) {
      weights.set(ggmlType, (weights.get(ggmlType) ?? 0) + dimensions.reduce<number>((product, length) => product * Number(length), 1));
    }
    expect(new Map(header.weightsByType)).toEqual(weights);
    expect(header.metadata.get("general.architecture")).toBe(reference.metadata.general.architecture);
    expect(header.arrayLengths.get("tokenizer.ggml.tokens")).toBe(reference.metadata.tokenizer.ggml.tokens.length);
  });

  it("give the facts that test/fixtures and the training scripts document", async () => {
    const facts = modelFacts([await readGgufHeader(demoModel("base-q4_0"))]);
    expect(facts).toMatchObject({ architecture: "llama", quantization: "Q4_0", contextLength: 1024, vocabularySize: 1024, bytes: 624_032 });
    expect(facts.parameters / 1e6).toBeCloseTo(0.94, 2);
    expect(modelFacts([await readGgufHeader(demoModel("gpt2b-f16"))])).toMatchObject({ architecture: "gpt2", quantization: "F16", vocabularySize: 512 });
  });
});

describe("facts", () => {
  const factsOf = async (metadata: Parameters<typeof llama>[0]) => {
    const path = join(temporaryFolder(), "model.gguf");
    writeGguf(path, { metadata: llama(metadata), tensors: { "token_embd.weight": [8, 5], "output_norm.weight": [8] } });
    return modelFacts([await readGgufHeader(path)]);
  };

  it("are null where the header is silent, and the tensors tell the quantization", async () => {
    expect(await factsOf({})).toMatchObject({ title: null, parameters: 48, quantization: "F32", vocabularySize: null, tokenizer: null, addBosToken: null });
  });

  it.each([
    [15, "Q4_K_M"],
    [0, "F32"],
    [32, "BF16"],
    [1024 + 7, "Q8_0"],
    [999, "F32"],
  ])("name file type %i %s", async (number, name) => {
    expect((await factsOf({ "general.file_type": { uint32: number } })).quantization).toBe(name);
  });

  it("count the vocabulary by its tokens, or by the architecture's key", async () => {
    expect((await factsOf({ "tokenizer.ggml.tokens": { strings: ["a", "", "b"] } })).vocabularySize).toBe(3);
    expect((await factsOf({ "llama.vocab_size": { uint32: 7 } })).vocabularySize).toBe(7);
  });

  it("keep the tokenizer's BOS policy", async () => {
    const facts = await factsOf({ "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.add_bos_token": false, "general.name": "Ünïcode" });
    expect(facts).toMatchObject({ tokenizer: "gpt2", addBosToken: false, title: "Ünïcode" });
  });
});

describe("damaged headers", () => {
  const original = readFileSync(demoModel("base-q4_0"));
  const headerBytes = original.indexOf("output_norm.weight") + 64;

  it("cut short anywhere are incomplete", async () => {
    const random = seededRandom(1);
    for (let run = 0; run < 24; run++) {
      const length = 4 + Math.floor(random() * headerBytes);
      const { error, ms } = await read(original.subarray(0, length));
      expect(error, `${length} bytes`).toMatchObject({ code: "ERR_GGUF" });
      expect(ms).toBeLessThan(1000);
    }
  });

  it("whole but with tensors missing are incomplete", async () => {
    expect(await reasonOf(original.subarray(0, original.length >> 1))).toMatch(/incomplete: its last tensor starts at byte \d+, the file ends at 312016/);
  });

  it("with flipped bits are errors or headers, at once", async () => {
    const random = seededRandom(2);
    for (let run = 0; run < 48; run++) {
      const bytes = Buffer.from(original);
      // Half of the runs damage the counts and the first keys, where most depends on every bit.
      const range = run % 2 === 0 ? 256 : headerBytes;
      for (let flip = 0; flip <= run % 4; flip++) {
        const at = 4 + Math.floor(random() * (range - 4));
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << Math.floor(random() * 8)), at);
      }
      const { error, ms } = await read(bytes);
      if (error !== undefined) expect(error, `run ${run}`).toMatchObject({ code: "ERR_GGUF" });
      expect(ms).toBeLessThan(1000);
    }
  });

  it.each([
    ["tensor count", 8],
    ["key count", 16],
    ["length of the first key", 24],
  ])("with a huge %s are errors", async (_, at) => {
    for (const value of [0xffffffffffffffffn, 1n << 62n, 4_000_000_000n]) {
      const bytes = Buffer.from(original);
      bytes.writeBigUInt64LE(value, at);
      const { error, ms } = await read(bytes);
      expect(error).toMatchObject({ code: "ERR_GGUF" });
      expect(ms).toBeLessThan(1000);
    }
  });

  it("with more weights than the file can hold are errors", async () => {
    const bytes = ggufBytes({ metadata: llama(), tensors: { w: [32] } });
    bytes.writeBigUInt64LE(1n << 40n, bytes.indexOf("w\u0001\0\0\0") + 5);
    expect(await reasonOf(bytes)).toMatch(/1099511627776 weights/);
  });

  it("say what is wrong", async () => {
    expect(await reasonOf(ggufBytes({ version: 1 }))).toMatch(/GGUF version 1; versions 2 and 3/);
    expect(await reasonOf(ggufBytes({ version: 0x03000000 }))).toMatch(/big-endian/);
    expect(await reasonOf(ggufBytes({ metadata: { "general.name": "no architecture" } }))).toMatch(/general\.architecture/);
    const twice = ggufBytes({ metadata: { "general.key1": "a", "general.key2": "b" } });
    twice.write("1", twice.indexOf("general.key2") + 11);
    expect(await reasonOf(twice)).toMatch(/"general.key1" comes twice/);
  });
});

it("keeps neither the vocabulary nor long texts, and reads a large header fast", async () => {
  const path = join(temporaryFolder(), "model.gguf");
  const strings = Array.from({ length: 300_000 }, (_, index) => createHash("md5").update(String(index)).digest("hex").slice(0, index % 32));
  writeGguf(path, { metadata: llama({ "tokenizer.ggml.tokens": { strings }, "tokenizer.chat_template": "x".repeat(100_000) }) });
  const start = performance.now();
  const header = await readGgufHeader(path);
  expect(performance.now() - start).toBeLessThan(2000);
  expect(header.arrayLengths.get("tokenizer.ggml.tokens")).toBe(300_000);
  expect([...header.metadata.keys()]).toEqual(["general.architecture", "llama.context_length"]);
});
