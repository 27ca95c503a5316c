/** What a run is asked to do; every field has a default but the models and the texts. */
import { LlmapError } from "../errors.js";
import { linkageMethods, type LinkageMethod } from "../map/linkage.js";
import { mapMethods, tsneMetrics, type MapMethod, type TsneMetric } from "../map/map-method.js";
import { defaultConfidence, requireBootstrap, type BootstrapOptions } from "../matrix/bootstrap-options.js";
import { requireChoice, requireSeed, requireWholeNumber } from "../option-checks.js";
import { defaultSeed } from "../random.js";
import {
  bosPolicies,
  defaultScoringOptions,
  gpuChoices,
  kvCacheTypes,
  scorerChoices,
  type ScoringOptions,
} from "../scoring/settings.js";
import type { TextSet } from "../texts/text-set.js";
import type { OnEvent } from "./events.js";

/** Options of every function that works on a run folder. */
export interface RunFolderOptions {
  /** The run folder. */
  out: string;
  /** Stops after the batch in hand; everything finished is kept, and the promise rejects with ERR_ABORTED. */
  signal?: AbortSignal;
  onEvent?: OnEvent;
}

/** Options of `score`. */
export interface ScoreOptions extends RunFolderOptions {
  /** Paths, globs, folders, hf: URIs or URLs of GGUF models; BASE+ADAPTER for a model with a LoRA adapter. */
  models?: string[];
  /** A CSV list of models with a column `model`; its other columns become labels. */
  list?: string;
  /** JSONL or JSON file, folder of .txt files, URL, or "builtin"; or a set that is read already. */
  texts: string | TextSet;
  scoring?: Partial<ScoringOptions>;
  /** Models scored at once, each in a process of its own; default: one, or one for each GPU where the largest model fits into one. */
  parallel?: number | null;
}

/** Options of `map`. */
export interface MapOptions extends RunFolderOptions {
  /** Quantile at which log-likelihoods are clipped, 0 to 0.5; default 0.02. */
  clip?: number;
  /**
   * One method, or several: the first is that of map.arrow and the picture, the page offers all. Default auto: t-SNE and classical MDS from 50
   * models on (to 10,000), else classical MDS.
   */
  map?: MapMethod | "auto" | readonly MapMethod[];
  /** 2 or 3; default 2. */
  dimensions?: number;
  /** Of t-SNE, UMAP and the resamples; default 42. */
  seed?: number;
  /** Of t-SNE; default 30, or a third of the models where there are fewer than 91. */
  perplexity?: number | null;
  /** Of t-SNE; default euclidean. */
  tsneMetric?: TsneMetric;
  /** Of t-SNE; default 1,000. */
  tsneIterations?: number;
  /** Of the tree; default average. */
  linkage?: LinkageMethod;
  /** How many clusters; default auto: where the mean silhouette is highest. */
  clusters?: number | "auto";
  /** Resamples of the texts behind the intervals of the neighbours and the ellipses on the map; 0: neither. Default 200. */
  bootstrap?: number;
  /** Label columns that name the path of checkpoints a model belongs to and its place on it; default `trajectory` and `step`, where there are such labels. */
  trajectory?: string;
  step?: string;
  /** A model of the run: map.arrow says how far each one is from it, and which are the nearest for their size. */
  reference?: string | null;
  /** Threads for the matrix; default: the cores this process may use. */
  threads?: number | null;
}

/** Options of `compare`. */
export interface CompareOptions extends RunFolderOptions {
  /** Names of two models of the run. */
  models: [string, string];
  /** Resamples of the texts behind the interval; default 1000. */
  bootstrap?: number;
  /** Default 0.95. */
  confidence?: number;
  /** Default 42. */
  seed?: number;
  /** How many of the texts that tell the models apart are listed; default 10. */
  textsShown?: number;
  /** Bits per byte: the result says whether the KL divergence (the estimate, not its interval) exceeds it. */
  maxKl?: number | null;
  /** Threads for the matrix; default: the cores this process may use. */
  threads?: number | null;
}

/** Options of `relatives`. */
export interface RelativesOptions extends RunFolderOptions {
  /** Name of a model of the run. */
  model: string;
  /** Names of the models that may be relatives; default: all others. */
  candidates?: string[];
  /** How many of the nearest models are listed; default 10. */
  nearest?: number;
  /** Resamples of the texts behind the intervals; default 1000. */
  bootstrap?: number;
  /** Default 0.95. */
  confidence?: number;
  /** Of the resamples and of the halves of the texts; default 42. */
  seed?: number;
  /** Threads for the matrix; default: the cores this process may use. */
  threads?: number | null;
}

export const defaultClip = 0.02;
export const defaultMapResamples = 200;
export const defaultTextsShown = 10;
export const defaultNearestShown = 10;

/** Limits of llama.cpp and of the addon. */
const mostThreads = 1024;
const mostSequences = 256;
const mostModelsAtOnce = 256;
const mostContexts = 64;
const mostLayers = 10_000;

