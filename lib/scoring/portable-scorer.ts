/** The portable scorer: node-llama-cpp's public API only. Slow; the oracle of tests and the fallback of the native one. */
import type { ControlledEvaluateInputItem, LlamaContext, LlamaContextSequence, Token } from "node-llama-cpp";
import { Float64, Int32, makeVector, Table } from "apache-arrow";
import { LlmapError } from "../errors.js";
import { SequenceError, type BatchScores, type Scorer } from "./scorer.js";

/** @param context given over to the scorer, which disposes of it */
export function createPortableScorer(context: LlamaContext): Scorer {
  const free: LlamaContextSequence[] = Array.from({ length: context.totalSequences }, () => context.getSequence());

  return {
    kind: "portable",
    async scoreBatch(sequences, logProbs): Promise<BatchScores> {
      if (sequences.length > free.length) {
        throw new LlmapError("ERR_ARGUMENT", `Expected at most ${free.length} sequences but received ${sequences.length}.`);
      }
      const perToken = await Promise.all(
        sequences.map((tokens, i) => scoreSequence(free[i] as LlamaContextSequence, tokens, i)),
      );
      logProbs?.set(perToken.flat());
      const scores = perToken.map((values) => values.reduce((sum, value) => sum + value, 0));
      return new Table<{ tokens: Int32; log_likelihood: Float64 }>({
        tokens: makeVector(Int32Array.from(sequences, (tokens) => tokens.length)),
        log_likelihood: makeVector(Float64Array.from(scores)),
      });
    },
    // node-llama-cpp detokenises whole texts only, and drops spaces on the way.
    tokenPieces: () => null,
    dispose: () => context.dispose(),
  };
}

/** Log-probabilities of the tokens but the first, nats. */
async function scoreSequence(sequence: LlamaContextSequence, tokens: Int32Array, number: number): Promise<number[]> {
  if (tokens.length < 2) return [];
  await sequence.clearHistory();
  const targets = Array.from(tokens.subarray(1)) as Token[];
  const input: ControlledEvaluateInputItem[] = targets.map((target, i) => [
    tokens[i] as Token,
    { generateNext: { logits: { filter: { tokens: [target], includeTop: 1 } }, totalLogitWeight: true } },
  ]);
  const outputs = await sequence.controlledEvaluate(input);

  return targets.map((target, i) => {
    const next = outputs[i]?.next;
    const logit = next?.logits?.get(target);
    const weight = next?.totalLogitWeight;
    if (next?.logits === undefined || logit === undefined || weight === undefined) {
      throw new LlmapError("ERR_SCORING", `node-llama-cpp returned no logits for sequence ${number} after token ${i}.`);
    }
    const logProb = logit - Math.max(...next.logits.values()) - Math.log(weight);
    if (Number.isNaN(logProb)) throw new SequenceError(number, `Expected finite logits for sequence ${number} after token ${i} but found NaN`);
    return logProb;
  });
}
