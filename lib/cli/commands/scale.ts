import type { Argv } from "yargs";
import { bandsWarning } from "../../matrix/kl-scale.js";
import { formatKl } from "../../report/format.js";
import { execute } from "../execute.js";
import { exitCodes } from "../exit-codes.js";
import { withFolderOptions } from "../options/folder-options.js";
import { printResult } from "../print-result.js";
import { textTable } from "../text-table.js";

const builder = (yargs: Argv) => withFolderOptions(yargs).example("$0 scale --out out", "How far apart quantizations, fine-tunes, sizes and families are in this run");

export const addScaleCommand = (cli: Argv): Argv =>
  cli.command("scale", "Show how large KL divergences are, by what the models are to each other", builder, (args) =>
    execute(args, async (context) => {
      const { scale } = await import("../../run/scale.js"); // loaded when needed: help and completion are quick
      const result = await scale({ out: args.out, threads: args.threads ?? null, ...context });
      printResult(args.json, "scale", result, () => [
        ...textTable(
          ["pairs of this run", "number", "median bits/byte", "least", "most"],
          result.relations.map(({ relation, pairs, median, least, most }) => [relation, String(pairs), formatKl(median), formatKl(least), formatKl(most)]),
        ),
        "",
        ...textTable(["published (arXiv 2505.15353)", "median bits/byte"], result.published.map(({ relation, median }) => [relation, String(median)])),
        bandsWarning,
      ]);
      return exitCodes.done;
    }),
  );
