/** Which bytes of a text its tokens stand for, by the pieces of the vocabulary. */
import type { TokenSequences } from "./tokenise.js";
import { sequenceOf } from "./tokenise.js";

/** The bytes that each token stands for, one piece after the other; `starts` has vocabulary + 1 offsets into `bytes`. */
export interface TokenPieces {
  bytes: Uint8Array;
  starts: Int32Array;
}

const space = 0x20;

/**
 * Bytes of the text that each token stands for: the tokens spell its beginning, up to what they were cut at. A space that the tokenizer puts in front of
 * a text is none of its bytes. Null where the tokens do not spell the text: the vocabulary lacks some of its characters, or a normaliser changed them.
 * @param text UTF-8 @param tokens without the one in front of the text
 */
export function tokenBytes(text: Uint8Array, tokens: Int32Array, { bytes, starts }: TokenPieces): Int32Array | null {
  const lengths = new Int32Array(tokens.length);
  let at = 0;
  for (const [i, token] of tokens.entries()) {
    const before = at;
    let from = starts[token] ?? 0;
    const to = starts[token + 1] ?? 0;
    if (i === 0 && bytes[from] === space && text[0] !== space) from++;
    for (; from < to; from++, at++) {
      if (bytes[from] !== text[at]) return null;
    }
    lengths[i] = at - before;
  }
  return lengths;
}

/** Where the scored tokens of a text lie in it. */
export interface ScoredTokenBytes {
  /** Bytes of the text before the first of them. */
  first: number;
  /** Of each. */
  bytes: Int32Array;
}

/** Null as {@link tokenBytes}. @param text its position among the sequences */
export function scoredTokenBytes(sequences: TokenSequences, text: number, content: string, pieces: TokenPieces): ScoredTokenBytes | null {
  const sequence = sequenceOf(sequences, text);
  const encoded = new TextEncoder().encode(content);
  if (sequences.firstToken !== "none") {
    const bytes = tokenBytes(encoded, sequence.subarray(1), pieces);
    return bytes && { first: 0, bytes };
  }
  const bytes = tokenBytes(encoded, sequence, pieces);
  return bytes && { first: bytes[0] ?? 0, bytes: bytes.slice(1) };
}
