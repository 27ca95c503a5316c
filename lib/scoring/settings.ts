/** What decides the numbers of a scoring run: the options of the user, and the settings recorded with every row. */
import { createHash } from "node:crypto";

export const gpuChoices = ["auto", "cuda", "metal", "vulkan", "off"] as const;
/** Backend of llama.cpp; auto: the best one that is there. off: the CPU. */
export type GpuChoice = (typeof gpuChoices)[number];

/** auto: BOS where the model's metadata says so; always: BOS, or EOS where there is none; never: no token in front. */
export const bosPolicies = ["auto", "always", "never"] as const;
export type BosPolicy = (typeof bosPolicies)[number];

/** What stands in front of every text: recorded with the model's rows. */
export type FirstToken = "BOS" | "EOS" | "none";

/** native: the addon's fused gather; portable: node-llama-cpp's public API; auto: native, or portable with a warning. */
export const scorerChoices = ["auto", "native", "portable"] as const;
export type ScorerChoice = (typeof scorerChoices)[number];

/** Types of keys and values in the attention cache, "F16/F32" being F16 keys with F32 values. docs/method.md has their errors. */
export const kvCacheTypes = ["F16", "F16/F32", "F32"] as const;
export type KvCacheType = (typeof kvCacheTypes)[number];

/** What the user may choose. */
export interface ScoringOptions {
  gpu: GpuChoice;
  /** Threads for decoding and gathering; null: the physical cores that this process may use. */
  threads: number | null;
  bos: BosPolicy;
  /** Off by default: with it on, batch shape alone moves F16 values by 8e-5 relative (docs/method.md). */
  flashAttention: boolean;
  /** null: F16/F32; F16 with flash attention, whose GPU kernels want keys and values of one type. */
  kvCacheType: KvCacheType | null;
  /** Most tokens decoded in one batch; null: by device, bounded by `logitsBudget`. */
  batchTokens: number | null;
  /** Most texts decoded in one batch; null: by device. */
  sequences: number | null;
  /** Bound of the host buffer for the logits of one batch, bytes: 4 x vocabulary x tokens. */
  logitsBudget: number;
  scorer: ScorerChoice;
  /** Layers of the model on the GPU; null: as many as fit. */
  gpuLayers: number | null;
  /** Batches decoded side by side, each in a context of its own; null: by device and size of the model. */
  contexts: number | null;
  /** Keep the log-probability of every scored token (tokens/<model>.arrow). */
  tokenLogProbs: boolean;
  /** Seconds without progress after which a scorer process is taken for hung; ten times the slowest batch so far, where that is longer. */
  stallTimeout: number;
}

export const defaultScoringOptions: ScoringOptions = {
  gpu: "auto",
  threads: null,
  bos: "auto",
  flashAttention: false,
  kvCacheType: null,
  batchTokens: null,
  sequences: null,
  logitsBudget: 512 * 1024 * 1024,
  scorer: "auto",
  gpuLayers: null,
  contexts: null,
  tokenLogProbs: false,
  stallTimeout: 600,
};

/** The parameters of the batch plan: chosen once for a model and stored before its first row. */
export interface PlanParameters {
  batchTokens: number;
  sequences: number;
  /** Context size per sequence, tokens. */
  contextSize: number;
}

/** What a model that failed was scored with after all: smaller batches, or the CPU instead of the GPU. */
export const fallbacks = ["smaller batch", "cpu"] as const;
export type Fallback = (typeof fallbacks)[number];

/** Must be equal over all models of one map; a difference is an error that names it. */
export interface SharedSettings {
  bos: BosPolicy;
  flashAttention: "on" | "off";
  kvCacheType: KvCacheType;
}

/** Everything that decides the bits of a model's rows on one machine. The rows of one model are all of one hash. */
export interface ScoringSettings extends SharedSettings, PlanParameters {
  /** imported: the log-likelihoods come from elsewhere; then batches, backend and device say nothing. */
  scorer: "native" | "portable" | "imported";
  /** "cpu", "cuda", "metal" or "vulkan"; "unknown" where imported. */
  backend: string;
  /** Name of the GPUs, or "CPU". */
  device: string;
  /** Layers of the model on the GPU. */
  gpuLayers: number;
  /** Release of llama.cpp, for example "v0.5.0". */
  llamaCpp: string;
}

export function sharedSettings({ bos, flashAttention, kvCacheType }: ScoringOptions): SharedSettings {
  return {
    bos,
    flashAttention: flashAttention ? "on" : "off",
    kvCacheType: kvCacheType ?? (flashAttention ? "F16" : "F16/F32"),
  };
}

/** SHA-256 (hex) of the settings as JSON with sorted keys. */
export function settingsHash(settings: ScoringSettings): string {
  const sorted = Object.fromEntries(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash("sha256").update(JSON.stringify(sorted)).digest("hex");
}
