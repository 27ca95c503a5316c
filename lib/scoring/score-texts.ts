/** Scores the batches of a plan in order. */
import { LlmapError } from "../errors.js";
import type { LoadedModel } from "./prepare-model.js";
import type { ScoreRows } from "./score-rows.js";
import { sequenceOf, tokenCounts } from "./tokenise.js";

/**
 * Scores every text that is not done, whole batches at a time, and the texts without a scored token first (log-likelihood 0).
 * @param done done[text] is 1 where the row is stored; batches are stored whole, so a batch is either done or not
 * @returns whether it was stopped before the end
 * Errors: ERR_NUMERIC naming the text where a log-likelihood is not finite; ERR_SCORING.
 */
export async function scoreTexts(
  model: LoadedModel,
  done: Uint8Array,
  { onBatch, shouldStop }: { onBatch: (rows: ScoreRows) => void; shouldStop: () => boolean },
): Promise<boolean> {
  const counts = tokenCounts(model.sequences);
  const isDone = (text: number): boolean => done[text] === 1;
  const truncated = (texts: Int32Array): boolean[] => Array.from(texts, (text) => model.sequences.truncated[text] === 1);

  const nothingToScore = Int32Array.from(counts.keys()).filter((text) => (counts[text] ?? 0) < 2 && !isDone(text));
  if (nothingToScore.length > 0) {
    onBatch({
      text: nothingToScore,
      tokens: nothingToScore.map((text) => counts[text] ?? 0),
      logLikelihood: new Float64Array(nothingToScore.length),
      truncated: truncated(nothingToScore),
    });
  }

  for (const batch of model.batches) {
    if (batch.every(isDone)) continue;
    if (shouldStop()) return true;
    const scores = await model.scorer.scoreBatch(Array.from(batch, (text) => sequenceOf(model.sequences, text)));
    // Copies: the columns are views on the addon's arena, which the next batch does not share but the message would carry whole.
    const tokens = Int32Array.from(scores.getChild("tokens") ?? []);
    const logLikelihood = Float64Array.from(scores.getChild("log_likelihood") ?? []);
    logLikelihood.forEach((value, i) => {
      if (!Number.isFinite(value)) {
        throw new LlmapError("ERR_NUMERIC", `The log-likelihood of text ${batch[i] ?? i} is ${value}: the model's weights may be damaged.`);
      }
    });
    onBatch({ text: batch, tokens, logLikelihood, truncated: truncated(batch) });
  }
  return false;
}
