/** What a model is, from the headers of its files. */
import { GgmlType, GgufFileType } from "node-llama-cpp";
import { LlmapError } from "../errors.js";
import type { GgufHeader } from "./gguf-header.js";
import type { ModelFacts } from "./model.js";

/** Bit of `general.file_type` that says that llama.cpp guessed it. */
const guessedFileType = 1024;

/**
 * The facts of a model.
 * @param headers of its files, the first part (which holds the metadata) first
 * Errors: ERR_GGUF if the header names no architecture.
 */
export function modelFacts(headers: readonly [GgufHeader, ...GgufHeader[]]): ModelFacts {
  const { metadata, arrayLengths } = headers[0];
  const text = (key: string): string | null => {
    const value = metadata.get(key);
    return typeof value === "string" ? value : null;
  };
  const count = (key: string): number | null => {
    const value = metadata.get(key);
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
  };
  const architecture = text("general.architecture");
  if (architecture === null) {
    throw new LlmapError("ERR_GGUF", "The header names no architecture (general.architecture), so llama.cpp cannot load the file.");
  }
  const weights = weightsByType(headers);
  const addBosToken = metadata.get("tokenizer.ggml.add_bos_token");
  return {
    architecture,
    title: text("general.name"),
    parameters: [...weights.values()].reduce((sum, number) => sum + number, 0),
    quantization: fileTypeName(count("general.file_type")) ?? dominantTypeName(weights),
    bytes: headers.reduce((sum, { bytes }) => sum + bytes, 0),
    contextLength: count(`${architecture}.context_length`),
    vocabularySize: arrayLengths.get("tokenizer.ggml.tokens") ?? count(`${architecture}.vocab_size`),
    tokenizer: text("tokenizer.ggml.model"),
    addBosToken: typeof addBosToken === "boolean" ? addBosToken : null,
  };
}

function weightsByType(headers: readonly GgufHeader[]): Map<number, number> {
  const sums = new Map<number, number>();
  for (const header of headers) {
    for (const [type, weights] of header.weightsByType) sums.set(type, (sums.get(type) ?? 0) + weights);
  }
  return sums;
}

/** "Q4_K_M" for llama.cpp's LLAMA_FTYPE_MOSTLY_Q4_K_M; null for a number without a name. */
function fileTypeName(fileType: number | null): string | null {
  if (fileType === null) return null;
  const name: string | undefined = GgufFileType[fileType & ~guessedFileType];
  return name?.replace(/^(MOSTLY|ALL)_/, "") ?? null;
}

/** The tensor type that holds most weights. */
function dominantTypeName(weights: ReadonlyMap<number, number>): string | null {
  const dominant = [...weights].sort(([, one], [, other]) => other - one)[0];
  if (dominant === undefined) return null;
  const name: string | undefined = GgmlType[dominant[0]];
  return name ?? null;
}
