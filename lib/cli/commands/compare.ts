import type { Argv } from "yargs";
import { comparisonLines } from "../comparison-lines.js";
import { execute } from "../execute.js";
import { exitCodes } from "../exit-codes.js";
import { compareOptionsOf, withCompareOptions } from "../options/compare-options.js";
import { withFolderOptions } from "../options/folder-options.js";
import { printResult } from "../print-result.js";

const builder = (yargs: Argv) =>
  withFolderOptions(withCompareOptions(yargs))
    .example("$0 compare base-f16 base-q4_0", "How far apart two models of the run are, and on which texts")
    .example("$0 compare old new --max-kl 0.01", "A gate for CI: exit code 4 if they are farther apart than 0.01 bits/byte");

export const addCompareCommand = (cli: Argv): Argv =>
  cli.command("compare <a> <b>", "Compare two models of the run folder text by text", builder, (args) =>
    execute(args, async (context) => {
      const { compare } = await import("../../run/compare.js"); // loaded when needed: help and completion are quick
      const comparison = await compare({ ...compareOptionsOf(args), ...context });
      printResult(args.json, "compare", comparison, () => comparisonLines(comparison));
      return comparison.gate?.exceeded === true ? exitCodes.gateExceeded : exitCodes.done;
    }),
  );
