/** Options of `import`. */
import type { Argv, InferredOptionTypes, Options } from "yargs";
import type { ImportOptions } from "../../run/import.js";
import { bosPolicies } from "../../scoring/settings.js";
import { folderOptions } from "./folder-options.js";

const { out, json } = folderOptions;
export const importOptions = {
  texts: { group: "Import:", type: "string", requiresArg: true, defaultDescription: "those of the run folder", describe: "What the models were scored on, in the order of the files' numbers" },
  names: { group: "Import:", type: "string", requiresArg: true, defaultDescription: "the files' own", describe: "File with the names of the models, one per line" },
  bos: { group: "Import:", choices: bosPolicies, requiresArg: true, defaultDescription: "by the files' format", describe: "What stood in front of each text, where you know it" },
  force: { group: "Import:", type: "boolean", default: false, describe: "Replace models of the same names" },
  out,
  json,
} satisfies Record<string, Options>;

type ImportArguments = InferredOptionTypes<typeof importOptions> & { file?: string[] | undefined };
export const withImportOptions = <T>(yargs: Argv<T>) =>
  yargs.positional("file", { type: "string", array: true, describe: "JSONL files of one model each; matrices as .npy, .csv, .arrow, .parquet" }).options(importOptions);

/** What the arguments ask of `importScoreFiles`. */
export function importOptionsOf({ file = [], out, texts, names, bos, force }: ImportArguments): ImportOptions {
  return { files: file.map(String), out, texts: texts ?? null, names: names ?? null, bos: bos ?? null, force };
}
