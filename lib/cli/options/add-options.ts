/** Options of `add`. */
import type { Argv, InferredOptionTypes, Options } from "yargs";
import type { AddOptions } from "../../run/add.js";
import { folderOptions } from "./folder-options.js";
import { machineOptionsOf, modelPositional, modelsOf, scoreOnlyOptions, type ModelArguments } from "./scoring-options.js";

const { out, ...withoutOut } = folderOptions;
export const addOptions = {
  models: scoreOnlyOptions.models,
  quick: { group: "Scoring:", type: "boolean", default: false, describe: "Score the resampled texts only (`resample`); divergences are then estimates" },
  gpu: scoreOnlyOptions.gpu,
  scorer: scoreOnlyOptions.scorer,
  "batch-tokens": scoreOnlyOptions["batch-tokens"],
  sequences: scoreOnlyOptions.sequences,
  "logits-budget": scoreOnlyOptions["logits-budget"],
  contexts: scoreOnlyOptions.contexts,
  "gpu-layers": scoreOnlyOptions["gpu-layers"],
  parallel: scoreOnlyOptions.parallel,
  "stall-timeout": scoreOnlyOptions["stall-timeout"],
  to: { ...out, default: undefined, demandOption: true, describe: "Run folder whose map the models join" },
  ...withoutOut,
} satisfies Record<string, Options>;

type AddArguments = InferredOptionTypes<typeof addOptions> & ModelArguments;
export const withAddOptions = <T>(yargs: Argv<T>) => yargs.positional("model", modelPositional).options(addOptions);

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
