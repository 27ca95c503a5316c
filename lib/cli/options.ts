/** Options that several commands share: one definition, one help text. */
import type { Argv, InferredOptionTypes, Options } from "yargs";
import { linkageMethods } from "../map/linkage.js";
import { mapMethods, tsneMetrics } from "../map/map-method.js";
import { resamplingMethods, rowMeansChoices } from "../matrix/resampling-method.js";
import type { AddOptions } from "../run/add.js";
import { defaultConfidence, defaultSeed } from "../matrix/bootstrap-options.js";
import { demoModelList } from "../run/demo.js";
import { defaultClip, defaultCompareResamples, defaultMapResamples, defaultTextsShown, type CompareOptions, type MapOptions, type ScoreOptions } from "../run/options.js";
import { bosPolicies, defaultScoringOptions, gpuChoices, kvCacheTypes, scorerChoices } from "../scoring/settings.js";

const mebibyte = 1024 * 1024;

const folderOptions = {
  out: { group: "Output:", type: "string", default: "llmap-out", requiresArg: true, describe: "Run folder" },
  json: { group: "Output:", type: "boolean", default: false, describe: "Print events as lines of JSON on standard output" },
  threads: {
    type: "number",
    requiresArg: true,
    defaultDescription: "the cores this process may use",
    describe: "Threads for decoding and mathematics",
  },
} satisfies Record<string, Options>;

const scoreOnlyOptions = {
  models: {
    group: "Input:",
    type: "string",
    requiresArg: true,
    describe: "CSV list of models; columns beside `model` and `name` become labels",
  },
  texts: {
    group: "Input:",
    type: "string",
    default: "builtin",
    requiresArg: true,
    describe: "JSONL or JSON file, folder of .txt files, URL, or builtin",
  },
  bos: {
    group: "Scoring:",
    choices: bosPolicies,
    requiresArg: true,
    default: "auto" as const,
    describe: "Token in front of each text; auto: BOS where the model's metadata says so",
  },
  gpu: { group: "Scoring:", choices: gpuChoices, requiresArg: true, default: "auto" as const, describe: "Backend of llama.cpp" },
  "flash-attention": {
    group: "Scoring:",
    choices: ["on", "off"] as const,
    requiresArg: true,
    default: "off" as const,
    describe: "Other speed, more noise in the numbers (docs/method.md)",
  },
  "kv-cache-type": {
    group: "Scoring:",
    choices: kvCacheTypes,
    requiresArg: true,
    defaultDescription: "F16/F32; F16 with flash attention",
    describe: "Types of keys/values in the attention cache",
  },
  scorer: {
    group: "Scoring:",
    choices: scorerChoices,
    requiresArg: true,
    default: "auto" as const,
    describe: "native: fused gather; portable: node-llama-cpp's public API only, slow",
  },
  "batch-tokens": {
    group: "Scoring:",
    type: "number",
    requiresArg: true,
    defaultDescription: "by device and memory",
    describe: "Most tokens decoded at once",
  },
  sequences: {
    group: "Scoring:",
    type: "number",
    requiresArg: true,
    defaultDescription: "by batch and text length",
    describe: "Most texts decoded at once",
  },
  "logits-budget": {
    group: "Scoring:",
    type: "number",
    requiresArg: true,
    default: defaultScoringOptions.logitsBudget / mebibyte,
    describe: "Most memory for the logits of a model's batches, MiB",
  },
  contexts: {
    group: "Scoring:",
    type: "number",
    requiresArg: true,
    defaultDescription: "by device and size of the model",
    describe: "Batches of one model decoded side by side",
  },
  "gpu-layers": {
    group: "Scoring:",
    type: "number",
    requiresArg: true,
    defaultDescription: "as many as fit",
    describe: "Layers of the model on the GPU",
  },
  parallel: {
    group: "Scoring:",
    type: "number",
    requiresArg: true,
    defaultDescription: "1, or one for each GPU",
    describe: "Models scored at once, each in a process of its own",
  },
  "stall-timeout": {
    group: "Scoring:",
    type: "number",
    requiresArg: true,
    default: defaultScoringOptions.stallTimeout,
    describe: "Seconds without progress after which a model's process is ended",
  },
  "token-log-probs": {
    group: "Output:",
    type: "boolean",
    default: false,
    describe: "Keep the log-probability of every token (tokens/<model>.arrow)",
  },
} satisfies Record<string, Options>;

