/** Scores the batches of a plan. */
import { LlmapError, messageOf } from "../errors.js";
import type { LoadedModel } from "./prepare-model.js";
import type { ScoredTokens, ScoreRows } from "./score-rows.js";
import { SequenceError, type BatchScores, type Scorer } from "./scorer.js";
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

  const nothingToScore = Int32Array.from(counts.keys()).filter((text) => (counts[text] ?? 0) < 2 && !isDone(text));
  if (nothingToScore.length > 0) {
    onBatch({
      text: nothingToScore,
      tokens: nothingToScore.map((text) => counts[text] ?? 0),
      logLikelihood: new Float64Array(nothingToScore.length),
      truncated: truncatedOf(model, nothingToScore),
      ...(model.tokenLogProbs ? { scoredTokens: noTokens(nothingToScore.length) } : {}),
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
        onBatch(await scoreBatch(scorer, model, batch));
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

function truncatedOf({ sequences }: LoadedModel, texts: Int32Array): boolean[] {
  return Array.from(texts, (text) => sequences.truncated[text] === 1);
}

async function scoreBatch(scorer: Scorer, model: LoadedModel, batch: Int32Array): Promise<ScoreRows> {
  const sequences = Array.from(batch, (text) => sequenceOf(model.sequences, text));
  const scored = sequences.reduce((sum, sequence) => sum + sequence.length - 1, 0);
  const logProbs = model.tokenLogProbs ? new Float32Array(scored) : null;
  let scores: BatchScores;
  try {
    scores = await scorer.scoreBatch(sequences, logProbs);
  } catch (error) {
    if (error instanceof SequenceError) throw notFinite(batch[error.sequence], messageOf(error), error);
    throw error;
  }
  // Copies of the columns, which are views on the addon's memory.
  const tokens = Int32Array.from(scores.getChild("tokens") ?? []);
  const logLikelihood = Float64Array.from(scores.getChild("log_likelihood") ?? []);
  logLikelihood.forEach((value, i) => {
    if (!Number.isFinite(value)) throw notFinite(batch[i], `its log-likelihood is ${value}`);
  });
  const rows: ScoreRows = { text: batch, tokens, logLikelihood, truncated: truncatedOf(model, batch) };
  if (logProbs === null) return rows;
  const scoredTokens = { ids: new Int32Array(scored), logProbs, bytes: new Int32Array(scored), firstBytes: new Int32Array(batch.length).fill(-1) };
  let start = 0;
  sequences.forEach((sequence, row) => {
    scoredTokens.ids.set(sequence.subarray(1), start);
    const places = model.scoredTokenBytes(batch[row] ?? -1);
    if (places !== null) {
      scoredTokens.firstBytes[row] = places.first;
      scoredTokens.bytes.set(places.bytes, start);
    }
    start += sequence.length - 1;
  });
  return { ...rows, scoredTokens };
}

const noTokens = (texts: number): ScoredTokens => ({
  ids: new Int32Array(),
  logProbs: new Float32Array(),
  bytes: new Int32Array(),
  firstBytes: new Int32Array(texts).fill(-1),
});

function notFinite(text: number | undefined, reason: string, cause?: unknown): LlmapError {
  const message = `Text ${text ?? "?"} has no finite log-likelihood: the model's weights may be damaged (${reason}). Fetch the file again, or leave it out.`;
  return new LlmapError("ERR_NUMERIC", message, { cause });
}
