/** A model loaded and ready to score a text set: tokenised, planned, with a context of the plan's size. */
import { availableParallelism } from "node:os";
import type { LlamaContext, LlamaModel } from "node-llama-cpp";
import { LlmapError, messageOf } from "../errors.js";
import { loadAddon } from "../native/load-addon.js";
import { choosePlanParameters, planBatches } from "./batch-plan.js";
import { loadBackend, type Backend } from "./llama-backend.js";
import type { PreparedModel, ScoringJob } from "./messages.js";
import { createNativeScorer } from "./native-scorer.js";
import { createPortableScorer } from "./portable-scorer.js";
import type { Scorer } from "./scorer.js";
import { sharedSettings, type PlanParameters, type ScoringOptions } from "./settings.js";
import { tokenCounts, tokeniseTexts, type TokenSequences } from "./tokenise.js";

/** A model in memory with everything that scoring needs. */
export interface LoadedModel {
  prepared: PreparedModel;
  sequences: TokenSequences;
  /** Text positions of each batch. */
  batches: Int32Array[];
  /** Each takes one batch at a time; together they use all threads. */
  scorers: Scorer[];
  dispose(): Promise<void>;
}

/** Cores that this process may use. */
export function defaultThreads(): number {
  try {
    return loadAddon().info().cores;
  } catch {
    return availableParallelism();
  }
}

/**
 * Loads the model of a job, tokenises its texts and fixes the settings.
 * Errors: ERR_BACKEND, ERR_MODEL_LOAD (unreadable, no room), ERR_TEXTS where no text has a scored token.
 */
export async function prepareModel(job: ScoringJob, onLog: (level: string, message: string) => void): Promise<LoadedModel> {
  const started = performance.now();
  const { options } = job;
  const threads = options.threads ?? defaultThreads();
  const backend = await loadBackend(options.gpu, threads, onLog);
  const model = await loadModel(backend, job.modelPath);
  try {
    const sequences = tokeniseTexts(model, job.contents, options.bos, model.trainContextSize);
    const counts = tokenCounts(sequences);
    const vocabulary = vocabularyOf(model);
    const plan = job.plan ?? choosePlanParameters(counts, vocabulary, backend.kind, options);
    const batches = planBatches(counts, plan);
    if (batches.length === 0) {
      throw new LlmapError("ERR_TEXTS", "No text has a token to score under this model's tokenizer.");
    }
    const workers = Math.min(batches.length, countScorers(model, backend, plan, options, threads));
    const { scorers, warnings } = await createScorers(model, backend, plan, options, { threads, workers });
    const truncatedTexts = sequences.truncated.reduce((sum, cut) => sum + cut, 0);
    if (truncatedTexts > 0) {
      warnings.push(`${truncatedTexts} of ${counts.length} texts were cut at the trained context of ${model.trainContextSize} tokens.`);
    }
    return {
      prepared: {
        settings: {
          ...sharedSettings(options),
          ...plan,
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
        warnings,
        seconds: (performance.now() - started) / 1000,
      },
      sequences,
      batches,
      scorers,
      async dispose() {
        for (const scorer of scorers) await scorer.dispose();
        await model.dispose();
        await backend.llama.dispose();
      },
    };
  } catch (error) {
    await model.dispose();
    await backend.llama.dispose();
    throw error;
  }
}

async function loadModel(backend: Backend, modelPath: string): Promise<LlamaModel> {
  try {
    return await backend.llama.loadModel({ modelPath, defaultContextFlashAttention: false });
  } catch (error) {
    throw new LlmapError("ERR_MODEL_LOAD", `llama.cpp could not load it: ${messageOf(error)}`, { cause: error });
  }
}

/** Up to this size (bytes), a model is scored faster by several contexts of one thread each than by one context of several. */
const smallModel = 64 * 1024 * 1024;

/**
 * How many batches are decoded side by side. In a tiny model the threads of one context mostly wait for each other: on two cores, two
 * contexts decode 1.3 times as fast as one (docs/performance.md). The numbers do not depend on it.
 */
function countScorers(
  model: LlamaModel,
  backend: Backend,
  plan: PlanParameters,
  { logitsBudget }: ScoringOptions,
  threads: number,
): number {
  if (backend.kind === "gpu" || model.fileInsights.modelSize > smallModel) return 1;
  const affordable = Math.floor(logitsBudget / (4 * vocabularyOf(model) * plan.batchTokens));
  return Math.max(1, Math.min(threads, affordable));
}

/** The portable scorer is always one: its own work is done on all cores by node-llama-cpp. */
async function createScorers(
  model: LlamaModel,
  backend: Backend,
  plan: PlanParameters,
  options: ScoringOptions,
  { threads, workers }: { threads: number; workers: number },
): Promise<{ scorers: [Scorer, ...Scorer[]]; warnings: string[] }> {
  const portable = async (warnings: string[]): Promise<{ scorers: [Scorer]; warnings: string[] }> => ({
    scorers: [createPortableScorer(await createContext(model, plan, options, threads))],
    warnings,
  });
  if (options.scorer === "portable") return portable([]);

  const threadsEach = Math.floor(threads / workers);
  const create = async (): Promise<Scorer> => {
    const context = await createContext(model, plan, options, threadsEach);
    try {
      return await createNativeScorer(context, backend, threadsEach);
    } catch (error) {
      await context.dispose();
      throw error;
    }
  };
  let first: Scorer;
  try {
    first = await create();
  } catch (error) {
    const isOurs = error instanceof LlmapError && (error.code === "ERR_BACKEND" || error.code === "ERR_ADDON");
    if (options.scorer === "native" || !isOurs) throw error;
    return portable([`Scored with the portable scorer, many times slower than the native one: ${messageOf(error)}`]);
  }
  const scorers: [Scorer, ...Scorer[]] = [first];
  while (scorers.length < workers) {
    try {
      scorers.push(await create());
    } catch {
      break; // no room for another one
    }
  }
  return { scorers, warnings: [] };
}

async function createContext(
  model: LlamaModel,
  plan: PlanParameters,
  options: ScoringOptions,
  threads: number,
): Promise<LlamaContext> {
  const { kvCacheType } = sharedSettings(options);
  try {
    return await model.createContext({
      sequences: plan.sequences,
      contextSize: plan.contextSize,
      batchSize: plan.batchTokens,
      flashAttention: options.flashAttention,
      experimentalKvCacheKeyType: kvCacheType === "F32" ? "F32" : "F16",
      experimentalKvCacheValueType: kvCacheType === "F16" ? "F16" : "F32",
      threads,
      failedCreationRemedy: false,
    });
  } catch (error) {
    throw new LlmapError(
      "ERR_MODEL_LOAD",
      `no context of ${plan.sequences} x ${plan.contextSize} tokens could be made: ${messageOf(error)} ` +
        "Try fewer --sequences or --batch-tokens.",
      { cause: error },
    );
  }
}

function vocabularyOf(model: LlamaModel): number {
  return model.fileInfo.metadata.tokenizer.ggml.tokens.length;
}