const mapOnlyOptions = {
  clip: {
    group: "Map:",
    type: "number",
    default: defaultClip,
    requiresArg: true,
    describe: "Quantile below which log-likelihoods are clipped; 0 clips nothing",
  },
  map: { group: "Map:", choices: ["auto", ...mapMethods] as const, requiresArg: true, default: "auto" as const, describe: "Kind of map; auto: tsne from 50 models on, else mds" },
  dimensions: { group: "Map:", choices: [2, 3] as const, requiresArg: true, default: 2 as const, describe: "Axes of the map; the page shows two" },
  seed: { group: "Map:", type: "number", requiresArg: true, default: defaultSeed, describe: "Seed of tsne, umap and the bootstrap" },
  perplexity: {
    group: "Map:",
    type: "number",
    requiresArg: true,
    defaultDescription: "30, or a third of the models",
    describe: "tsne: how many models count as near",
  },
  "tsne-metric": {
    group: "Map:",
    choices: tsneMetrics,
    requiresArg: true,
    default: "euclidean" as const,
    describe: "tsne: affinities from squared distances, or from their squares",
  },
  "tsne-iterations": { group: "Map:", type: "number", requiresArg: true, default: 1000, describe: "tsne: most iterations" },
  linkage: { group: "Map:", choices: linkageMethods, requiresArg: true, default: "average" as const, describe: "How the tree joins clusters" },
  clusters: { group: "Map:", type: "string", requiresArg: true, default: "auto", describe: "How many clusters; auto: by silhouette" },
  bootstrap: {
    group: "Map:",
    type: "number",
    default: defaultMapResamples,
    requiresArg: true,
    describe: "Resamples of the texts behind intervals and ellipses; 0: none",
  },
  trajectory: { group: "Map:", type: "string", requiresArg: true, defaultDescription: "trajectory", describe: "Label that names a path of checkpoints, drawn as a line" },
  step: { group: "Map:", type: "string", requiresArg: true, defaultDescription: "step", describe: "Label that holds a checkpoint's place on it, a number" },
  reference: { group: "Map:", type: "string", requiresArg: true, describe: "Model to measure all others from (kl_to_reference, pareto in map.arrow)" },
} satisfies Record<string, Options>;

const { out, ...withoutOut } = folderOptions;
const addOptions = {
  to: { ...out, default: undefined, demandOption: true, describe: "Run folder whose map the models join" },
  ...withoutOut,
  quick: { group: "Scoring:", type: "boolean", default: false, describe: "Score the resampled texts only (`resample`); divergences are then estimates" },
  models: scoreOnlyOptions.models,
  gpu: scoreOnlyOptions.gpu,
  scorer: scoreOnlyOptions.scorer,
  "batch-tokens": scoreOnlyOptions["batch-tokens"],
  sequences: scoreOnlyOptions.sequences,
  "logits-budget": scoreOnlyOptions["logits-budget"],
  contexts: scoreOnlyOptions.contexts,
  "gpu-layers": scoreOnlyOptions["gpu-layers"],
  parallel: scoreOnlyOptions.parallel,
  "stall-timeout": scoreOnlyOptions["stall-timeout"],
} satisfies Record<string, Options>;

const textsOnlyOptions = {
  out: { group: "Output:", type: "string", requiresArg: true, describe: "JSONL file to write; without it only the facts are told" },
  json: { group: "Output:", type: "boolean", default: false, describe: "Print one JSON object" },
  inspect: { type: "boolean", default: false, describe: "Tell what a text set is, as it is" },
  "max-bytes": { type: "number", requiresArg: true, default: 1024, describe: "Longest chunk, UTF-8 bytes" },
  "min-bytes": { type: "number", requiresArg: true, default: 256, describe: "Chunks must be longer than this" },
  count: { type: "number", requiresArg: true, defaultDescription: "all", describe: "Chunks to draw" },
  seed: { type: "number", requiresArg: true, default: 42, describe: "Seed of the draw" },
  source: { type: "string", array: true, nargs: 1, requiresArg: true, defaultDescription: "all", describe: "Only documents of this source; may be repeated" },
  "per-source": { type: "boolean", default: false, describe: "Draw as many from each source" },
} satisfies Record<string, Options>;

