/** Whether the files of a model can be scored, from their headers. */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { LlmapError, messageOf } from "../errors.js";
import { notGguf } from "./file-kind.js";
import { modelFacts } from "./gguf-facts.js";
import { readGgufHeader, type GgufHeader } from "./gguf-header.js";
import type { ModelFacts } from "./model.js";
import { skipReason } from "./skip-reasons.js";
import { splitMismatch } from "./split-files.js";

export type Inspection =
  | { kind: "model"; facts: ModelFacts }
  | { kind: "skipped"; reason: string }
  | { kind: "unreadable"; reason: string };

/** Reads the headers of a model's files. Whatever is wrong with them is a result, not an error. */
export async function inspectModel(parts: readonly [string, ...string[]]): Promise<Inspection> {
  try {
    await requireAllParts(parts);
    const [firstPath, ...otherPaths] = parts;
    const headers: [GgufHeader, ...GgufHeader[]] = [await readHeader(firstPath, parts.length)];
    for (const path of otherPaths) headers.push(await readHeader(path, parts.length));

    const tensors = headers.reduce((sum, header) => sum + header.tensors, 0);
    const reason = skipReason(headers[0], basename(firstPath), tensors);
    if (reason !== null) return { kind: "skipped", reason };
    const mismatch = splitMismatch(headers);
    if (mismatch !== null) return { kind: "unreadable", reason: mismatch };
    return { kind: "model", facts: modelFacts(headers) };
  } catch (error) {
    return { kind: "unreadable", reason: messageOf(error) };
  }
}

async function requireAllParts(parts: readonly string[]): Promise<void> {
  if (parts.length === 1) return;
  const missing: string[] = [];
  for (const part of parts) {
    const exists = await stat(part).then(() => true, () => false);
    if (!exists) missing.push(basename(part));
  }
  if (missing.length === 0) return;
  const others = missing.length > 1 ? ` and ${missing.length - 1} more of its ${parts.length} parts` : "";
  throw new LlmapError("ERR_GGUF", `The model is split and ${missing[0] ?? ""}${others} cannot be found beside it; fetch what is missing.`);
}

async function readHeader(path: string, parts: number): Promise<GgufHeader> {
  try {
    const found = await notGguf(path);
    if (found !== null) throw new LlmapError("ERR_GGUF", `It is not a GGUF file: it is ${found}.`);
    return await readGgufHeader(path);
  } catch (error) {
    if (parts === 1) throw error;
    throw new LlmapError("ERR_GGUF", `${basename(path)}: ${messageOf(error)}`, { cause: error });
  }
}
