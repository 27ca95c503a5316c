import { describe, expect, it } from "vitest";
import { withKnownNames } from "../../../lib/run/model-identity.js";
import type { Model } from "../../../lib/models/model.js";
import type { ModelRow } from "../../../lib/store/models-table.js";

const model = (path: string, sha256: string): Model => ({
  name: "model",
  fileName: "model",
  path,
  adapters: [],
  reference: path,
  sha256,
  facts: {
    architecture: "llama",
    title: null,
    parameters: 1,
    quantization: null,
    bytes: 1,
    contextLength: null,
    vocabularySize: null,
    tokenizer: null,
    addBosToken: null,
  },
  labels: {},
});

const row = ({ name, fileName, path, adapters, sha256, facts }: Model): ModelRow => ({
  ...{ name, fileName, path, adapters, sha256, facts, labels: {}, status: "complete", error: null, warnings: [] },
  ...{ bosPolicy: null, backend: null, device: null, scorer: null, fallback: null, truncatedTexts: null },
});

const apartFromOthers = (one: Model, known: ModelRow[]): Model => withKnownNames([one], known)[0] ?? one;

describe("a name in a run folder", () => {
  const first = model("/a/model.gguf", "1");

  it("stays with a file that moved, and with a file that changed in its place", () => {
    expect(apartFromOthers(model("/b/model.gguf", "1"), [row(first)]).name).toBe("model");
    expect(apartFromOthers(model("/a/model.gguf", "2"), [row(first)]).name).toBe("model");
  });

  it("tells another model of the same name apart by its folder, also twice", () => {
    const second = apartFromOthers(model("/b/model.gguf", "2"), [row(first)]);
    expect(second).toMatchObject({ name: "b/model", fileName: "b_model" });
    const third = apartFromOthers(model("/x/b/model.gguf", "3"), [row(first), row(second)]);
    expect(third).toMatchObject({ name: "b/model-2", fileName: "b_model-2" });
    // Run again, they keep their names.
    expect(apartFromOthers(model("/b/model.gguf", "2"), [row(first), row(second)]).name).toBe("b/model");
  });

  it("tells one base with another adapter of the same name apart by the adapter's folder", () => {
    const adapted = (adapter: string, sha256: string): Model => ({ ...model("/m/base.gguf", sha256), adapters: [adapter] });
    const one = adapted("/1/a.gguf", "1");
    expect(apartFromOthers(adapted("/2/a.gguf", "2"), [row(one)])).toMatchObject({ name: "2/model", fileName: "2_model" });
    expect(apartFromOthers(model("/m/base.gguf", "3"), [row(one)])).toMatchObject({ name: "m/model" });
    // The adapter changed in its place: the model changed.
    expect(apartFromOthers(adapted("/1/a.gguf", "4"), [row(one)])).toMatchObject({ name: "model", fileName: "model" });
  });

  it("keeps the scores of a model that a list names anew, with its labels", () => {
    const named = { ...model("/a/model.gguf", "1"), name: "One", fileName: "One", labels: { family: "llama" } };
    expect(withKnownNames([named], [row(first)])).toMatchObject([{ name: "One", fileName: "model", labels: { family: "llama" } }]);
    // Named by its path again, it keeps what the list said.
    expect(withKnownNames([first], [{ ...row(named), fileName: "model" }])).toMatchObject([{ name: "One", fileName: "model" }]);
  });

  it("leaves two copies of one file two models", () => {
    const copy = { ...model("/a/copy.gguf", "1"), name: "copy", fileName: "copy" };
    expect(withKnownNames([first, copy], []).map(({ name }) => name)).toEqual(["model", "copy"]);
    expect(withKnownNames([first, copy], [row(first), row(copy)]).map(({ name }) => name)).toEqual(["model", "copy"]);
    expect(withKnownNames([first, copy], [row(first)]).map(({ fileName }) => fileName)).toEqual(["model", "copy"]);
  });
});
