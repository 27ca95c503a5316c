import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { relativesFigures } from "../../../lib/matrix/relatives-figures.js";
import { verdictKinds } from "../../../lib/matrix/relatives-errors.js";
import { chooseParent, type ParentEvidence, type RelativesEvidence } from "../../../lib/matrix/relatives.js";
import { cannotBeParent, type ModelHistory } from "../../../lib/matrix/model-history.js";
import { normal, seededRandom } from "../../../lib/random.js";
import { importScores, type ImportedModel } from "../../../lib/run/import-scores.js";
import { relatives } from "../../../lib/run/relatives.js";
import { makeTextSet } from "../../../lib/texts/text-set.js";
import { runCli } from "../../helpers/cli.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const count = 400;
const texts = makeTextSet("many", Array.from({ length: count }, (_, i) => ({ content: `Text ${i}`.padEnd(500, "."), source: null, columns: {} })));
const random = seededRandom(1);
const near = (from: Float64Array, sd: number): Float64Array => from.map((value) => value + sd * normal(random));
const difficulty = Float64Array.from({ length: count }, () => -600 + 50 * normal(random));
const base = near(difficulty, 100);
const [code, chat] = [near(base, 10), near(base, 10)];
const merged = code.map((value, s) => 0.7 * value + 0.3 * (chat[s] ?? NaN));
const facts = (bits: number): NonNullable<ImportedModel["facts"]> => ({ architecture: "llama", parameters: 8e9, bytes: bits * 1e9 });
const others = Array.from({ length: 8 }, (_, i): ImportedModel => ({ name: `other${i}`, logLikelihood: near(difficulty, 100), facts: facts(16) }));
const family: ImportedModel[] = [
  { name: "base", logLikelihood: base, facts: facts(16) },
  { name: "base-q8", logLikelihood: near(base, 0.5), facts: facts(8) },
  { name: "base-q4", logLikelihood: near(base, 5), facts: facts(4) },
  { name: "code", logLikelihood: code, facts: facts(16) },
  { name: "chat", logLikelihood: chat, facts: facts(16) },
  { name: "merged", logLikelihood: merged, facts: facts(16) },
];

async function folderWith(models: readonly ImportedModel[]): Promise<string> {
  const out = join(temporaryFolder(), "out");
  await importScores({ out, texts, models });
  return out;
}

describe("relatives", () => {
  it("names the original of a rounded model: a near-duplicate, and one beyond that limit", async () => {
    const out = await folderWith([...family, ...others]);
    const fine = await relatives({ out, model: "base-q8", bootstrap: 50 });
    expect(fine).toMatchObject({ parent: { model: "base", isOriginal: true }, noParent: null, merge: null, candidates: 13 });
    expect(fine.nearDuplicates.map(({ model, verdict }) => [model, verdict])).toEqual([["base", "close"]]);
    const coarse = await relatives({ out, model: "base-q4", bootstrap: 50 });
    expect(coarse).toMatchObject({ parent: { model: "base", isOriginal: true }, nearDuplicates: [] });
  });

  it("finds the parents of a merge and their weights, and names no single parent then", async () => {
    const out = await folderWith([...others, ...family]);
    const { merge, parent, noParent } = await relatives({ out, model: "merged", bootstrap: 50 });
    expect([parent, noParent]).toEqual([null, "merge"]);
    expect(merge?.parents.map(({ model }) => model)).toEqual(["code", "chat"]);
    expect(merge?.parents[0]?.weight).toBeCloseTo(0.7, 1);
  });

  it("says none of a model that has no relative, and of one with facts against every candidate", async () => {
    const out = await folderWith([...family, ...others, { name: "small", logLikelihood: near(base, 3), facts: { architecture: "llama", parameters: 1e9, bytes: 2e9 } }]);
    expect(await relatives({ out, model: "other3", bootstrap: 50 })).toMatchObject({ parent: null, merge: null, nearDuplicates: [] });
    expect(await relatives({ out, model: "small", bootstrap: 50 })).toMatchObject({ parent: null, noParent: "no candidate by facts", merge: null });
  });

  it("has an answer where there are hardly any texts, and where models are equal", async () => {
    const few = makeTextSet("few", texts.texts.slice(0, 2));
    const out = join(temporaryFolder(), "out");
    await importScores({ out, texts: few, models: family.map((model) => ({ ...model, logLikelihood: model.logLikelihood.slice(0, 2) })) });
    expect(await relatives({ out, model: "merged", bootstrap: 20 })).toMatchObject({ texts: 2, merge: null });
    const twins = await folderWith(["a", "b", "c"].map((name) => ({ name, logLikelihood: base })));
    expect(await relatives({ out: twins, model: "a", bootstrap: 20 })).toMatchObject({ nearDuplicates: [{ model: "b", kl: 0 }, { model: "c" }], parent: null, merge: null });
  });

  it("has an answer for one, two and three models", async () => {
    const [a, b, c] = [{ name: "a", logLikelihood: base }, { name: "b", logLikelihood: code }, { name: "c", logLikelihood: chat }];
    expect(await relatives({ out: await folderWith([a]), model: "a" })).toMatchObject({ candidates: 0, nearest: [], parent: null, noParent: "no candidate", merge: null });
    expect(await relatives({ out: await folderWith([a, b]), model: "b" })).toMatchObject({ candidates: 1, noParent: "no third model", merge: null, measuredOn: { factsKnown: false } });
    const three = await relatives({ out: await folderWith([a, b, c]), model: "b" });
    expect(three.nearest.map(({ model }) => model)).toEqual(["a", "c"]);
  });

  it("looks among the named candidates only, and refuses what it cannot do", async () => {
    const out = await folderWith([...family, ...others]);
    expect(await relatives({ out, model: "merged", candidates: ["base", "other1"], bootstrap: 50 })).toMatchObject({ candidates: 2, merge: null });
    await expect(relatives({ out, model: "nobody" })).rejects.toThrow("No scored model is named nobody.");
    await expect(relatives({ out, model: "base", candidates: ["nobody"] })).rejects.toThrow("No scored model is named nobody.");
    await expect(relatives({ out, model: "base", candidates: ["base"] })).rejects.toThrow("base cannot be a candidate");
    await expect(relatives({ out, model: "base", nearest: 0 })).rejects.toThrow("nearest (--nearest)");
  });
});

