/** The private door into node-llama-cpp: every check on the way to the llama_context, and the batches behind it. */
import type { LlamaContext } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Addon, BorrowedContext } from "../../lib/native/addon.js";
import { loadAddon } from "../../lib/native/load-addon.js";
import { loadBackend, loadedLlamaLibrary, type Backend } from "../../lib/scoring/llama-backend.js";
import { demoModel } from "../helpers/fixtures.js";

let addon: Addon;
let backend: Backend;
let context: LlamaContext;
let library: string;
const parameters = { contextSize: 512, batchSize: 64, sequences: 2 };

const wrapped = (): object => Reflect.get(context, "_ctx") as object;

beforeAll(async () => {
  addon = loadAddon();
  backend = await loadBackend("off", 1, () => undefined);
  const model = await backend.llama.loadModel({ modelPath: demoModel("small-f16") });
  context = await model.createContext({ contextSize: 256, sequences: 2, batchSize: 64, flashAttention: false, threads: 1 });
  library = loadedLlamaLibrary() ?? "";
});
afterAll(() => backend.llama.dispose());

describe("borrowContext", () => {
  it.each([
    ["contextSize", { ...parameters, contextSize: 1024 }],
    ["batchSize", { ...parameters, batchSize: 65 }],
    ["sequences", { ...parameters, sequences: 3 }],
  ])("refuses a context whose %s is not what was asked for", (_, expected) => {
    expect(() => addon.borrowContext(wrapped(), library, expected)).toThrow(
      expect.objectContaining({ code: "ERR_BACKEND", message: expect.stringContaining("found 512 tokens of context, 64 per batch, 2 sequences") as string }),
    );
  });

  it("refuses any other object", () => {
    expect(() => addon.borrowContext({}, library, parameters)).toThrow(expect.objectContaining({ code: "ERR_BACKEND" }));
    expect(() => addon.borrowContext({ constructor: { name: "AddonContext" } }, library, parameters)).toThrow(
      expect.objectContaining({ code: "ERR_BACKEND" }),
    );
  });

  it("refuses a library that is not loaded, and one without llama.cpp's functions", () => {
    expect(() => addon.borrowContext(wrapped(), "/no/libllama.so", parameters)).toThrow(/to be loaded from \/no\/libllama\.so/);
    const other = library.replace(/libllama\./, "libggml.");
    expect(() => addon.borrowContext(wrapped(), other, parameters)).toThrow(/llama_|to be loaded/);
  });
});

describe("scoreSequences", () => {
  let borrowed: BorrowedContext;
  beforeAll(() => {
    borrowed = addon.borrowContext(wrapped(), library, parameters);
  });

  const score = async (sequences: number[][], logProbs: Float32Array | null = null): Promise<number[]> => {
    const lengths = Int32Array.from(sequences, (sequence) => sequence.length);
    const out = new Float64Array(sequences.length);
    await addon.scoreSequences(borrowed, Int32Array.from(sequences.flat()), lengths, out, logProbs, { threads: 1 });
    return Array.from(out);
  };
  const long = Array.from({ length: 200 }, (_, i) => (i * 37) % 1000);

  it("knows the vocabulary", () => {
    expect(borrowed.vocabulary).toBe(1024);
  });

  it("gives a sequence the same log-likelihood alone and beside another, whole and piece by piece", async () => {
    const [alone] = await score([long.slice(0, 30)]);
    const [beside, other] = await score([long.slice(0, 30), long.slice(30, 60)]);
    expect(beside).toBeCloseTo(alone ?? NaN, 2);
    // 200 tokens are more than the 64 of a batch.
    const [pieces, again] = await score([long, long.slice(30, 60)]);
    expect(pieces).toBeLessThan(alone ?? NaN);
    expect(again).toBeCloseTo(other ?? NaN, 2);
  });

  it("gives the same bits after other batches", async () => {
    const first = await score([long.slice(0, 50), long.slice(50, 90)]);
    await score([long]);
    expect(await score([long.slice(0, 50), long.slice(50, 90)])).toEqual(first);
  });

  it("gives log-probabilities that add up, one per token but the first", async () => {
    const logProbs = new Float32Array(49 + 39);
    const [a, b] = await score([long.slice(0, 50), long.slice(50, 90)], logProbs);
    const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);
    expect(sum(logProbs.subarray(0, 49))).toBeCloseTo(a ?? NaN, 3);
    expect(sum(logProbs.subarray(49))).toBeCloseTo(b ?? NaN, 3);
    expect(Math.max(...logProbs)).toBeLessThanOrEqual(0);
  });

  it("scores a single token as 0", async () => {
    expect(await score([[5]])).toEqual([0]);
  });

  it.each([
    ["more sequences than the context has", [[1, 2], [1, 2], [1, 2]], /at most 2 sequences/],
    ["a sequence longer than the context", [Array.from({ length: 257 }, () => 1)], /1 to 256 tokens.*257/],
    ["an empty sequence", [[]], /1 to 256 tokens/],
    ["a token outside the vocabulary", [[1, 1024]], /\[0, 1024\).*1024/],
    ["a negative token", [[1, -1]], /\[0, 1024\).*-1/],
  ])("refuses %s", async (_, sequences, message) => {
    await expect(score(sequences)).rejects.toMatchObject({ code: "ERR_ARGUMENT", message: expect.stringMatching(message) as string });
  });

  it("decodes without scoring: same checks, and what is scored afterwards has the same bits", async () => {
    const decode = (sequences: number[][]): Promise<void> =>
      addon.decodeSequences(borrowed, Int32Array.from(sequences.flat()), Int32Array.from(sequences, (sequence) => sequence.length), { threads: 1 });
    const first = await score([long, long.slice(30, 60)]);
    await decode([long, long.slice(30, 60)]);
    expect(await score([long, long.slice(30, 60)])).toEqual(first);
    await expect(decode([[1, 1024]])).rejects.toMatchObject({ code: "ERR_ARGUMENT" });
    const decoding = decode([long]);
    await expect(score([long])).rejects.toThrow(/scoring another batch/);
    await decoding;
    await expect(decode([[5]])).resolves.toBeUndefined();
  });

  it("refuses a context that is scoring another batch, or that was released", async () => {
    const first = score([long]);
    await expect(score([long])).rejects.toThrow(/scoring another batch/);
    await first;
    borrowed.release();
    await expect(score([[1, 2]])).rejects.toThrow(/was released/);
  });
});
