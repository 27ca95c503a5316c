import { describe, expect, it } from "vitest";
import { groupByNeeds, needsOf, requireNeeds, type NeedsOptions } from "../../../lib/cluster/needs.js";
import { withKnownFileNames } from "../../../lib/run/model-identity.js";
import type { InspectedModel } from "../../../lib/models/model.js";
import type { ModelRow } from "../../../lib/store/models-table.js";

const gibibyte = 2 ** 30;
const facts = { architecture: "llama", title: null, parameters: 1, quantization: null, contextLength: null, vocabularySize: null, tokenizer: null, addBosToken: null };
const model = (name: string, gib: number, folder = "/models"): InspectedModel => ({
  ...{ name, fileName: name, path: `${folder}/${name}.gguf`, adapters: [], reference: name, labels: {} },
  facts: { ...facts, bytes: gib * gibibyte },
});
const none: NeedsOptions = { gpus: null, gpuMemory: null, memory: null };
const scoring = { gpu: "auto", logitsBudget: gibibyte / 2 } as const;

describe("what a task needs", () => {
  it("is as many GPUs as hold the model in 80 % of their memory", () => {
    const gpus = (gib: number): number => needsOf(model("m", gib), { ...none, gpuMemory: 24 }, scoring).gpus;
    expect([1, 19, 20, 38, 39, 140].map(gpus)).toEqual([1, 1, 2, 2, 3, 8]);
    expect(needsOf(model("m", 140), { ...none, gpuMemory: 24 }, { ...scoring, gpu: "off" }).gpus).toBe(0);
    expect(needsOf(model("m", 140), none, scoring).gpus).toBe(0);
    expect(needsOf(model("m", 140), { ...none, gpus: 2 }, scoring).gpus).toBe(2);
  });

  it("is main memory for the files and a fifth, the logits and 2 GiB, in powers of two", () => {
    const memory = (gib: number): number => needsOf(model("m", gib), none, scoring).memory;
    expect([0.001, 1, 1.3, 5, 40, 70].map(memory)).toEqual([4, 4, 8, 16, 64, 128]);
    expect(needsOf(model("m", 70), { ...none, memory: 6 }, scoring).memory).toBe(6);
  });

  it("cannot be a number of GPUs and their memory, or nothing", () => {
    expect(() => requireNeeds({ ...none, gpus: 2, gpuMemory: 24 })).toThrow("exclude each other");
    expect(() => requireNeeds({ ...none, gpuMemory: 0 })).toThrow("--gpu-memory");
    expect(() => requireNeeds({ ...none, memory: NaN })).toThrow("--mem");
    expect(() => requireNeeds({ ...none, gpus: 1.5 })).toThrow("whole number");
  });
});

describe("groups", () => {
  it("hold every model once, with one need, below the limit, the largest first", () => {
    const models = Array.from({ length: 2500 }, (_, i) => model(`m${i}`, 1 + (i % 30)));
    const options = { ...none, gpuMemory: 24 };
    const groups = groupByNeeds(models, 1001, (one) => needsOf(one, options, scoring));
    expect(groups.flatMap((group) => group.models.map(({ name }) => name)).sort()).toEqual(models.map(({ name }) => name).sort());
    for (const group of groups) {
      expect(group.models.length).toBeLessThanOrEqual(1001);
      const sizes = group.models.map((one) => one.facts.bytes);
      expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
      for (const one of group.models) expect(needsOf(one, options, scoring)).toEqual(group.needs);
    }
    expect(groupByNeeds(models.slice(0, 1), 1001, (one) => needsOf(one, none, scoring))).toHaveLength(1);
    const alike = Array.from({ length: 2003 }, (_, i) => model(`m${i}`, 1));
    expect(groupByNeeds(alike, 1001, (one) => needsOf(one, none, scoring)).map((group) => group.models.length)).toEqual([1001, 1001, 1]);
  });
});

describe("a model whose content is not known", () => {
  const row = (one: InspectedModel, sha256: string | null): ModelRow => ({
    ...{ name: one.name, fileName: one.fileName, path: one.path, adapters: [], sha256, facts: one.facts, labels: { size: "1" }, status: "complete", error: null },
    ...{ warnings: [], bosPolicy: null, backend: null, device: null, scorer: null, fallback: null, truncatedTexts: null },
  });

  it("keeps the name, file and labels that its path has, and is told apart from another file of its name", () => {
    const first = { ...model("m", 1), name: "listed", fileName: "listed_file" };
    expect(withKnownFileNames([model("m", 1)], [row(first, "1")])[0]).toMatchObject({ name: "listed", fileName: "listed_file", labels: { size: "1" } });
    expect(withKnownFileNames([{ ...model("m", 1), labels: { size: "2" } }], [row(first, "1")])[0]?.labels).toEqual({ size: "2" });
    expect(withKnownFileNames([model("m", 1, "/other")], [row(model("m", 1), "1")])[0]).toMatchObject({ name: "other/m", fileName: "other_m" });
  });
});
