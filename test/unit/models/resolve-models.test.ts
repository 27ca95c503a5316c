import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { resolveModels, type ResolveOptions } from "../../../lib/models/resolve-models.js";
import { demoModel } from "../../helpers/fixtures.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";
import { llama, writeGguf, type GgufContent } from "./write-gguf.js";

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
  vi.stubEnv("LLMAP_CACHE_DIR", join(temporaryFolder(), "cache"));
  return () => vi.unstubAllEnvs();
});

/** A file in the test's folder, with the folders above it. */
function place(name: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  return path;
}

function gguf(name: string, content: GgufContent = { metadata: llama() }): string {
  const path = place(name);
  writeGguf(path, content);
  return path;
}

function file(name: string, content: string | Uint8Array): string {
  const path = place(name);
  writeFileSync(path, content);
  return path;
}

/** What came back, in a form that is easy to compare. */
async function resolved(references: string[], options: ResolveOptions = {}) {
  const { models, skipped, unreadable } = await resolveModels(references, options);
  return {
    models: models.map(({ name }) => name),
    skipped: skipped.map(({ path }) => basename(path)),
    unreadable: unreadable.map(({ name }) => name),
  };
}

const nothingElse = { skipped: [], unreadable: [] };

describe("references", () => {
  it("name files: a model with all that is known of it", async () => {
    const path = place("base.gguf");
    copyFileSync(demoModel("base-q4_0"), path);
    const { models } = await resolveModels([path]);
    expect(models).toHaveLength(1);
    expect(models[0]).toMatchObject({
      ...{ name: "base", fileName: "base", path, reference: path, labels: {} },
      sha256: createHash("sha256").update(readFileSync(path)).digest("hex"),
      facts: { architecture: "llama", quantization: "Q4_0" },
    });
  });

  it("may be relative, and need no .gguf", async () => {
    const path = relative(process.cwd(), gguf("sha256-0123"));
    expect(await resolved([path])).toEqual({ models: ["sha256-0123"], ...nothingElse });
  });

  it("name folders, with those below them, sorted", async () => {
    for (const name of ["b.gguf", "a/z.GGUF", "a/b/y.gguf", "notes.txt/x.gguf", ".git/hidden.gguf"]) gguf(name);
    file("README.md", "no model");
    expect(await resolved([folder])).toEqual({ models: ["y", "z", "b", "x"], ...nothingElse });
  });

  it("name globs; what is no GGUF file by name or content is left out", async () => {
    for (const name of ["a-q4.gguf", "a-q8.gguf", "b-q4.gguf", "blob"]) gguf(name);
    file("text", "no model");
    expect(await resolved([join(folder, "*-q4.gguf")])).toEqual({ models: ["a-q4", "b-q4"], ...nothingElse });
    expect(await resolved([join(folder, "{blob,text}")])).toEqual({ models: ["blob"], ...nothingElse });
    expect(await resolved([join(folder, "**", "a-*")])).toEqual({ models: ["a-q4", "a-q8"], ...nothingElse });
  });

  it("that exist are no globs", async () => {
    gguf("model1.gguf");
    expect(await resolved([gguf("model[1].gguf")])).toEqual({ models: ["model[1]"], ...nothingElse });
    gguf("[1]/inside.gguf");
    expect(await resolved([join(folder, "[1]")])).toEqual({ models: ["inside"], ...nothingElse });
  });

  it("to one file are one model, also through links", async () => {
    const path = gguf("a.gguf");
    symlinkSync(path, join(folder, "b.gguf"));
    symlinkSync(folder, join(folder, "loop"));
    expect(await resolved([join(folder, "b.gguf"), path, folder])).toEqual({ models: ["b"], ...nothingElse });
  });

  it("with one file name are told apart by folder, unreadable ones too", async () => {
    gguf("one/model.gguf");
    file("two/model.gguf", "GGUF damaged");
    expect(await resolved([folder])).toEqual({ models: ["one/model"], skipped: [], unreadable: ["two/model"] });
    const { models } = await resolveModels([folder]);
    expect(models[0]?.fileName).toBe("one_model");
  });
});