/** For programs without types. Errors: ERR_USAGE where no texts are named. */
export function requireTexts(texts: string | TextSet | undefined): asserts texts is string | TextSet {
  if (texts === undefined || texts === "") throw new LlmapError("ERR_USAGE", 'Name the texts to score on: texts (--texts); "builtin" has those of the package.');
}

/** Errors: ERR_USAGE. */
export function requireParallel(parallel: number | null): void {
  requireWholeNumber("parallel (--parallel)", parallel, 1, mostModelsAtOnce);
}

/** Errors: ERR_USAGE. */
export function requireThreads(threads: number | null): void {
  requireWholeNumber("threads (--threads)", threads, 1, mostThreads);
}

/** The scoring options with defaults filled in. Errors: ERR_USAGE naming the option. */
export function scoringOptions(chosen: Partial<ScoringOptions> | undefined): ScoringOptions {
  const options = { ...defaultScoringOptions, ...chosen };
  requireChoice("gpu (--gpu)", options.gpu, gpuChoices);
  requireChoice("bos (--bos)", options.bos, bosPolicies);
  requireChoice("scorer (--scorer)", options.scorer, scorerChoices);
  if (options.kvCacheType !== null) requireChoice("kvCacheType (--kv-cache-type)", options.kvCacheType, kvCacheTypes);
  requireThreads(options.threads);
  requireWholeNumber("batchTokens (--batch-tokens)", options.batchTokens, 1, 2 ** 20);
  requireWholeNumber("sequences (--sequences)", options.sequences, 1, mostSequences);
  requireWholeNumber("gpuLayers (--gpu-layers)", options.gpuLayers, 0, mostLayers);
  requireWholeNumber("contexts (--contexts)", options.contexts, 1, mostContexts);
  requireWholeNumber("logitsBudget in bytes (--logits-budget in MiB)", options.logitsBudget, 1);
  if (!(options.stallTimeout > 0 && options.stallTimeout < Infinity)) {
    throw new LlmapError("ERR_USAGE", `Expected seconds above 0 for stallTimeout (--stall-timeout) but received ${options.stallTimeout}.`);
  }
  return options;
}

export interface ChosenMapOptions {
  clip: number;
  methods: readonly MapMethod[] | "auto";
  dimensions: number;
  seed: number;
  perplexity: number | null;
  metric: TsneMetric;
  iterations: number;
  linkage: LinkageMethod;
  clusters: number | "auto";
  bootstrap: BootstrapOptions | null;
  threads: number | null;
}

/** The map's options with defaults filled in. Errors: ERR_USAGE naming the option. */
export function mapOptions(options: Omit<MapOptions, "out">): ChosenMapOptions {
  const { clip = defaultClip, map = "auto", dimensions = 2, seed = defaultSeed, perplexity = null, threads = null } = options;
  const { tsneMetric = "euclidean", tsneIterations = 1000, linkage = "average", clusters = "auto", bootstrap = defaultMapResamples } = options;
  if (!(clip >= 0 && clip <= 0.5)) {
    throw new LlmapError("ERR_USAGE", `Expected a quantile from 0 to 0.5 for clip (--clip) but received ${clip}. The paper's is 0.02.`);
  }
  const methods = typeof map === "string" ? [map] : [...new Set(map)];
  if (methods.length === 0) throw new LlmapError("ERR_USAGE", `Expected at least one of ${mapMethods.join(", ")} for map (--map).`);
  for (const method of methods) requireChoice("map (--map)", method, methods.length === 1 ? ["auto", ...mapMethods] : mapMethods);
  requireWholeNumber("dimensions (--dimensions)", dimensions, 2, 3);
  requireSeed(seed);
  if (perplexity !== null && !(perplexity >= 1 && perplexity < Infinity)) {
    throw new LlmapError("ERR_USAGE", `Expected at least 1 for perplexity (--perplexity) but received ${perplexity}. The paper's is 30.`);
  }
  requireChoice("tsneMetric (--tsne-metric)", tsneMetric, tsneMetrics);
  requireWholeNumber("tsneIterations (--tsne-iterations)", tsneIterations, 1, 1_000_000);
  requireChoice("linkage (--linkage)", linkage, linkageMethods);
  if (clusters !== "auto" && !(Number.isInteger(clusters) && clusters >= 1)) {
    throw new LlmapError("ERR_USAGE", "Expected auto or a whole number from 1 on for clusters (--clusters).");
  }
  requireThreads(threads);
  const resampling: BootstrapOptions = { resamples: bootstrap, confidence: defaultConfidence, seed };
  if (bootstrap !== 0) requireBootstrap(resampling);
  const named = methods.flatMap((method) => (method === "auto" ? [] : [method]));
  const chosen = { clip, methods: named.length === 0 ? ("auto" as const) : named, dimensions, seed, perplexity, metric: tsneMetric, iterations: tsneIterations };
  return { ...chosen, linkage, clusters, bootstrap: bootstrap === 0 ? null : resampling, threads };
}
