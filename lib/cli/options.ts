/** Options that several commands share: one definition, one help text. */
import type { Argv, InferredOptionTypes, Options } from "yargs";
import { mapMethods } from "../map/map-method.js";
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
  map: { group: "Map:", choices: ["auto", ...mapMethods] as const, requiresArg: true, default: "auto" as const, describe: "Kind of map" },
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
  compare: namesOf(folderOptions, compareOnlyOptions),
  scale: namesOf(folderOptions),
  doctor: new Set(["gpu", "json", "noise", "texts", "out"]),
};
export const configurableOptions: ReadonlySet<string> = new Set(Object.values(commandOptions).flatMap((names) => [...names]));

type FolderArguments = InferredOptionTypes<typeof folderOptions>;
type ScoreArguments = FolderArguments & InferredOptionTypes<typeof scoreOnlyOptions> & {
  model: string[] | undefined;
  _: (string | number)[];
};
type CompareArguments = FolderArguments & InferredOptionTypes<typeof compareOnlyOptions> & { a: string; b: string };
type MapArguments = FolderArguments & InferredOptionTypes<typeof mapOnlyOptions>;

export const withFolderOptions = <T>(yargs: Argv<T>) => yargs.options(folderOptions);
export const withMapOptions = <T>(yargs: Argv<T>) => yargs.options(mapOnlyOptions);
export const withCompareOptions = <T>(yargs: Argv<T>) =>
  yargs
    .positional("a", { type: "string", demandOption: true, describe: "Name of a model of the run" })
    .positional("b", { type: "string", demandOption: true, describe: "Name of another" })
    .options(compareOnlyOptions);
export const withScoreOptions = <T>(yargs: Argv<T>) =>
  yargs
    .positional("model", {
      type: "string",
      array: true,
      defaultDescription: "the built-in demo models",
      describe: "GGUF files, globs, folders, hf:user/repo:quant or URLs; BASE+ADAPTER applies a LoRA adapter",
    })
    .options(scoreOnlyOptions);

/** What the arguments ask of `score`; with no model named, the demo models. */
export function scoreOptionsOf(args: ScoreArguments): ScoreOptions {
  // What follows `--` is a model too, whatever it begins with.
  const models = [...(args.model ?? []), ...args._.slice(1).map(String)];
  const list = args.models ?? (models.length === 0 ? demoModelList : undefined);
  return {
    out: args.out,
    models,
    ...(list === undefined ? {} : { list }),
    texts: args.texts,
    scoring: {
      gpu: args.gpu,
      threads: args.threads ?? null,
      bos: args.bos,
      flashAttention: args["flash-attention"] === "on",
      kvCacheType: args["kv-cache-type"] ?? null,
      scorer: args.scorer,
      batchTokens: args["batch-tokens"] ?? null,
      sequences: args.sequences ?? null,
      logitsBudget: args["logits-budget"] * mebibyte,
      contexts: args.contexts ?? null,
      gpuLayers: args["gpu-layers"] ?? null,
      tokenLogProbs: args["token-log-probs"],
      stallTimeout: args["stall-timeout"],
    },
    parallel: args.parallel ?? null,
  };
}

export function mapOptionsOf(args: MapArguments): MapOptions {
  return {
    out: args.out,
    clip: args.clip,
    map: args.map,
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
