/** A model loaded and ready to score a text set: tokenised, planned, with a context of the plan's size. */
import { availableParallelism } from "node:os";
import type { LlamaModel } from "node-llama-cpp";
import { LlmapError, messageOf } from "../errors.js";
import { loadAddon } from "../native/load-addon.js";
import { choosePlanParameters, planBatches } from "./batch-plan.js";
import { loadBackend, type Backend } from "./llama-backend.js";
import type { PreparedModel, ScoringJob } from "./messages.js";
import { createNativeScorer } from "./native-scorer.js";
import { createPortableScorer } from "./portable-scorer.js";
import type { Scorer } from "./scorer.js";
import { sharedSettings, type PlanParameters, type ScorerChoice, type ScoringOptions } from "./settings.js";
import { tokenCounts, tokeniseTexts, type TokenSequences } from "./tokenise.js";

/** A model in memory with everything that scoring needs. */
export interface LoadedModel {
  prepared: PreparedModel;
  sequences: TokenSequences;
  /** Text positions of each batch. */
  batches: Int32Array[];
  scorer: Scorer;
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
    const vocabulary = model.fileInfo.metadata.tokenizer.ggml.tokens.length;
    const plan = job.plan ?? choosePlanParameters(counts, vocabulary, backend.kind, options);
    const batches = planBatches(counts, plan);
    if (batches.length === 0) {
      throw new LlmapError("ERR_TEXTS", "No text has a token to score under this model's tokenizer.");
    }
    const { scorer, warnings } = await createScorer(model, backend, plan, options, threads);
    const truncatedTexts = sequences.truncated.reduce((sum, cut) => sum + cut, 0);
    if (truncatedTexts > 0) {
      warnings.push(`${truncatedTexts} of ${counts.length} texts were cut at the trained context of ${model.trainContextSize} tokens.`);
    }
    return {
      prepared: {
        settings: {
          ...sharedSettings(options),
          ...plan,
          scorer: scorer.kind,
          backend: backend.name,
          device: backend.device,
          llamaCpp: backend.llamaCpp,
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
      scorer,
      async dispose() {
        await scorer.dispose();
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

async function createScorer(
  model: LlamaModel,
  backend: Backend,
  plan: PlanParameters,
  options: ScoringOptions,
  threads: number,
): Promise<{ scorer: Scorer; warnings: string[] }> {
  const { kvCacheType } = sharedSettings(options);
  const keyType = kvCacheType === "F32" ? "F32" : "F16";
  const valueType = kvCacheType === "F16" ? "F16" : "F32";
  const createContext = async () => {
    try {
      return await model.createContext({
        sequences: plan.sequences,
        contextSize: plan.contextSize,
        batchSize: plan.batchTokens,
        flashAttention: options.flashAttention,
        experimentalKvCacheKeyType: keyType,
        experimentalKvCacheValueType: valueType,
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
  };
  const choice: ScorerChoice = options.scorer;
  const context = await createContext();
  if (choice === "portable") return { scorer: createPortableScorer(context), warnings: [] };
  try {
    return { scorer: await createNativeScorer(context, backend, threads), warnings: [] };
  } catch (error) {
    if (choice === "native") {
      await context.dispose();
      throw error;
    }
    return {
      scorer: createPortableScorer(context),
      warnings: [`Scored with the portable scorer, many times slower than the native one: ${messageOf(error)}`],
    };
  }
}
