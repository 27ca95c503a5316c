/** Options of `relatives`. */
import type { Argv, InferredOptionTypes, Options } from "yargs";
import { defaultCompareResamples, defaultConfidence } from "../../matrix/bootstrap-options.js";
import { defaultSeed } from "../../random.js";
import { defaultNearestShown, type RelativesOptions } from "../../run/options.js";
import type { FolderArguments } from "./folder-options.js";

export const relativesOnlyOptions = {
  candidates: { group: "Relatives:", type: "string", array: true, requiresArg: true, defaultDescription: "all other models", describe: "Names of the models that may be relatives" },
  nearest: { group: "Relatives:", type: "number", default: defaultNearestShown, requiresArg: true, describe: "How many of the nearest models are listed" },
  bootstrap: { group: "Relatives:", type: "number", default: defaultCompareResamples, requiresArg: true, describe: "Resamples of the texts behind the intervals" },
  confidence: { group: "Relatives:", type: "number", default: defaultConfidence, requiresArg: true, describe: "Share of the resamples that an interval holds" },
  seed: { group: "Relatives:", type: "number", default: defaultSeed, requiresArg: true, describe: "Seed of the resamples and of the halves of the texts" },
} satisfies Record<string, Options>;

type RelativesArguments = FolderArguments & InferredOptionTypes<typeof relativesOnlyOptions> & { of: string };
export const withRelativesOptions = <T>(yargs: Argv<T>) =>
  yargs.positional("of", { type: "string", demandOption: true, describe: "Name of a model of the run" }).options(relativesOnlyOptions);

/** What the arguments ask of `relatives`. */
export function relativesOptionsOf(args: RelativesArguments): RelativesOptions {
  const { out, of: model, candidates = [], nearest, bootstrap, confidence, seed, threads = null } = args;
  return { out, model, candidates, nearest, bootstrap, confidence, seed, threads };
}
