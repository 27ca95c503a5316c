/** Models with LoRA adapters on top: BASE+ADAPTER. */
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { resolveModels } from "../../../lib/models/resolve-models.js";
import { demoModel, fixture } from "../../helpers/fixtures.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";
import { llama, writeGguf, type GgufValue } from "./write-gguf.js";

let folder: string;
let base: string;

beforeEach(() => {
  folder = temporaryFolder();
  vi.stubEnv("LLMAP_CACHE_DIR", join(temporaryFolder(), "cache"));
  base = place("base.gguf");
  writeGguf(base, { metadata: llama(), tensors: { "token_embd.weight": [8, 4] } });
  return () => vi.unstubAllEnvs();
});

function place(name: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  return path;
}

function adapter(name: string, metadata: Record<string, GgufValue> = {}): string {
  const path = place(name);
  writeGguf(path, {
    metadata: { "general.architecture": "llama", "general.type": "adapter", "adapter.type": "lora", ...metadata },
    tensors: { "token_embd.weight.lora_a": [8, 2], "token_embd.weight.lora_b": [2, 4] },
  });
  return path;
}

const bytesOf = (path: string): number => readFileSync(path).length;
const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");
const hashOf = (path: string): string => sha256(readFileSync(path));

/** The reason that the one model named is unreadable. */
async function reason(reference: string): Promise<string | undefined> {
  const { models, skipped, unreadable } = await resolveModels([reference]);
  expect({ models, skipped }).toEqual({ models: [], skipped: [] });
  expect(unreadable).toHaveLength(1);
  return unreadable[0]?.reason;
}

describe("a base with an adapter", () => {
  it("is a model of its own: facts of the base, weights and bytes of both", async () => {
    const one = adapter("one.gguf");
    const { models, skipped, unreadable } = await resolveModels([base, `${base}+${one}`]);
    expect({ skipped, unreadable }).toEqual({ skipped: [], unreadable: [] });
    expect(models).toMatchObject([
      { name: "base", path: base, adapters: [], facts: { parameters: 32, bytes: bytesOf(base) } },
      {
        ...{ name: "base+one", fileName: "base+one", path: base, adapters: [one], reference: `${base}+${one}`, labels: {} },
        sha256: sha256(`lora\n${hashOf(base)}\n${hashOf(one)}`),
        facts: { architecture: "llama", contextLength: 64, parameters: 32 + 16 + 8, bytes: bytesOf(base) + bytesOf(one) },
      },
    ]);
  });

  it("reads the adapter of the fixtures", async () => {
    copyFileSync(demoModel("base-f16"), base);
    const { models } = await resolveModels([`${base}+${fixture("base-lora-r4-f16.gguf")}`]);
    const [plain] = (await resolveModels([base])).models;
    expect(models).toMatchObject([{ name: "base+base-lora-r4-f16", facts: { quantization: "F16", vocabularySize: 1024 } }]);
    expect(models[0]?.facts.parameters).toBe((plain?.facts.parameters ?? 0) + 4 * (2 * 4 * (128 + 128) + 4 * (352 + 128)));
  });

  it("may have several adapters, whose order counts", async () => {
    const [one, two] = [adapter("one.gguf"), adapter("two.gguf", { "general.name": "two" })];
    const { models } = await resolveModels([`${base}+${one}+${two}`, `${base}+${two}+${one}`]);
    expect(models).toMatchObject([
      { name: "base+one+two", adapters: [one, two], sha256: sha256(["lora", ...[base, one, two].map(hashOf)].join("\n")) },
      { name: "base+two+one", adapters: [two, one] },
    ]);
  });

  it("has another identity than a split model of the same files", async () => {
    const split = (number: number): Record<string, GgufValue> => ({ "split.no": { uint16: number }, "split.count": { uint16: 2 } });
    const first = place("s-00001-of-00002.gguf");
    writeGguf(first, { metadata: llama(split(0)), tensors: { a: [32] } });
    writeGguf(place("s-00002-of-00002.gguf"), { metadata: split(1), tensors: { b: [32] } });
    const one = adapter("one.gguf");
    const { models } = await resolveModels([first, `${first}+${one}`]);
    const [parts, adapted] = models;
    expect(adapted).toMatchObject({ name: "s+one", sha256: sha256(`lora\n${parts?.sha256 ?? ""}\n${hashOf(one)}`) });
    expect(adapted?.sha256).not.toBe(sha256(`${parts?.sha256 ?? ""}\n${hashOf(one)}`));
  });

  it("that is named twice, also through links, is one model", async () => {
    const one = adapter("one.gguf");
    symlinkSync(one, join(folder, "link.gguf"));
    const { models } = await resolveModels([`${base}+${one}`, `${base}+${join(folder, "link.gguf")}`, base, base]);
    expect(models.map(({ name }) => name)).toEqual(["base+one", "base"]);
  });

  it("is told apart from others by the adapter's folder", async () => {
    const paths = ["run1/adapter.gguf", "run2/adapter.gguf"].map((name) => adapter(name, { "general.name": name }));
    const { models } = await resolveModels(paths.map((path) => `${base}+${path}`));
    expect(models.map(({ name }) => name)).toEqual(["base+run1/adapter", "base+run2/adapter"]);
    expect(models.map(({ fileName }) => fileName)).toEqual(["base+run1_adapter", "base+run2_adapter"]);
  });

  it("works in lists, from the list's folder", async () => {
    adapter("one.gguf");
    const list = place("list.csv");
    writeFileSync(list, "model,name,task\nbase.gguf,,none\nbase.gguf+one.gguf,Tuned,chat\n");
    const { models } = await resolveModels([], { list });
    expect(models).toMatchObject([
      { name: "base", adapters: [], labels: { task: "none" } },
      { name: "Tuned", path: base, adapters: [join(folder, "one.gguf")], reference: "base.gguf+one.gguf", labels: { task: "chat" } },
    ]);
  });
});