describe("the rules", () => {
  const limits = { merge: 0.1, branchPoint: 0.1, nearness: 0.2, lead: 0.5 };
  const candidate: ParentEvidence = { model: 1, branchPoint: 0, hasMoreBits: false, nearness: 0.1, lead: 0.3, next: 2 };
  const evidence = (...parents: ParentEvidence[]): RelativesEvidence => ({ copies: [], merge: null, original: null, parents, hasPossibleParent: true, hasThirdModel: true });

  it("a parent is near, between, and ahead of the next", () => {
    expect(chooseParent(evidence(candidate), limits)).toMatchObject({ parent: { model: 1, isOriginal: false }, reason: null });
    expect(chooseParent(evidence({ ...candidate, nearness: 0.3 }), limits).reason).toBe("not near enough");
    expect(chooseParent(evidence({ ...candidate, branchPoint: 0.5 }), limits).reason).toBe("not between");
    expect(chooseParent(evidence({ ...candidate, lead: 0.9 }), limits).reason).toBe("no lead");
    expect(chooseParent(evidence({ ...candidate, branchPoint: 0.5 }, { ...candidate, model: 2 }), limits).parent?.model).toBe(2);
    expect(chooseParent(evidence({ ...candidate, branchPoint: 0.5, hasMoreBits: true }), limits).parent).toMatchObject({ isOriginal: true, branchPoint: null });
  });

  it("facts and labels that speak against a parent", () => {
    const model: ModelHistory = { architecture: "llama", vocabularySize: 32000, quantization: null, parameters: 1e9, bytes: 2e9, trajectory: "t", step: 10, date: "2024-05-01" };
    expect(cannotBeParent(model, model)).toBeNull();
    expect(cannotBeParent({ ...model, architecture: "gpt2" }, model)).toBe("another architecture");
    expect(cannotBeParent({ ...model, parameters: 2e9, bytes: 4e9 }, model)).toBe("another number of parameters");
    expect(cannotBeParent({ ...model, bytes: 1e9 }, model)).toBe("fewer bits per weight");
    expect(cannotBeParent({ ...model, step: 11 }, model)).toBe("a later step of the same training");
    expect(cannotBeParent({ ...model, date: "2024-06-01" }, model)).toBe("a later date");
  });

  it("the figures are counts of every kind of verdict", () => {
    for (const errors of [relativesFigures.withFacts, relativesFigures.withoutFacts]) {
      const counts = verdictKinds.flatMap((kind) => [errors[kind].named, errors[kind].missed, errors[kind].hidden]);
      for (const { wrong, of } of counts) expect(wrong >= 0 && wrong <= of).toBe(true);
    }
  });
});

describe("llmap-native relatives", () => {
  it("prints verdicts with their error rates, or one object", async () => {
    const out = await folderWith([...family, ...others]);
    const { code: exit, stdout } = await runCli(["relatives", "merged", "--out", out]);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/Merge +0\.\d+ code \+ 0\.\d+ chat/);
    expect(stdout).toContain("measured on tiny demo models");
    const json = await runCli(["relatives", "base-q8", "--out", out, "--json", "--candidates", "base", "other1"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ event: "relatives", model: "base-q8", candidates: 2, parent: { model: "base" } });
  });

  it("has a message and no trace for an unknown model", async () => {
    const out = await folderWith(family);
    const { code: exit, stderr } = await runCli(["relatives", "nobody", "--out", out]);
    expect([exit, stderr]).toEqual([1, "llmap-native: No scored model is named nobody. The run has base, base-q8, base-q4, code, chat, merged.\n"]);
  });
});
