/** Which texts are decoded together: a pure function of token counts and parameters, so that a resumed run repeats it. */
import type { PlanParameters } from "./settings.js";

/**
 * Most tokens of a batch by kind of device. GPUs want wide batches; on a few cores small ones are faster, since a wide one computes more
 * attention that the mask then throws away.
 */
const defaultBatchTokens = { cpu: 256, gpu: 2048 };

/**
 * Contexts of one model on a GPU: while one decodes, the logits of the other are gathered. A second context costs memory, but nothing is copied:
 * copying a batch's logits takes longer than gathering them (docs/performance.md).
 */
export const contextsOnGpu = 2;

/** Room in the attention cache, in batches, over all sequences: bounds its memory where texts are long. */
const batchesInCache = 2;
const mostSequences = 16;

/** llama.cpp rounds the context of each sequence up to this many tokens. */
const contextStep = 256;

/**
 * Chooses the plan's parameters for a model.
 * @param tokenCounts tokens of each text's sequence (after truncation)
 * @param vocabulary size of the vocabulary; a batch's logits take 4 x vocabulary x tokens bytes, in each context
 * @param chosen the user's choices; null where the default applies. The logits of all contexts together stay within `logitsBudget` bytes
 * (tiny models on a CPU get as many contexts as the budget then affords)
 */
export function choosePlanParameters(
  tokenCounts: Int32Array,
  vocabulary: number,
  device: "cpu" | "gpu",
  chosen: { batchTokens: number | null; sequences: number | null; contexts: number | null; logitsBudget: number },
): PlanParameters {
  const longest = tokenCounts.reduce((most, count) => Math.max(most, count), 1);
  const contexts = chosen.contexts ?? (device === "gpu" ? contextsOnGpu : 1);
  const affordable = Math.max(1, Math.floor(chosen.logitsBudget / (4 * vocabulary * contexts)));
  const batchTokens = Math.min(chosen.batchTokens ?? defaultBatchTokens[device], affordable);
  const contextSize = Math.ceil(longest / contextStep) * contextStep;
  const room = Math.floor((batchesInCache * batchTokens) / contextSize);
  const sequences = chosen.sequences ?? Math.min(mostSequences, Math.max(1, room));
  return {
    // Each sequence of a batch has at least one token, and no batch is larger than all its sequences at their longest.
    batchTokens: Math.max(sequences, Math.min(batchTokens, sequences * longest)),
    sequences,
    contextSize,
  };
}

/**
 * Batches of texts: longest first (ties in text order), so that similar lengths meet, filled to the token budget and the number of
 * sequences. The last token of a sequence is not decoded and does not count. A text longer than the budget is a batch of its
 * own, decoded piece by piece. Texts of fewer than two tokens have nothing to score and are in no batch.
 * @returns text positions of each batch
 */
export function planBatches(
  tokenCounts: Int32Array,
  { batchTokens, sequences }: Pick<PlanParameters, "batchTokens" | "sequences">,
): Int32Array[] {
  const count = (text: number): number => tokenCounts[text] ?? 0;
  const order = Array.from(tokenCounts.keys())
    .filter((text) => count(text) >= 2)
    .sort((a, b) => count(b) - count(a) || a - b);

  const batches: Int32Array[] = [];
  let batch: number[] = [];
  let tokens = 0;
  for (const text of order) {
    const decoded = count(text) - 1;
    if (batch.length > 0 && (batch.length === sequences || tokens + decoded > batchTokens)) {
      batches.push(Int32Array.from(batch));
      batch = [];
      tokens = 0;
    }
    batch.push(text);
    tokens += decoded;
  }
  if (batch.length > 0) batches.push(Int32Array.from(batch));
  return batches;
}
