/** A model loaded and ready to score a text set: tokenised, planned, with contexts of the plan's size. */
import { createHash } from "node:crypto";
import { InsufficientMemoryError, type LlamaModel } from "node-llama-cpp";
import { LlmapError, messageOf } from "../errors.js";
import { choosePlanParameters, planBatches } from "./batch-plan.js";
import { chosenContexts, createScorers, vocabularyOf } from "./create-scorers.js";
import type { Backend } from "./llama-backend.js";
import type { PreparedModel, ScoringJob, ScoringStep } from "./messages.js";
import type { Scorer } from "./scorer.js";
import { sharedSettings, type PlanParameters } from "./settings.js";
import { scoredTokenBytes, type ScoredTokenBytes } from "./token-bytes.js";
import { tokenCounts, tokeniseTexts, type TokenSequences } from "./tokenise.js";
import { countBrokenRoundTrips, metadataDoubts, roundTripDoubts } from "./tokenizer-doubts.js";

/** A model in memory with everything that scoring needs. */
export interface LoadedModel {
  prepared: PreparedModel;
  sequences: TokenSequences;
  /** Text positions of each batch. */
  batches: Int32Array[];
  /** Each takes one batch at a time; together they use all threads. */
  scorers: Scorer[];
  /** Whether rows carry the log-probability of every scored token. */
  tokenLogProbs: boolean;
  /** Where the scored tokens of a text lie in it; null where that is not known. */
  scoredTokenBytes: (text: number) => ScoredTokenBytes | null;
  dispose(): Promise<void>;
}

/** Told what is being done, again and again while it goes on; the plan once it is chosen. */
export type OnStep = (step: ScoringStep, plan: PlanParameters | null) => void;

/**
 * Loads the model of a job, tokenises its texts and fixes the settings.
 * Errors: ERR_BACKEND, ERR_MODEL_LOAD (unreadable), ERR_MEMORY, ERR_TEXTS where no text has a scored token.
 */
export async function prepareModel(
  job: ScoringJob,
  backend: Backend,
  threads: number,
  onStep: OnStep = () => undefined,
): Promise<LoadedModel> {
  const { options, stored } = job;
  const seconds: PreparedModel["seconds"] = { process: 0, backend: 0, load: 0, tokenise: 0, context: 0 };
  let started = performance.now();
  const lap = (step: keyof typeof seconds): void => {
    const now = performance.now();
    seconds[step] = (now - started) / 1000;
    started = now;
  };
  onStep("loading the model", null);
  const model = await loadModel(backend, job, () => onStep("loading the model", null));
  try {
    lap("load");
    const sequences = await tokeniseTexts(model, job.contents, options.bos, model.trainContextSize, () => onStep("tokenising the texts", null));
    const counts = tokenCounts(sequences);
    const vocabulary = vocabularyOf(model);
    const repeats = stored?.backend === backend.name && job.choosesPlan !== true;
    const plan = repeats ? stored : choosePlanParameters(counts, vocabulary, backend.kind, { ...options, contexts: chosenContexts(backend, options) });
    const { batchTokens, sequences: planSequences, contextSize } = plan;
    const batches = planBatches(counts, plan);
    if (batches.length === 0) {
      throw new LlmapError("ERR_TEXTS", "No text has a token to score under this model's tokenizer.");
    }
    lap("tokenise");
    onStep("making the context", { batchTokens, sequences: planSequences, contextSize });
    const adapterPaths = job.adapterPaths ?? [];
    const { scorers, warnings } = await createScorers({ model, backend, plan, options, adapterPaths, threads, batches: batches.length });
    lap("context");

    const truncatedTexts = sequences.truncated.reduce((sum, cut) => sum + cut, 0);
    if (truncatedTexts > 0) {
      warnings.push(`${truncatedTexts} of ${counts.length} texts were cut at the trained context of ${model.trainContextSize} tokens.`);
    }
    warnings.push(...metadataDoubts(model, sequences.firstToken, options.bos));
    const pieces = scorers[0].tokenPieces();
    if (pieces !== null) warnings.push(...roundTripDoubts(countBrokenRoundTrips(sequences, job.contents, pieces), counts.length));
    return {
      prepared: {
        settings: {
          ...sharedSettings(options),
          batchTokens,
          sequences: planSequences,
          contextSize,
          scorer: scorers[0].kind,
          backend: backend.name,
          device: backend.device,
          llamaCpp: backend.llamaCpp,
          gpuLayers: model.gpuLayers,
        },
        firstToken: sequences.firstToken,
        trainedContext: model.trainContextSize,
        vocabulary,
        tokens: sequences.tokens.length,
        truncatedTexts,
        batchOfText: batchOfText(batches, counts.length),
        tokenCountsHash: createHash("sha256").update(Buffer.from(counts.buffer, counts.byteOffset, counts.byteLength)).digest("hex"),
        warnings,
        seconds,
      },
      sequences,
      batches,
      scorers,
      tokenLogProbs: options.tokenLogProbs,
      scoredTokenBytes: (text) => pieces && scoredTokenBytes(sequences, text, job.contents[text] ?? "", pieces),
      async dispose() {
        for (const scorer of scorers) await scorer.dispose();
        await model.dispose();
      },
    };
  } catch (error) {
    await model.dispose();
    throw error;
  }
}

function batchOfText(batches: readonly Int32Array[], texts: number): Int32Array {
  const batchOf = new Int32Array(texts).fill(-1);
  batches.forEach((batch, number) => batch.forEach((text) => (batchOf[text] = number)));
  return batchOf;
}

async function loadModel(backend: Backend, { modelPath, options, stored }: ScoringJob, onLoadProgress: () => void): Promise<LlamaModel> {
  // Rows that are stored were made with as many layers on the GPU as fitted then.
  const gpuLayers = options.gpuLayers ?? (stored?.backend === backend.name ? stored.gpuLayers : "auto");
  try {
    return await backend.llama.loadModel({
      modelPath,
      defaultContextFlashAttention: false,
      gpuLayers,
      onLoadProgress,
      // Else NaN among the weights may end as a finite number, and a wrong one: quantizing the activations can hide it.
      checkTensors: true,
    });
  } catch (error) {
    const code = error instanceof InsufficientMemoryError ? "ERR_MEMORY" : "ERR_MODEL_LOAD";
    const next = code === "ERR_MEMORY" ? "Try fewer --gpu-layers, --gpu off, or fewer models at once." : "Fetch the file again, or leave it out.";
    throw new LlmapError(code, `llama.cpp could not load it: ${messageOf(error).replace(/\.$/, "")}. ${next}`, { cause: error });
  }
}
