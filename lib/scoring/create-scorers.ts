/** The contexts that a model is scored in: how many, of what size, native or portable. */
import type { LlamaContext, LlamaModel } from "node-llama-cpp";
import { LlmapError, messageOf } from "../errors.js";
import { contextsOnGpu } from "./batch-plan.js";
import type { Backend } from "./llama-backend.js";
import { createNativeScorer } from "./native-scorer.js";
import { createPortableScorer } from "./portable-scorer.js";
import type { Scorer } from "./scorer.js";
import { sharedSettings, type PlanParameters, type ScoringOptions } from "./settings.js";

/** What contexts are made of and for. */
export interface ContextRequest {
  model: LlamaModel;
  backend: Backend;
  plan: PlanParameters;
  options: ScoringOptions;
  /** LoRA adapters that are applied in every context. */
  adapterPaths: string[];
  /** Threads of all contexts together. */
  threads: number;
  batches: number;
}

/** Up to this size (bytes), a model is scored faster by several contexts of one thread each than by one context of several. */
const smallModel = 64 * 1024 * 1024;

/** Contexts where neither the model's size nor the batches decide: what the user asked for, or what the GPU takes; else null. */
export function chosenContexts({ name, kind }: Backend, { contexts }: ScoringOptions): number | null {
  // llama.cpp's Vulkan backend crashes when two contexts decode at the same time; node-llama-cpp holds them apart for that reason.
  if (name === "vulkan") return 1;
  return contexts ?? (kind === "gpu" ? contextsOnGpu : null);
}

/**
 * How many batches are decoded side by side. In a tiny model the threads of one context mostly wait for each other: on two cores, two
 * contexts decode 1.3 times as fast as one (docs/performance.md). The numbers do not depend on it.
 */
function countContexts({ model, backend, plan, options, threads, batches }: ContextRequest): number {
  const chosen = chosenContexts(backend, options);
  if (chosen !== null) return Math.min(chosen, batches);
  if (model.fileInsights.modelSize > smallModel) return 1;
  const affordable = Math.floor(options.logitsBudget / (4 * vocabularyOf(model) * plan.batchTokens));
  return Math.max(1, Math.min(threads, affordable, batches));
}

/**
 * One scorer for each context. The portable scorer is always one: its own work is done on all cores by node-llama-cpp.
 * Errors: ERR_MEMORY where there is no room for a single context; ERR_MODEL_LOAD where an adapter does not fit the model; ERR_BACKEND or
 * ERR_ADDON where the native scorer was asked for and cannot be used.
 */
export async function createScorers(request: ContextRequest): Promise<{ scorers: [Scorer, ...Scorer[]]; warnings: string[] }> {
  const { backend, options, threads } = request;
  const portable = async (warnings: string[]): Promise<{ scorers: [Scorer]; warnings: string[] }> => ({
    scorers: [createPortableScorer(await createContext(request, threads))],
    warnings,
  });
  if (options.scorer === "portable") return portable([]);

  const count = countContexts(request);
  // The threads of a GPU's contexts gather, and seldom at the same time.
  const threadsEach = backend.kind === "gpu" ? threads : Math.max(1, Math.floor(threads / count));
  const create = async (): Promise<Scorer> => {
    const context = await createContext(request, threadsEach);
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
  while (scorers.length < count) {
    try {
      scorers.push(await create());
    } catch {
      break; // no room for another one
    }
  }
  return { scorers, warnings: [] };
}

async function createContext({ model, plan, options, adapterPaths }: ContextRequest, threads: number): Promise<LlamaContext> {
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
      // Loaded once for the model, applied to each context.
      lora: { adapters: adapterPaths.map((filePath) => ({ filePath })) },
    });
  } catch (error) {
    if (messageOf(error).includes("LoRA adapter")) {
      throw new LlmapError("ERR_MODEL_LOAD", `llama.cpp could not apply an adapter: ${messageOf(error)}. Is it one of another base model?`, { cause: error });
    }
    // llama.cpp does not say why it failed; nearly always it is memory.
    throw new LlmapError(
      "ERR_MEMORY",
      `no context of ${plan.sequences} x ${plan.contextSize} tokens could be made: ${messageOf(error)}. ` +
        "Try fewer --sequences or --batch-tokens.",
      { cause: error },
    );
  }
}

/** Tokens of the vocabulary. */
export function vocabularyOf(model: LlamaModel): number {
  return model.fileInfo.metadata.tokenizer.ggml.tokens.length;
}
