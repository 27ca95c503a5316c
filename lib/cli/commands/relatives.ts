import type { Argv } from "yargs";
import { execute } from "../execute.js";
import { exitCodes } from "../exit-codes.js";
import { withFolderOptions } from "../options/folder-options.js";
import { relativesOptionsOf, withRelativesOptions } from "../options/relatives-options.js";
import { printResult } from "../print-result.js";
import { relativesLines } from "../relatives-lines.js";

const builder = (yargs: Argv) =>
  withFolderOptions(withRelativesOptions(yargs))
    .example("$0 relatives base-q4_0 --out out", "What a model of the run was made from, and what is nearest to it")
    .example("$0 relatives merged --candidates chat code base", "Among these models only");

export const addRelativesCommand = (cli: Argv): Argv =>
  cli.command("relatives <of>", "Find a model's nearest models, near-duplicates, likely parent, or the parents of a merge", builder, (args) =>
    execute(args, async (context) => {
      const { relatives } = await import("../../run/relatives.js"); // loaded when needed: help and completion are quick
      const found = await relatives({ ...relativesOptionsOf(args), ...context });
      printResult(args.json, "relatives", found, () => relativesLines(found));
      return exitCodes.done;
    }),
  );
