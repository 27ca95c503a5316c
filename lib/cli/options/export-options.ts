/** Options of `export`. */
import type { Argv, InferredOptionTypes, Options } from "yargs";
import { defaultExport, exportables, exportFormats, type Exportable } from "../../run/export-choices.js";
import type { ExportOptions } from "../../run/export.js";
import type { FolderArguments } from "./folder-options.js";

export const exportOnlyOptions = {
  what: {
    group: "Export:",
    type: "string",
    array: true,
    nargs: 1,
    requiresArg: true,
    defaultDescription: defaultExport.join(","),
    describe: `One or more of ${exportables.join(",")}; may be repeated`,
  },
  format: {
    group: "Export:",
    choices: exportFormats,
    requiresArg: true,
    default: "csv" as const,
    describe: "npy: matrices, with names beside them; tables are then CSV",
  },
  to: { group: "Export:", type: "string", requiresArg: true, demandOption: true, describe: "Folder for the files" },
  force: { group: "Export:", type: "boolean", default: false, describe: "Overwrite files that are there" },
} satisfies Record<string, Options>;

type ExportArguments = FolderArguments & InferredOptionTypes<typeof exportOnlyOptions>;
export const withExportOptions = <T>(yargs: Argv<T>) => yargs.options(exportOnlyOptions);

/** What the arguments ask of `exportRun`, which checks the names. */
export function exportOptionsOf(args: ExportArguments): ExportOptions {
  const { out, format, to, force, threads = null } = args;
  const what = args.what?.flatMap((names) => names.split(",")).map((name) => name.trim() as Exportable);
  return { out, format, to, force, threads, ...(what === undefined ? {} : { what }) };
}
