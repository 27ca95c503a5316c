/** Log-likelihoods against an independent float64 PyTorch forward pass of the same weights (test/fixtures/README.md). */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ScorerSupervisor } from "../../lib/scoring/scorer-supervisor.js";
import { defaultScoringOptions, type ScoringOptions } from "../../lib/scoring/settings.js";
import { adapterFixture, demoModel, fixtureTexts, referenceScores } from "../helpers/fixtures.js";

const contents = fixtureTexts().map(({ text }) => text);
const references = referenceScores();
const supervisor = new ScorerSupervisor();
afterAll(() => supervisor.dispose());

interface Scores {
  scorer: string;
  tokens: number[];
  logLikelihood: number[];
  /** Of the scored tokens of each text, where they were asked for. */
  logProbs: number[][];
}

async function score(model: string, texts: string[], options: Partial<ScoringOptions> = {}, adapterPaths: string[] = []): Promise<Scores> {
  const scores: Scores = { scorer: "", tokens: [], logLikelihood: [], logProbs: [] };
  const job = { modelPath: demoModel(model), adapterPaths, contents: texts, options: { ...defaultScoringOptions, gpu: "off" as const, threads: 1, ...options }, stored: null };
  await supervisor.score(job, {
    onPrepared: (prepared) => {
      scores.scorer = prepared.settings.scorer;
      return Promise.resolve(new Uint8Array(texts.length));
    },
    onBatch: (rows) => {
      let start = 0;
      rows.text.forEach((text, i) => {
        const scored = Math.max(0, (rows.tokens[i] ?? NaN) - 1);
        scores.logProbs[text] = Array.from(rows.scoredTokens?.logProbs.subarray(start, start + scored) ?? []);
        start += scored;
        scores.tokens[text] = rows.tokens[i] ?? NaN;
        scores.logLikelihood[text] = rows.logLikelihood[i] ?? NaN;
      });
      return Promise.resolve();
    },
  });
  return scores;
}

function worstRelativeError(values: readonly number[], expected: readonly number[]): number {
  return Math.max(...values.map((value, i) => Math.abs(value - (expected[i] ?? NaN)) / Math.abs(expected[i] ?? NaN)));
}

describe("the native scorer against float64", () => {
  it("has a reference for all twelve demo models", () => {
    expect(references.size).toBe(12);
  });

  const worst = new Map<string, number>();
  afterAll(() => {
    const of = (kind: RegExp): string =>
      Math.max(...[...worst].filter(([model]) => kind.test(model)).map(([, error]) => error)).toExponential(1);
    console.log(`Worst relative error of a log-likelihood: F16 models ${of(/-f16$/)}, quantized models ${of(/-q\d_\d$/)}`);
  });

  it.each([...references.keys()])("%s: same tokens, log-likelihoods within the stated error", async (model) => {
    const expected = references.get(model);
    const scores = await score(model, contents);
    expect(scores.scorer).toBe("native");
    expect(scores.tokens).toEqual(expected?.tokens);
    const error = worstRelativeError(scores.logLikelihood, expected?.log_likelihood ?? []);
    worst.set(model, error);
    expect(error).toBeLessThan(model.endsWith("-f16") ? 5e-5 : 3e-3);
  });
});

describe("the native scorer against the portable one", () => {
  const some = contents.slice(0, 8);
  let native: Map<string, Scores>;
  const models = ["base-f16", "base-q4_0", "gpt2b-f16"];

  beforeAll(async () => {
    native = new Map();
    for (const model of models) native.set(model, await score(model, some, { scorer: "native" }));
  });

  // The portable one sums the vocabulary in float32.
  it.each(models)("%s: within 1e-5 relative", async (model) => {
    const portable = await score(model, some, { scorer: "portable" });
    expect(portable.scorer).toBe("portable");
    expect(native.get(model)?.tokens).toEqual(portable.tokens);
    expect(worstRelativeError(native.get(model)?.logLikelihood ?? [], portable.logLikelihood)).toBeLessThan(1e-5);
  });
});

describe("log-probabilities of tokens", () => {
  const some = contents.slice(0, 6);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

  it("add up to the log-likelihood, and are the portable scorer's within 1e-4 nats", async () => {
    const native = await score("base-f16", some, { tokenLogProbs: true });
    const portable = await score("base-f16", some, { tokenLogProbs: true, scorer: "portable" });
    native.logProbs.forEach((logProbs, text) => {
      expect(logProbs).toHaveLength((native.tokens[text] ?? NaN) - 1);
      // Kept as float32.
      expect(Math.abs(sum(logProbs) / (native.logLikelihood[text] ?? NaN) - 1)).toBeLessThan(1e-7);
      const differences = logProbs.map((value, i) => Math.abs(value - (portable.logProbs[text]?.[i] ?? NaN)));
      expect(Math.max(...differences)).toBeLessThan(1e-4);
    });
    expect((await score("base-f16", some)).logLikelihood).toEqual(native.logLikelihood);
  });
});

