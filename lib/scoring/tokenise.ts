/** Texts to token sequences, as the model's own tokenizer gives them. */
import { setImmediate } from "node:timers/promises";
import type { LlamaModel } from "node-llama-cpp";
import type { BosPolicy, FirstToken } from "./settings.js";

export interface TokenSequences {
  /** All sequences one after the other. */
  tokens: Int32Array;
  /** Start of each sequence in `tokens`, and the end of the last: texts + 1 entries. */
  starts: Int32Array;
  /** 1 where the text was cut at the limit. */
  truncated: Uint8Array;
  firstToken: FirstToken;
}

/** Which token the policy puts in front for this model, if any. */
function resolveFirstToken(model: LlamaModel, policy: BosPolicy): { kind: FirstToken; token: number | null } {
  const { bos, eos, shouldPrependBosToken } = model.tokens;
  if (policy === "never" || (policy === "auto" && !shouldPrependBosToken)) return { kind: "none", token: null };
  if (bos !== null) return { kind: "BOS", token: bos };
  if (policy === "always" && eos !== null) return { kind: "EOS", token: eos };
  return { kind: "none", token: null };
}

/** Texts between two looks at the event loop: some 50 ms. */
const textsAtOnce = 200;

/**
 * Tokenises plain texts: special-token spellings inside them stay plain text.
 * @param limit most tokens of a sequence, the first token included (the trained context); longer texts are cut and marked
 * @param onProgress called now and then
 */
export async function tokeniseTexts(
  model: LlamaModel,
  contents: readonly string[],
  policy: BosPolicy,
  limit: number,
  onProgress: () => void,
): Promise<TokenSequences> {
  const first = resolveFirstToken(model, policy);
  const front = first.token === null ? [] : [first.token];
  const starts = new Int32Array(contents.length + 1);
  const truncated = new Uint8Array(contents.length);
  const sequences: number[][] = [];
  for (const [text, content] of contents.entries()) {
    if (text % textsAtOnce === 0) {
      onProgress();
      await setImmediate();
    }
    const sequence = [...front, ...model.tokenize(content, false)];
    if (sequence.length > limit) truncated[text] = 1;
    sequences.push(sequence.slice(0, limit));
    starts[text + 1] = (starts[text] ?? 0) + Math.min(sequence.length, limit);
  }
  const tokens = new Int32Array(starts[contents.length] ?? 0);
  sequences.forEach((sequence, text) => tokens.set(sequence, starts[text] ?? 0));
  return { tokens, starts, truncated, firstToken: first.kind };
}

/** Tokens of each text's sequence. */
export function tokenCounts({ starts }: TokenSequences): Int32Array {
  return Int32Array.from({ length: starts.length - 1 }, (_, text) => (starts[text + 1] ?? 0) - (starts[text] ?? 0));
}

/** The sequence of one text, a view. */
export function sequenceOf({ tokens, starts }: TokenSequences, text: number): Int32Array {
  return tokens.subarray(starts[text], starts[text + 1]);
}
