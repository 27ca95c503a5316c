/** Options of `resample`. */
import type { Argv, Options } from "yargs";
import { resamplingMethods, rowMeansChoices } from "../../matrix/resampling-method.js";
import { defaultSeed } from "../../random.js";

export const resampleOnlyOptions = {
  "texts-count": { group: "Texts:", type: "number", requiresArg: true, demandOption: true, describe: "Texts to draw, with replacement" },
  method: {
    group: "Texts:",
    choices: resamplingMethods,
    requiresArg: true,
    default: "kl" as const,
    describe: "Weight of a text: kl by the fourth powers of differences, ls by their squares",
  },
  seed: { group: "Texts:", type: "number", requiresArg: true, default: defaultSeed, describe: "Seed of the draws" },
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

export const withResampleOptions = <T>(yargs: Argv<T>) => yargs.options(resampleOnlyOptions);