describe("a model with a LoRA adapter", () => {
  const { path, reference } = adapterFixture();
  const baseReference = references.get("base-f16")?.log_likelihood ?? [];
  const some = contents.slice(0, 8);

  it("is within the stated error of float64, and every log-likelihood is another than the base's", async () => {
    const adapted = await score("base-f16", contents, {}, [path]);
    expect(adapted.scorer).toBe("native");
    expect(adapted.tokens).toEqual(reference.tokens);
    const error = worstRelativeError(adapted.logLikelihood, reference.log_likelihood);
    console.log(`Worst relative error of a log-likelihood under base and adapter: ${error.toExponential(1)}`);
    expect(error).toBeLessThan(5e-5);
    const moved = adapted.logLikelihood.map((value, i) => Math.abs(value / (baseReference[i] ?? NaN) - 1));
    expect(Math.min(...moved)).toBeGreaterThan(1e-3);
  });

  it("leaves the base alone: the same bits before and after it, in one scorer process", async () => {
    const before = await score("base-f16", some);
    const adapted = await score("base-f16", some, {}, [path]);
    const after = await score("base-f16", some);
    expect(adapted.logLikelihood[0]).not.toBe(before.logLikelihood[0]);
    expect(after.logLikelihood).toEqual(before.logLikelihood);
  });

  it("gives the same bits in several contexts, and nearly the same in the portable scorer", async () => {
    const one = await score("base-f16", some, { threads: 1 }, [path]);
    const two = await score("base-f16", some, { threads: 2 }, [path]);
    expect(two.logLikelihood).toEqual(one.logLikelihood);
    const portable = await score("base-f16", some, { scorer: "portable" }, [path]);
    expect(portable.scorer).toBe("portable");
    expect(worstRelativeError(one.logLikelihood, portable.logLikelihood)).toBeLessThan(1e-5);
  });

  it("moves a quantized base as far", async () => {
    const base = await score("base-q4_0", some);
    const adapted = await score("base-q4_0", some, {}, [path]);
    const expected = reference.log_likelihood.map((value, i) => value / (baseReference[i] ?? NaN));
    adapted.logLikelihood.forEach((value, i) => expect(Math.abs(value / (base.logLikelihood[i] ?? NaN) - (expected[i] ?? NaN))).toBeLessThan(0.01));
  });

  it("of another base is one clear error, and the next model is scored", async () => {
    await expect(score("small-f16", some, {}, [path])).rejects.toMatchObject({
      code: "ERR_MODEL_LOAD",
      message: expect.stringMatching(/could not apply an adapter: .*base-lora-r4-f16\.gguf.*another base model/) as string,
    });
    expect((await score("small-f16", some)).logLikelihood).toHaveLength(some.length);
  });
});

describe("the shape of the batches", () => {
  it("decides the last bits only: within 1e-5 relative, and identical batches give identical bits", async () => {
    const some = contents.slice(0, 10);
    const wide = await score("base-f16", some, { batchTokens: 2048, sequences: 4 });
    const again = await score("base-f16", some, { batchTokens: 2048, sequences: 4, threads: 2 });
    // Smaller than a text: decoded piece by piece.
    const pieces = await score("base-f16", some, { batchTokens: 100, sequences: 1 });
    expect(again.logLikelihood).toEqual(wide.logLikelihood);
    expect(worstRelativeError(pieces.logLikelihood, wide.logLikelihood)).toBeLessThan(1e-5);
  });
});

describe("the token in front", () => {
  const text = "In the beginning God created the heaven and the earth.";

  it("is BOS unless told otherwise: one more token, and the whole text scored", async () => {
    const auto = await score("base-f16", [text]);
    const always = await score("base-f16", [text], { bos: "always" });
    const never = await score("base-f16", [text], { bos: "never" });
    expect(auto.tokens).toEqual(always.tokens);
    expect(never.tokens[0]).toBe((auto.tokens[0] ?? 0) - 1);
  });

  it("leaves special-token spellings in a text as plain text", async () => {
    const plain = await score("base-f16", ["<s></s>"]);
    expect(plain.tokens[0]).toBeGreaterThan(3);
  });
});