const resampleOnlyOptions = {
  "texts-count": { group: "Texts:", type: "number", requiresArg: true, demandOption: true, describe: "Texts to draw, with replacement" },
  method: {
    group: "Texts:",
    choices: resamplingMethods,
    requiresArg: true,
    default: "kl" as const,
    describe: "Weight of a text: kl by the fourth powers of differences, ls by their squares",
  },
  seed: { group: "Texts:", type: "number", requiresArg: true, default: 42, describe: "Seed of the draws" },
  repeats: { group: "Texts:", type: "number", requiresArg: true, default: 20, describe: "Draws from which the errors are told" },
  "row-means": {
    group: "Texts:",
    choices: rowMeansChoices,
    requiresArg: true,
    default: "weighted" as const,
    describe: "full: without bias, but not to be had for a model scored on the drawn texts only",
  },
  write: { group: "Output:", type: "string", requiresArg: true, describe: "JSONL file for the drawn texts" },
} satisfies Record<string, Options>;

const compareOnlyOptions = {
  bootstrap: { group: "Comparison:", type: "number", default: defaultCompareResamples, requiresArg: true, describe: "Resamples of the texts behind the interval" },
  confidence: { group: "Comparison:", type: "number", default: defaultConfidence, requiresArg: true, describe: "Share of the resamples that the interval holds" },
  seed: { group: "Comparison:", type: "number", default: defaultSeed, requiresArg: true, describe: "Seed of the resamples" },
  "texts-shown": { group: "Comparison:", type: "number", default: defaultTextsShown, requiresArg: true, describe: "How many of the texts that tell the two apart are listed" },
  "max-kl": { group: "Comparison:", type: "number", requiresArg: true, describe: "Exit with code 4 if the KL divergence exceeds so many bits/byte" },
} satisfies Record<string, Options>;

const namesOf = (...groups: Record<string, Options>[]): Set<string> => new Set(groups.flatMap((group) => Object.keys(group)));

/** Names of the options that each command takes from a config file; `model` is the list of models. */
export const commandOptions = {
  run: namesOf(folderOptions, scoreOnlyOptions, mapOnlyOptions).add("model"),
  score: namesOf(folderOptions, scoreOnlyOptions).add("model"),
  map: namesOf(folderOptions, mapOnlyOptions),
  add: namesOf(addOptions).add("model"),
  texts: namesOf(textsOnlyOptions).add("input"),
  resample: namesOf(folderOptions, resampleOnlyOptions),
  compare: namesOf(folderOptions, compareOnlyOptions),
  scale: namesOf(folderOptions),
  doctor: new Set(["gpu", "json", "noise", "texts", "out"]),
};
/** Options that may be given several times. */
export const repeatableOptions: ReadonlySet<string> = new Set(["model", "input", "source"]);
export const configurableOptions: ReadonlySet<string> = new Set(Object.values(commandOptions).flatMap((names) => [...names]));

type FolderArguments = InferredOptionTypes<typeof folderOptions>;
type ScoreArguments = FolderArguments & InferredOptionTypes<typeof scoreOnlyOptions> & {
  model: string[] | undefined;
  _: (string | number)[];
};
type AddArguments = InferredOptionTypes<typeof addOptions> & { model: string[] | undefined; _: (string | number)[] };
type CompareArguments = FolderArguments & InferredOptionTypes<typeof compareOnlyOptions> & { a: string; b: string };
type MapArguments = FolderArguments & InferredOptionTypes<typeof mapOnlyOptions>;