describe("an adapter that cannot be applied makes the model unreadable", () => {
  it.each<[string, Record<string, GgufValue>, RegExp]>([
    ["a language model", { "general.type": "model" }, /^x\.gguf .*expected general\.type "adapter" but found "model"/],
    ["another kind of adapter", { "adapter.type": "other" }, /^x\.gguf .*expected adapter\.type "lora" but found "other"/],
    ["one of another architecture", { "general.architecture": "gpt2" }, /^x\.gguf .*expected general\.architecture "llama" but found "gpt2"/],
    ["an activated LoRA", { "adapter.alora.invocation_tokens": { strings: ["1"] } }, /^x\.gguf .*invocation tokens/],
    ["part of a split one", { "split.count": { uint16: 2 } }, /^x\.gguf .*split into 2 files.*merge/],
  ])("%s", async (_, metadata, message) => {
    expect(await reason(`${base}+${adapter("x.gguf", metadata)}`)).toMatch(message);
  });

  it("a model in its place, named by itself", async () => {
    expect(await reason(`${base}+${demoModel("base-q4_0")}`)).toMatch(/^base-q4_0\.gguf .*expected general\.type "adapter" but/);
  });

  it("a damaged one", async () => {
    const path = place("cut.gguf");
    writeFileSync(path, readFileSync(fixture("base-lora-r4-f16.gguf")).subarray(0, 600));
    expect(await reason(`${base}+${path}`)).toMatch(/^cut\.gguf: The file is incomplete/);
  });

  it("or a base that is none", async () => {
    const one = adapter("one.gguf");
    expect(await reason(`${one}+${base}`)).toMatch(/^The base one\.gguf is a LoRA adapter: name it behind its base model, as BASE\.gguf\+ADAPTER\.gguf\.$/);
    writeFileSync(base, readFileSync(demoModel("base-q4_0")).subarray(0, 5000));
    expect(await reason(`${base}+${one}`)).toMatch(/^The base base\.gguf: The file is incomplete/);
  });

  it("and does not stop the others", async () => {
    const { models, unreadable } = await resolveModels([base, `${base}+${adapter("x.gguf", { "general.architecture": "gpt2" })}`]);
    expect(models.map(({ name }) => name)).toEqual(["base"]);
    expect(unreadable).toMatchObject([{ name: "base+x", path: base, adapters: [join(folder, "x.gguf")] }]);
  });
});

describe("a reference with adapters that leads nowhere is an error before any work", () => {
  it.each<[string, string, RegExp]>([
    ["no such adapter", "base.gguf+missing.gguf", /no file or folder .*missing\.gguf/],
    ["no such base", "missing.gguf+one.gguf", /no file or folder .*missing\.gguf/],
    ["a glob for a base", "*.gguf+one.gguf", /^\*\.gguf is a folder or glob; BASE\+ADAPTER names one file on each side/],
    ["a glob for an adapter", "base.gguf+*.gguf", /^\*\.gguf is a folder or glob/],
    ["a folder for an adapter", "base.gguf+.", /^\. is a folder or glob/],
    ["an adapter that is no GGUF file", "base.gguf+page.gguf", /page\.gguf is not a GGUF model: it is an HTML/],
    ["an adapter named twice", "base.gguf+one.gguf+./one.gguf", /base\.gguf\+one\.gguf\+\.\/one\.gguf names .*one\.gguf twice/],
    ["nothing behind the +", "base.gguf+", /no file or folder .*base model with an adapter as BASE\.gguf\+ADAPTER\.gguf/],
  ])("%s", async (_, reference, message) => {
    adapter("one.gguf");
    writeFileSync(place("page.gguf"), "<html>");
    const list = place("list.csv");
    writeFileSync(list, `model\n${reference}\n`);
    const error: unknown = await resolveModels([], { list }).catch((found: unknown) => found);
    expect(error).toMatchObject({ name: "LlmapError", message: expect.stringMatching(/list\.csv line 2: /) as string });
    expect((error as Error).message.replace(/^.*list\.csv line 2: /, "")).toMatch(message);
  });
});

it("an adapter alone is left out, and the reason says how to name it", async () => {
  const { skipped } = await resolveModels([adapter("one.gguf")]);
  expect(skipped).toMatchObject([{ reason: expect.stringMatching(/LoRA adapter: .*BASE\.gguf\+ADAPTER\.gguf/) as string }]);
});
