/** Options of every command that works on a run folder. */
import type { Argv, InferredOptionTypes, Options } from "yargs";

export const folderOptions = {
  out: { group: "Output:", type: "string", default: "llmap-out", requiresArg: true, describe: "Run folder" },
  json: { group: "Output:", type: "boolean", default: false, describe: "Print events as lines of JSON on standard output" },
  threads: {
    type: "number",
    requiresArg: true,
    defaultDescription: "the cores this process may use",
    describe: "Threads for decoding and mathematics",
  },
} satisfies Record<string, Options>;

export type FolderArguments = InferredOptionTypes<typeof folderOptions>;
export const withFolderOptions = <T>(yargs: Argv<T>) => yargs.options(folderOptions);