export const withFolderOptions = <T>(yargs: Argv<T>) => yargs.options(folderOptions);
export const withMapOptions = <T>(yargs: Argv<T>) => yargs.options(mapOnlyOptions);
const modelPositional = {
  type: "string",
  array: true,
  describe: "GGUF files, globs, folders, hf:user/repo:quant or URLs; BASE+ADAPTER applies a LoRA adapter",
} satisfies Options;
export const withCompareOptions = <T>(yargs: Argv<T>) =>
  yargs
    .positional("a", { type: "string", demandOption: true, describe: "Name of a model of the run" })
    .positional("b", { type: "string", demandOption: true, describe: "Name of another" })
    .options(compareOnlyOptions);
export const withScoreOptions = <T>(yargs: Argv<T>) =>
  yargs.positional("model", { ...modelPositional, defaultDescription: "the built-in demo models" }).options(scoreOnlyOptions);
export const withAddOptions = <T>(yargs: Argv<T>) => yargs.positional("model", modelPositional).options(addOptions);
export const withResampleOptions = <T>(yargs: Argv<T>) => yargs.options(resampleOnlyOptions);
export const withTextsOptions = <T>(yargs: Argv<T>) =>
  yargs
    .positional("input", { type: "string", array: true, describe: "JSONL, JSON and .txt files, folders of .txt files, URLs" })
    .options(textsOnlyOptions);

/** What the arguments ask of `score`; with no model named, the demo models. */
export function scoreOptionsOf(args: ScoreArguments): ScoreOptions {
  const models = modelsOf(args);
  const list = args.models ?? (models.length === 0 ? demoModelList : undefined);
  return {
    out: args.out,
    models,
    ...(list === undefined ? {} : { list }),
    texts: args.texts,
    scoring: {
      ...machineOptionsOf(args),
      bos: args.bos,
      flashAttention: args["flash-attention"] === "on",
      kvCacheType: args["kv-cache-type"] ?? null,
      tokenLogProbs: args["token-log-probs"],
    },
    parallel: args.parallel ?? null,
  };
}

/** What the arguments ask of `add`. */
export function addOptionsOf(args: AddArguments): AddOptions {
  return {
    to: args.to,
    models: modelsOf(args),
    ...(args.models === undefined ? {} : { list: args.models }),
    scoring: machineOptionsOf(args),
    parallel: args.parallel ?? null,
    quick: args.quick,
  };
}

/** What follows `--` is a model too, whatever it begins with. */
function modelsOf(args: { model: string[] | undefined; _: (string | number)[] }): string[] {
  return [...(args.model ?? []), ...args._.slice(1).map(String)];
}

/** The options of scoring in which the models of a map may differ. */
function machineOptionsOf(args: Omit<AddArguments, "to" | "quick">) {
  return {
    gpu: args.gpu,
    threads: args.threads ?? null,
    scorer: args.scorer,
    batchTokens: args["batch-tokens"] ?? null,
    sequences: args.sequences ?? null,
    logitsBudget: args["logits-budget"] * mebibyte,
    contexts: args.contexts ?? null,
    gpuLayers: args["gpu-layers"] ?? null,
    stallTimeout: args["stall-timeout"],
  };
}

export function mapOptionsOf(args: MapArguments): MapOptions {
  return {
    out: args.out,
    clip: args.clip,
    map: args.map,
    dimensions: args.dimensions,
    seed: args.seed,
    perplexity: args.perplexity ?? null,
    tsneMetric: args["tsne-metric"],
    tsneIterations: args["tsne-iterations"],
    linkage: args.linkage,
    clusters: args.clusters === "auto" ? "auto" : Number(args.clusters),
    bootstrap: args.bootstrap,
    ...(args.trajectory === undefined ? {} : { trajectory: args.trajectory }),
    ...(args.step === undefined ? {} : { step: args.step }),
    reference: args.reference ?? null,
    threads: args.threads ?? null,
  };
}

export function compareOptionsOf(args: CompareArguments): CompareOptions {
  return {
    out: args.out,
    models: [args.a, args.b],
    bootstrap: args.bootstrap,
    confidence: args.confidence,
    seed: args.seed,
    textsShown: args["texts-shown"],
    maxKl: args["max-kl"] ?? null,
    threads: args.threads ?? null,
  };
}
