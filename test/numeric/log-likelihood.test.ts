/** Log-likelihoods against an independent float64 PyTorch forward pass of the same weights (test/fixtures/README.md). */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ScorerSupervisor } from "../../lib/scoring/scorer-supervisor.js";
import { defaultScoringOptions, type ScoringOptions } from "../../lib/scoring/settings.js";
import { demoModel, fixtureTexts, referenceScores } from "../helpers/fixtures.js";

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

async function score(model: string, texts: string[], options: Partial<ScoringOptions> = {}): Promise<Scores> {
  const scores: Scores = { scorer: "", tokens: [], logLikelihood: [], logProbs: [] };
  const job = { modelPath: demoModel(model), contents: texts, options: { ...defaultScoringOptions, gpu: "off" as const, threads: 1, ...options }, stored: null };
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
