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
    const nameFile = parts.length > 1;
    const headers: [GgufHeader, ...GgufHeader[]] = [await readHeader(firstPath, { nameFile })];
    for (const path of otherPaths) headers.push(await readHeader(path, { nameFile }));

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

/**
 * The header of a file. Errors: ERR_GGUF saying what is wrong or what the file is instead; file system errors.
 * @param nameFile put the name of the file in front of every error: it is one of several
 */
export async function readHeader(path: string, { nameFile }: { nameFile: boolean }): Promise<GgufHeader> {
  try {
    const found = await notGguf(path);
    if (found !== null) throw new LlmapError("ERR_GGUF", `It is not a GGUF file: it is ${found}.`);
    return await readGgufHeader(path);
  } catch (error) {
    if (!nameFile) throw error;
    throw new LlmapError("ERR_GGUF", `${basename(path)}: ${messageOf(error)}`, { cause: error });
  }
}
