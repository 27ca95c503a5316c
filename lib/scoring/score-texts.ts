/** Scores the batches of a plan. */
import { LlmapError } from "../errors.js";
import type { LoadedModel } from "./prepare-model.js";
import type { ScoreRows } from "./score-rows.js";
import type { BatchScores, Scorer } from "./scorer.js";
import { sequenceOf, tokenCounts } from "./tokenise.js";

/**
 * Scores every text that is not done, whole batches at a time, as many side by side as there are scorers; the texts without a scored
 * token come first (log-likelihood 0).
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

  const waiting = model.batches.filter((batch) => !batch.every(isDone));
  // Set by the first failure, so that the other scorers stop after the batch in hand.
  const state = { failed: false };
  const work = async (scorer: Scorer): Promise<void> => {
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
      if (state.failed || shouldStop()) {
        waiting.unshift(batch);
        return;
      }
      try {
        const scores = await scorer.scoreBatch(Array.from(batch, (text) => sequenceOf(model.sequences, text)));
        onBatch({ ...finiteScores(scores, batch), text: batch, truncated: truncated(batch) });
      } catch (error) {
        state.failed = true;
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(model.scorers.map(work));
  for (const result of results) if (result.status === "rejected") throw result.reason;
  return waiting.length > 0;
}

/** Copies of the columns, which are views on the addon's memory. */
function finiteScores(scores: BatchScores, batch: Int32Array): Pick<ScoreRows, "tokens" | "logLikelihood"> {
  const tokens = Int32Array.from(scores.getChild("tokens") ?? []);
  const logLikelihood = Float64Array.from(scores.getChild("log_likelihood") ?? []);
  logLikelihood.forEach((value, i) => {
    if (!Number.isFinite(value)) {
      throw new LlmapError("ERR_NUMERIC", `The log-likelihood of text ${batch[i] ?? i} is ${value}: the model's weights may be damaged.`);
    }
  });
  return { tokens, logLikelihood };
}
