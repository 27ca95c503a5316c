/** Models opened step by step, with a plan and contexts of the benchmark's choice instead of the scorer's own. */
import { loadBackend } from "../dist/scoring/llama-backend.js";
import { choosePlanParameters, planBatches } from "../dist/scoring/batch-plan.js";
import { createNativeScorer } from "../dist/scoring/native-scorer.js";
import { prepareModel } from "../dist/scoring/prepare-model.js";
import { defaultScoringOptions } from "../dist/scoring/settings.js";
import { tokenCounts, tokeniseTexts } from "../dist/scoring/tokenise.js";
import { gpu, machine, threads } from "./report.mjs";

/** The backend of --gpu, or another. */
export async function openBackend(choice = gpu) {
  const backend = await loadBackend(choice, threads, () => undefined);
  if (choice === gpu) machine.device = backend.device;
  return backend;
}

/** A model as a run prepares it. @param options those that differ from the defaults */
export const prepare = (backend, modelPath, contents, options = {}) =>
  prepareModel({ modelPath, contents, stored: null, options: { ...defaultScoringOptions, ...options } }, backend, threads);

export const openModel = (backend, modelPath) => backend.llama.loadModel({ modelPath, defaultContextFlashAttention: false });

export const tokenise = (model, contents) => tokeniseTexts(model, contents, defaultScoringOptions.bos, model.trainContextSize, () => undefined);

/** The plan of a run with these choices of --batch-tokens and --sequences; null: the default. */
export function planOf(backend, model, sequences, batchTokens = null, sequencesPerBatch = null) {
  const vocabulary = model.fileInfo.metadata.tokenizer.ggml.tokens.length;
  const choices = { ...defaultScoringOptions, batchTokens, sequences: sequencesPerBatch };
  return choosePlanParameters(tokenCounts(sequences), vocabulary, backend.kind, choices);
}

/** Native scorers on contexts of `threadsEach` threads, with attention cache and flash attention as by default: what scoreTexts takes. */
export async function openScorers(backend, model, sequences, plan, { contexts, threadsEach }) {
  const scorers = [];
  for (let i = 0; i < contexts; i++) {
    const context = await model.createContext({
      sequences: plan.sequences,
      contextSize: plan.contextSize,
      batchSize: plan.batchTokens,
      flashAttention: false,
      experimentalKvCacheKeyType: "F16",
      experimentalKvCacheValueType: "F32",
      threads: threadsEach,
      failedCreationRemedy: false,
    });
    scorers.push(await createNativeScorer(context, backend, threadsEach));
  }
  return {
    sequences,
    batches: planBatches(tokenCounts(sequences), plan),
    scorers,
    async dispose() {
      for (const scorer of scorers) await scorer.dispose();
    },
  };
}
