/** Whether a model with LoRA adapters on top can be scored, from the headers of its files. */
import { basename } from "node:path";
import { LlmapError, messageOf } from "../errors.js";
import type { GgufHeader } from "./gguf-header.js";
import { inspectModel, readHeader, type Inspection } from "./inspect-model.js";

/**
 * Reads the headers of a base model and of the adapters on top of it, if any. Whatever is wrong with them is a result, not an error. The facts are those of
 * the base, with the weights and bytes of the adapters added.
 */
export async function inspectWithAdapters(parts: readonly [string, ...string[]], adapters: readonly string[]): Promise<Inspection> {
  const base = await inspectModel(parts);
  if (adapters.length === 0) return base;
  const baseFile = basename(parts[0]);
  if (base.kind === "skipped") return { kind: "unreadable", reason: `The base ${baseFile} is ${base.reason}.` };
  if (base.kind === "unreadable") return { kind: "unreadable", reason: `The base ${baseFile}: ${base.reason}` };
  try {
    const facts = { ...base.facts };
    for (const path of adapters) {
      const header = await readHeader(path, { nameFile: true });
      requireAdapter(header, basename(path), facts.architecture);
      facts.parameters += [...header.weightsByType.values()].reduce((sum, weights) => sum + weights, 0);
      facts.bytes += header.bytes;
    }
    return { kind: "model", facts };
  } catch (error) {
    return { kind: "unreadable", reason: messageOf(error) };
  }
}

/** Errors: ERR_GGUF for a header that is not that of a LoRA adapter which llama.cpp can apply to a model of this architecture. */
function requireAdapter({ metadata, arrayLengths }: GgufHeader, file: string, architecture: string): void {
  const expect = (key: string, expected: string, whatToDo: string): void => {
    const found = metadata.get(key);
    if (found === expected) return;
    const instead = found === undefined ? "there is none" : `found ${JSON.stringify(found)}`;
    throw new LlmapError("ERR_GGUF", `${file} cannot be applied as an adapter: expected ${key} ${JSON.stringify(expected)} but ${instead}. ${whatToDo}`);
  };
  expect("general.type", "adapter", "What stands behind the + must be a LoRA adapter in GGUF (llama.cpp's convert_lora_to_gguf.py makes one).");
  expect("adapter.type", "lora", "Only LoRA adapters can be applied.");
  expect("general.architecture", architecture, "Name the base model that the adapter was trained on.");
  if (arrayLengths.has("adapter.alora.invocation_tokens")) {
    throw new LlmapError("ERR_GGUF", `${file} is an activated LoRA: it works only behind its invocation tokens, so plain texts cannot be scored with it.`);
  }
  const parts = metadata.get("split.count");
  if (typeof parts === "number" && parts > 1) {
    throw new LlmapError("ERR_GGUF", `${file} is part of an adapter split into ${parts} files, of which llama.cpp would apply one; join them with llama-gguf-split --merge.`);
  }
}
