/** Signs that a model's tokenizer is not what its weights were trained with: warnings, since nobody but the user can tell. */
import type { LlamaModel } from "node-llama-cpp";
import type { BosPolicy } from "./settings.js";
import { sequenceOf, type TokenSequences } from "./tokenise.js";

/** The bytes that each token stands for, one piece after the other; `starts` has vocabulary + 1 offsets into `bytes`. */
export interface TokenPieces {
  bytes: Uint8Array;
  starts: Int32Array;
}

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
    if (!isSpelledBy(encoder.encode(content), tokens, pieces)) broken++;
  });
  return broken;
}

const space = 0x20;

function isSpelledBy(text: Uint8Array, tokens: Int32Array, { bytes, starts }: TokenPieces): boolean {
  let at = 0;
  for (const [i, token] of tokens.entries()) {
    let from = starts[token] ?? 0;
    const to = starts[token + 1] ?? 0;
    if (i === 0 && bytes[from] === space && text[0] !== space) from++;
    for (; from < to; from++, at++) {
      if (bytes[from] !== text[at]) return false;
    }
  }
  return at === text.length;
}

/** The warning for {@link countBrokenRoundTrips}, or none. */
export function roundTripDoubts(broken: number, texts: number): string[] {
  if (broken === 0) return [];
  const share = (100 * broken) / texts;
  const percent = share < 0.1 ? "under 0.1" : share.toFixed(1);
  return [`${broken} of ${texts} texts (${percent} %) do not survive tokenising and back: the vocabulary lacks some of their characters, or normalises them.`];
}
