/** Options of `compare`. */
import type { Argv, InferredOptionTypes, Options } from "yargs";
import { defaultCompareResamples, defaultConfidence } from "../../matrix/bootstrap-options.js";
import { defaultSeed } from "../../random.js";
import { defaultTextsShown, type CompareOptions } from "../../run/options.js";
import type { FolderArguments } from "./folder-options.js";

export const compareOnlyOptions = {
  bootstrap: { group: "Comparison:", type: "number", default: defaultCompareResamples, requiresArg: true, describe: "Resamples of the texts behind the interval" },
  confidence: { group: "Comparison:", type: "number", default: defaultConfidence, requiresArg: true, describe: "Share of the resamples that the interval holds" },
  seed: { group: "Comparison:", type: "number", default: defaultSeed, requiresArg: true, describe: "Seed of the resamples" },
  "texts-shown": { group: "Comparison:", type: "number", default: defaultTextsShown, requiresArg: true, describe: "How many of the texts that tell the two apart are listed" },
  "max-kl": { group: "Comparison:", type: "number", requiresArg: true, describe: "Exit with code 4 if the KL divergence exceeds so many bits/byte" },
} satisfies Record<string, Options>;

type CompareArguments = FolderArguments & InferredOptionTypes<typeof compareOnlyOptions> & { a: string; b: string };
export const withCompareOptions = <T>(yargs: Argv<T>) =>
  yargs
    .positional("a", { type: "string", demandOption: true, describe: "Name of a model of the run" })
    .positional("b", { type: "string", demandOption: true, describe: "Name of another" })
    .options(compareOnlyOptions);

/** What the arguments ask of `compare`. */
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
