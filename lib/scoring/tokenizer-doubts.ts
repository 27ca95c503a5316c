/** Signs that a model's tokenizer is not what its weights were trained with: warnings, since nobody but the user can tell. */
import type { LlamaModel } from "node-llama-cpp";
import type { BosPolicy } from "./settings.js";
import { tokenBytes, type TokenPieces } from "./token-bytes.js";
import { sequenceOf, type TokenSequences } from "./tokenise.js";

/**
 * Sentences about what the metadata of the tokenizer leaves open.
 * @param firstToken what stands in front of the texts
 * @param policy what the user asked for; with "never" the missing BOS is no doubt
 */
export function metadataDoubts(model: LlamaModel, firstToken: TokenSequences["firstToken"], policy: BosPolicy): string[] {
  const { ggml } = model.fileInfo.metadata.tokenizer;
  const doubts: string[] = [];
  if (policy !== "never" && firstToken === "none" && model.tokens.bos !== null) {
    const saidSo = ggml.add_bos_token === false;
    doubts.push(
      `No BOS token stands in front of the texts although the vocabulary has one: ${saidSo ? "the metadata asks for none" : "the metadata does not ask for it (tokenizer.ggml.add_bos_token is missing)"}. ` +
        "So the first token of each text is not scored; --bos always puts one there.",
    );
  }
  const pre: unknown = ggml.pre;
  if (ggml.model === "gpt2" && (pre === undefined || pre === "" || pre === "default")) {
    doubts.push(
      "The metadata names no pre-tokenizer (tokenizer.ggml.pre), so llama.cpp splits words by its default: texts may get other tokens than in training. " +
        "Convert the model again with a current llama.cpp.",
    );
  }
  return doubts;
}

/**
 * How many texts do not come back when their tokens are put together again: characters that the vocabulary lacks, or that a
 * normaliser changed. A space that the tokenizer puts in front of a text is not counted, nor are texts that were cut.
 */
export function countBrokenRoundTrips(sequences: TokenSequences, contents: readonly string[], pieces: TokenPieces): number {
  const encoder = new TextEncoder();
  const skipped = sequences.firstToken === "none" ? 0 : 1;
  let broken = 0;
  contents.forEach((content, text) => {
    if (sequences.truncated[text] === 1) return;
    const tokens = sequenceOf(sequences, text).subarray(skipped);
    const encoded = encoder.encode(content);
    const spelled = tokenBytes(encoded, tokens, pieces);
    if (spelled === null || spelled.reduce((sum, bytes) => sum + bytes, 0) !== encoded.length) broken++;
  });
  return broken;
}

/** The warning for {@link countBrokenRoundTrips}, or none. */
export function roundTripDoubts(broken: number, texts: number): string[] {
  if (broken === 0) return [];
  const share = (100 * broken) / texts;
  const percent = share < 0.1 ? "under 0.1" : share.toFixed(1);
  return [`${broken} of ${texts} texts (${percent} %) do not survive tokenising and back: the vocabulary lacks some of their characters, or normalises them.`];
}
