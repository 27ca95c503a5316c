/** Options that decide how models are scored. */
import type { Argv, InferredOptionTypes, Options } from "yargs";
import { demoModelList } from "../../run/demo.js";
import type { ScoreOptions } from "../../run/options.js";
import { bosPolicies, defaultScoringOptions, gpuChoices, kvCacheTypes, scorerChoices } from "../../scoring/settings.js";
import type { FolderArguments } from "./folder-options.js";

const mebibyte = 1024 * 1024;

/** Also of a task of a cluster, which scores one model. */
export const taskScoringOptions = {
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

export const scoreOnlyOptions = {
  ...taskScoringOptions,
  parallel: {
    group: "Scoring:",
    type: "number",
    requiresArg: true,
    defaultDescription: "1, or one for each GPU",
    describe: "Models scored at once, each in a process of its own",
  },
} satisfies Record<string, Options>;

/** Options of scoring in which the models of one map may differ. */
export type MachineArguments = Pick<FolderArguments, "threads"> &
  Pick<
    InferredOptionTypes<typeof scoreOnlyOptions>,
    "gpu" | "scorer" | "batch-tokens" | "sequences" | "logits-budget" | "contexts" | "gpu-layers" | "stall-timeout"
  >;
export interface ModelArguments {
  model: string[] | undefined;
  _: (string | number)[];
}
type ScoreArguments = FolderArguments & InferredOptionTypes<typeof taskScoringOptions> & { parallel?: number | undefined } & ModelArguments;

export const modelPositional = {
  type: "string",
  array: true,
  describe: "GGUF files, globs, folders, hf:user/repo:quant or URLs; BASE+ADAPTER applies a LoRA adapter",
} satisfies Options;

export const withScoreOptions = <T>(yargs: Argv<T>) =>
  yargs.positional("model", { ...modelPositional, defaultDescription: "the built-in demo models" }).options(scoreOnlyOptions);

export const withTaskScoringOptions = <T>(yargs: Argv<T>) =>
  yargs.positional("model", { ...modelPositional, defaultDescription: "the built-in demo models" }).options(taskScoringOptions);

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

/** What follows `--` is a model too, whatever it begins with. */
export function modelsOf(args: ModelArguments): string[] {
  return [...(args.model ?? []), ...args._.slice(1).map(String)];
}

/** What they ask of `score` and `add`. */
export function machineOptionsOf(args: MachineArguments) {
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
