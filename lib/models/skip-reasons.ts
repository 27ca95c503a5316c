/** Which GGUF files are no language models that predict the next token. Names as in llama.cpp (src/llama-arch.cpp, gguf-py's constants). */
import type { GgufHeader } from "./gguf-header.js";

const byType = new Map([
  ["mmproj", "a multimodal projector: it turns images or sound into embeddings for a language model"],
  ["adapter", "a LoRA adapter: name it behind its base model, as BASE.gguf+ADAPTER.gguf"],
  ["imatrix", "an importance matrix for quantization, not a model"],
]);

const embeddingModel = "an embedding model: it gives vectors, not probabilities of the next token";
const encoderDecoder = "an encoder or encoder-decoder: llmap-native scores decoders only";
const diffusionLanguageModel = "a diffusion language model: it does not predict the next token";
const soundModel = "a speech or sound model: it does not predict text";
const imageModel = "an image or video model: it does not predict text";
const draftModel = "a draft model for speculative decoding: it works only inside its target model";

const byArchitecture = new Map([
  ["clip", "a multimodal projector: it turns images or sound into embeddings for a language model"],
  ["controlvector", "a control vector, not a model"],
  ...architectures(embeddingModel, [
    ...["bert", "modern-bert", "nomic-bert", "nomic-bert-moe", "neo-bert", "jina-bert-v2", "jina-bert-v3", "eurobert"],
    ...["gemma-embedding", "llama-embed"],
  ]),
  ...architectures(encoderDecoder, ["t5", "t5encoder"]),
  ...architectures(diffusionLanguageModel, ["dream", "llada", "llada-moe", "rnd1"]),
  ...architectures(soundModel, ["wavtokenizer-dec", "qwen3tts", "pockettts", "whisper"]),
  ...architectures(draftModel, ["eagle3", "dflash", "gemma4-assistant"]),
  // Not llama.cpp's: the names that image programs write into GGUF files.
  ...architectures(imageModel, [
    ...["sd1", "sdxl", "sd3", "flux", "aura", "hidream", "cosmos", "ltxv", "hyvid", "wan", "lumina2", "qwen_image"],
  ]),
]);

function architectures(reason: string, names: string[]): [string, string][] {
  return names.map((name) => [name, reason]);
}

/**
 * Why a file is skipped, as words that follow "is"; null for a language model.
 * @param header of the first file of the model
 * @param fileName its base name
 * @param tensors of all its files
 */
export function skipReason(header: GgufHeader, fileName: string, tensors: number): string | null {
  const { metadata, arrayLengths } = header;
  const type = metadata.get("general.type");
  const architecture = String(metadata.get("general.architecture"));
  const known = byType.get(String(type)) ?? byArchitecture.get(architecture);
  if (known !== undefined) return known;
  // Projectors that name themselves only in their file's name.
  if (/^mmproj/i.test(fileName)) return byType.get("mmproj") ?? null;
  if (tensors === 0) return "a vocabulary without weights";
  const pooling = metadata.get(`${architecture}.pooling_type`);
  if (typeof pooling === "number" && pooling !== 0) return embeddingModel;
  if (arrayLengths.has(`${architecture}.classifier.output_labels`)) return "a classifier or reranker: it gives labels, not probabilities of the next token";
  if (metadata.get(`${architecture}.attention.causal`) === false) return encoderDecoder;
  return null;
}
