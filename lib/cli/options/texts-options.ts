/** Options of `texts`. */
import type { Argv, Options } from "yargs";
import { defaultSeed } from "../../random.js";

export const textsOnlyOptions = {
  inspect: { group: "Texts:", type: "boolean", default: false, describe: "Tell what a text set is, as it is" },
  "max-bytes": { group: "Texts:", type: "number", requiresArg: true, default: 1024, describe: "Longest chunk, UTF-8 bytes" },
  "min-bytes": { group: "Texts:", type: "number", requiresArg: true, default: 256, describe: "Chunks must be longer than this" },
  count: { group: "Texts:", type: "number", requiresArg: true, defaultDescription: "all", describe: "Chunks to draw" },
  seed: { group: "Texts:", type: "number", requiresArg: true, default: defaultSeed, describe: "Seed of the draw" },
  source: { group: "Texts:", type: "string", array: true, nargs: 1, requiresArg: true, defaultDescription: "all", describe: "Only documents of this source; may be repeated" },
  "per-source": { group: "Texts:", type: "boolean", default: false, describe: "Draw as many from each source" },
  out: { group: "Output:", type: "string", requiresArg: true, describe: "JSONL file to write; without it only the facts are told" },
  json: { group: "Output:", type: "boolean", default: false, describe: "Print one JSON object" },
} satisfies Record<string, Options>;

export const withTextsOptions = <T>(yargs: Argv<T>) =>
  yargs
    .positional("input", { type: "string", array: true, describe: "JSONL, JSON and .txt files, folders of .txt files, URLs" })
    .options(textsOnlyOptions);
