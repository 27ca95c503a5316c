/** Tokens per second of a loaded model over batches of its plan: scored, or decoded only. */
import { scoreTexts } from "../dist/scoring/score-texts.js";
import { sequenceOf, tokenCounts } from "../dist/scoring/tokenise.js";

/** Every token of a text but the first is scored. */
export function scoredTokens(model, batches) {
  const counts = tokenCounts(model.sequences);
  return batches.reduce((sum, batch) => sum + batch.reduce((inBatch, text) => inBatch + counts[text] - 1, 0), 0);
}

/** `count` batches from all over the plan, which has the longest texts first. */
export function spread(batches, count) {
  const wanted = Math.max(1, Math.min(batches.length, Math.round(count)));
  return Array.from({ length: wanted }, (_, i) => batches[Math.floor(((i + 0.5) * batches.length) / wanted)]);
}

async function speed(model, batches, work) {
  const started = performance.now();
  await work();
  return scoredTokens(model, batches) / ((performance.now() - started) / 1000);
}

/** As a run does it. */
export function scoreBatches(model, batches) {
  const done = new Uint8Array(model.sequences.starts.length - 1).fill(1);
  for (const batch of batches) for (const text of batch) done[text] = 0;
  return speed(model, batches, () => scoreTexts(model, done, { onBatch: () => undefined, shouldStop: () => false }));
}

/** The limit: the same batches on the same contexts, their logits waited for and not read. */
export function decodeBatches(model, batches) {
  const waiting = [...batches];
  const decode = async (scorer) => {
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
      await scorer.decodeBatch(Array.from(batch, (text) => sequenceOf(model.sequences, text)));
    }
  };
  return speed(model, batches, () => Promise.all(model.scorers.map(decode)));
}

/** Batches that take about this many seconds to score, at least `fewest`, from all over the plan. */
export async function batchesFor(model, seconds, fewest) {
  // Also warms it up.
  const tokensPerSecond = await scoreBatches(model, spread(model.batches, model.scorers.length));
  const tokensPerBatch = scoredTokens(model, model.batches) / model.batches.length;
  return spread(model.batches, Math.max(fewest, (seconds * tokensPerSecond) / tokensPerBatch));
}
