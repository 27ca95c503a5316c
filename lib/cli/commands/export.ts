import type { Argv } from "yargs";
import { execute } from "../execute.js";
import { exitCodes } from "../exit-codes.js";
import { exportOptionsOf, withExportOptions } from "../options/export-options.js";
import { withFolderOptions } from "../options/folder-options.js";
import { printResult } from "../print-result.js";

const builder = (yargs: Argv) =>
  withFolderOptions(withExportOptions(yargs))
    .example("$0 export --out out --to csv", "Scores, KL divergences, the map and the models as CSV")
    .example("$0 export --out out --what scores,texts --format npy --to numpy", "scores.npy with scores.json beside it, and texts.jsonl")
    .example("$0 export --out out --what kl,neighbours --format parquet --to parquet", "For DuckDB, pandas, polars and R");

export const addExportCommand = (cli: Argv): Argv =>
  cli.command("export", "Write scores, divergences and tables of a run as CSV, NPY, Parquet or Arrow", builder, (args) =>
    execute(args, async (context) => {
      const { exportRun } = await import("../../run/export.js"); // loaded when needed: help and completion are quick
      const result = await exportRun({ ...exportOptionsOf(args), ...context });
      printResult(args.json, "export", result, () =>
        result.files.map(({ path, rows, columns }) => `Written: ${path}${rows === null ? "" : ` (${rows}${columns === null ? "" : ` x ${columns}`})`}`),
      );
      return exitCodes.done;
    }),
  );
