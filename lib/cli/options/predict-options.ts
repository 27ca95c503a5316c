/** Options of `predict`. */
import type { Argv, InferredOptionTypes, Options } from "yargs";
import { defaultLeakageLimit } from "../../matrix/leakage-screen.js";
import { defaultFolds, defaultRepeats, innerFoldsChoices } from "../../matrix/ridge-options.js";
import { defaultSeed } from "../../random.js";
import type { PredictOptions } from "../../run/predict.js";
import type { FolderArguments } from "./folder-options.js";

export const predictOnlyOptions = {
  label: { group: "Prediction:", type: "string", requiresArg: true, demandOption: true, describe: "Label to predict: a column of numbers in the list of models" },
  family: {
    group: "Prediction:",
    type: "string",
    requiresArg: true,
    defaultDescription: "family, where there is such a label",
    describe: "Label whose models are held out together",
  },
  folds: { group: "Prediction:", type: "number", default: defaultFolds, requiresArg: true, describe: "Outer and inner folds" },
  repeats: { group: "Prediction:", type: "number", default: defaultRepeats, requiresArg: true, describe: "Outer cross-validations, each with folds of its own" },
  seed: { group: "Prediction:", type: "number", default: defaultSeed, requiresArg: true, describe: "Seed of the folds" },
  "inner-folds": {
    group: "Prediction:",
    choices: innerFoldsChoices,
    requiresArg: true,
    default: "shuffled" as const,
    describe: "Folds that choose the penalty; by-name: as the authors of the method did",
  },
  "leakage-limit": {
    group: "Prediction:",
    type: "number",
    default: defaultLeakageLimit,
    requiresArg: true,
    describe: "Standard deviations of likelihood above what the score lets expect that make a model suspect",
  },
} satisfies Record<string, Options>;

type PredictArguments = FolderArguments & InferredOptionTypes<typeof predictOnlyOptions>;
export const withPredictOptions = <T>(yargs: Argv<T>) => yargs.options(predictOnlyOptions);

/** What the arguments ask of `predict`. */
export function predictOptionsOf(args: PredictArguments): PredictOptions {
  return {
    out: args.out,
    label: args.label,
    family: args.family ?? null,
    folds: args.folds,
    repeats: args.repeats,
    seed: args.seed,
    innerFolds: args["inner-folds"],
    leakageLimit: args["leakage-limit"],
    threads: args.threads ?? null,
  };
}