describe("references that lead nowhere", () => {
  it("are errors before any work", async () => {
    gguf("a.gguf");
    mkdirSync(join(folder, "empty"));
    const missing = join(folder, "missing.gguf");
    await expect(resolveModels([folder, missing])).rejects.toMatchObject({ code: "ERR_NOT_FOUND", message: expect.stringContaining(missing) as string });
    await expect(resolveModels([join(folder, "a.gguf", "b")])).rejects.toMatchObject({ code: "ERR_NOT_FOUND" });
    await expect(resolveModels([join(folder, "*.bin")])).rejects.toMatchObject({ code: "ERR_NOT_FOUND", message: expect.stringContaining("*.bin") as string });
    await expect(resolveModels([join(folder, "empty")])).rejects.toMatchObject({ code: "ERR_MODELS", message: expect.stringContaining("empty") as string });
    await expect(resolveModels([])).rejects.toMatchObject({ code: "ERR_MODELS" });
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ["pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", /Git LFS pointer.*git lfs pull/],
    ["page", "<!DOCTYPE html>\n<html>", /HTML.*page/],
    ["safetensors", Buffer.concat([Buffer.from([64, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{"__metadata__":{}')]), /safetensors/],
    ["checkpoint", "PK\u0003\u0004rest", /zip archive or PyTorch/],
    ["old", "tjgg\u0003\0\0\0", /before GGUF/],
    ["json", '{"a":1}', /JSON/],
    ["empty", "", /an empty file/],
    ["zeros", new Uint8Array(64), /zeros/],
    ["gzip", new Uint8Array([0x1f, 0x8b, 8, 0]), /gzip/],
    ["other", new Uint8Array([1, 2, 0xab, 0xcd, 5]), /starts with the bytes 01 02 ab cd/],
  ])("or to another kind of file are errors that tell the kind: %s", async (name, content, message) => {
    const path = file(`${name}.gguf`, content);
    const error: unknown = await resolveModels([path]).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "ERR_GGUF", message: expect.stringMatching(message) as string });
    expect((error as Error).message).toContain(path);
    // In a folder, the same file does not stop the others.
    gguf("good.gguf");
    const found = await resolveModels([folder]);
    expect(found.models.map((model) => model.name)).toEqual(["good"]);
    expect(found.unreadable).toMatchObject([{ name, path, reason: expect.stringMatching(message) as string }]);
  });

  it("but damaged GGUF files are unreadable, also when they are named", async () => {
    const path = file("cut.gguf", readFileSync(demoModel("base-q4_0")).subarray(0, 5000));
    const { unreadable } = await resolveModels([path]);
    expect(unreadable).toMatchObject([{ name: "cut", path, reason: expect.stringMatching(/incomplete/) as string }]);
  });
});

describe("files that are no language models", () => {
  const embedding = /embedding model/;
  it.each<[string, GgufContent, RegExp]>([
    ["clip", { metadata: { "general.architecture": "clip" } }, /multimodal projector/],
    ["type", { metadata: llama({ "general.type": "mmproj" }) }, /multimodal projector/],
    ["mmproj-model-f16", { metadata: llama() }, /multimodal projector/],
    ["lora", { metadata: llama({ "general.type": "adapter", "adapter.type": "lora" }) }, /LoRA adapter/],
    ["vector", { metadata: { "general.architecture": "controlvector" } }, /control vector/],
    ["imatrix", { metadata: { "general.type": "imatrix" } }, /importance matrix/],
    ["bert", { metadata: { "general.architecture": "nomic-bert" } }, embedding],
    ["pooled", { metadata: llama({ "llama.pooling_type": { uint32: 3 } }) }, embedding],
    ["bidirectional", { metadata: llama({ "llama.attention.causal": false }) }, /encoder/],
    ["reranker", { metadata: llama({ "llama.classifier.output_labels": { strings: ["yes", "no"] } }) }, /classifier/],
    ["t5", { metadata: { "general.architecture": "t5" } }, /decoders only/],
    ["llada", { metadata: { "general.architecture": "llada" } }, /diffusion/],
    ["flux", { metadata: { "general.architecture": "flux" } }, /image/],
    ["vocoder", { metadata: { "general.architecture": "wavtokenizer-dec" } }, /sound/],
    ["draft", { metadata: { "general.architecture": "eagle3" } }, /draft model/],
    ["vocabulary", { metadata: llama(), tensors: {} }, /without weights/],
  ])("are skipped with a reason: %s", async (name, content, reason) => {
    const path = gguf(`${name}.gguf`, content);
    expect(await resolveModels([path])).toEqual({
      ...{ models: [], unreadable: [] },
      skipped: [{ path, reason: expect.stringMatching(reason) as string }],
    });
  });

  it("do not take part in naming", async () => {
    gguf("a/model.gguf");
    gguf("b/model.gguf", { metadata: { "general.architecture": "bert" } });
    expect(await resolved([folder])).toEqual({ models: ["model"], skipped: ["model.gguf"], unreadable: [] });
  });

  it("leave models with causal attention and no pooling alone", async () => {
    gguf("model.gguf", { metadata: llama({ "llama.attention.causal": true, "llama.pooling_type": { uint32: 0 } }) });
    expect(await resolved([folder])).toEqual({ models: ["model"], ...nothingElse });
  });
});

describe("split models", () => {
  const parts = ["big-00001-of-00003.gguf", "big-00002-of-00003.gguf", "big-00003-of-00003.gguf"];
  const split = (number: number, tensors = 4) => ({
    ...{ "split.no": { uint16: number }, "split.count": { uint16: 3 }, "split.tensors.count": { uint32: tensors } },
  });

  function writeParts(tensors = 4): string[] {
    return parts.map((name, index) =>
      gguf(name, {
        metadata: index === 0 ? llama(split(index, tensors)) : split(index, tensors),
        tensors: index === 0 ? { a: [4] } : { [`b${index}`]: [2, 3], [`c${index}`]: index === 1 ? [5] : [1] },
      }),
    );
  }

  it("are one model, whichever part is named", async () => {
    const paths = writeParts(5);
    for (const references of [[folder], paths, [paths[1] ?? ""]]) {
      const { models, skipped, unreadable } = await resolveModels(references);
      expect({ skipped, unreadable }).toEqual(nothingElse);
      expect(models).toHaveLength(1);
      const files = paths.map((path) => readFileSync(path));
      const hashes = files.map((bytes) => createHash("sha256").update(bytes).digest("hex"));
      expect(models[0]).toMatchObject({
        ...{ name: "big", path: paths[0], sha256: createHash("sha256").update(hashes.join("\n")).digest("hex") },
        facts: { architecture: "llama", parameters: 4 + 6 + 5 + 6 + 1, bytes: files.reduce((sum, { length }) => sum + length, 0) },
      });
    }
  });

  it("are unreadable with a part missing, first or last", async () => {
    for (const missing of parts) {
      folder = temporaryFolder();
      for (const name of parts) if (name !== missing) gguf(name, { metadata: llama() });
      const { models, unreadable } = await resolveModels([folder]);
      expect(models).toEqual([]);
      expect(unreadable).toMatchObject([{ name: "big", reason: expect.stringContaining(missing) as string }]);
    }
  });

  it("are unreadable with a damaged, foreign or renamed part", async () => {
    const paths = writeParts(5);
    const reason = async () => (await resolveModels([folder])).unreadable[0]?.reason;
    file(parts[1] ?? "", readFileSync(paths[1] ?? "").subarray(0, 60));
    expect(await reason()).toMatch(/^big-00002-of-00003\.gguf: .*incomplete/);
    writeParts(7);
    expect(await reason()).toMatch(/hold 5 tensors, its header says 7/);
    writeParts(5);
    copyFileSync(join(folder, parts[2] ?? ""), join(folder, parts[1] ?? ""));
    expect(await reason()).toMatch(/named as part 2 is part 3/);
    folder = temporaryFolder();
    gguf("renamed.gguf", { metadata: llama(split(0)) });
    expect(await reason()).toMatch(/part 1 of a model split into 3 files/);
  });
});

describe("lists", () => {
  it("give names and labels, and combine with references; what is named twice keeps the list's", async () => {
    const path = gguf("models/a.gguf");
    gguf("b.gguf");
    const list = file("list.csv", "model,name,family\nmodels/a.gguf,Alpha,x\n");
    const { models } = await resolveModels([path, join(folder, "b.gguf")], { list });
    expect(models).toMatchObject([
      { name: "Alpha", labels: { family: "x" }, reference: "models/a.gguf", path },
      { name: "b", labels: {} },
    ]);
  });

  it("name their line in errors", async () => {
    gguf("a.gguf");
    file("page.gguf", "<html>");
    const rejected = async (line: string) =>
      await resolveModels([], { list: file("list.csv", `model,size\na.gguf,1\n${line}\n`) }).then(
        () => null,
        (reason: unknown) => reason,
      );
    const inLine3 = (rest: string): unknown => expect.stringMatching(new RegExp(`list\\.csv line 3.*${rest}`));
    expect(await rejected("missing.gguf,2")).toMatchObject({ code: "ERR_NOT_FOUND", message: inLine3("missing") });
    expect(await rejected("page.gguf,2")).toMatchObject({ code: "ERR_GGUF", message: inLine3("HTML") });
    expect(await rejected("*.gguf,2")).toMatchObject({ code: "ERR_MODELS", message: inLine3("folder or glob") });
    expect(await rejected("./a.gguf,2")).toMatchObject({ code: "ERR_MODELS", message: inLine3("line 2 again") });
    expect(await rejected("./a.gguf,1")).toBeNull();
  });
});

it("reports the bytes that it hashes, and stops when the signal fires", async () => {
  const path = place("base.gguf");
  copyFileSync(demoModel("base-f16"), path);
  const events: unknown[] = [];
  await resolveModels([path], { onProgress: (event) => events.push(event) });
  expect(events.at(-1)).toEqual({ model: "base", step: "hash", bytes: 1_900_928, ofBytes: 1_900_928 });

  const signal = AbortSignal.abort();
  await expect(resolveModels([path], { signal })).rejects.toMatchObject({ code: "ERR_ABORTED" });
});
