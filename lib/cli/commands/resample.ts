import type { Argv } from "yargs";
import type { MeanAndSd } from "../../matrix/mean-and-sd.js";
import type { ResampleErrors } from "../../run/resample.js";
import { execute } from "../execute.js";
import { exitCodes } from "../exit-codes.js";
import { withFolderOptions } from "../options/folder-options.js";
import { withResampleOptions } from "../options/resample-options.js";
import { printResult } from "../print-result.js";
import { textTable } from "../text-table.js";

const builder = (yargs: Argv) =>
  withFolderOptions(withResampleOptions(yargs))
    .example("$0 resample --out out --texts-count 1000", "Draw 1,000 texts that stand for all, for `add --quick`")
    .example("$0 resample --out out --texts-count 500 --method ls --write few.jsonl", "Write them as a text set of their own");

export const addResampleCommand = (cli: Argv): Argv =>
  cli.command("resample", "Draw fewer texts for the same map, and tell what its distances lose", builder, (args) =>
    execute(args, async ({ signal, onEvent }) => {
      const { resample } = await import("../../run/resample.js"); // loaded when needed: help and completion are quick
      const { out, method, seed, repeats, "texts-count": draws, "row-means": rowMeans, write = null, threads = null } = args;
      const result = await resample({ out, draws, method, rowMeans, seed, repeats, write, threads, signal, onEvent });
      printResult(args.json, "resample", result, () => [
        `${result.draws} draws by ${result.method} are ${result.uniqueTexts} of ${result.texts} texts.`,
        `Squared distances of ${result.models} models against those of all texts, mean ± sd of ${result.repeats} draws, ${result.rowMeans} row means:`,
        ...textTable(["", result.method, "as many at random"], errorRows(result.errors, result.uniform)),
        ...(write === null ? [] : [`Written: ${write}`]),
      ]);
      return exitCodes.done;
    }),
  );

function errorRows(errors: ResampleErrors, uniform: ResampleErrors): string[][] {
  const percent = ({ mean, sd }: MeanAndSd): string => `${(100 * mean).toFixed(2)} ± ${(100 * sd).toFixed(2)} %`;
  const bits = ({ mean, sd }: MeanAndSd): string => `${mean.toPrecision(3)} ± ${sd.toPrecision(2)}`;
  const texts = ({ mean, sd }: MeanAndSd): string => `${mean.toFixed(1)} ± ${sd.toFixed(1)}`;
  const row = (name: string, key: keyof ResampleErrors, format: (value: MeanAndSd) => string): string[] => [name, format(errors[key]), format(uniform[key])];
  return [
    row("different texts", "uniqueTexts", texts),
    row("median relative error", "medianRelative", percent),
    row("RMS relative error", "rmsRelative", percent),
    row("bias", "meanRelative", percent),
    row("RMS error, bits/byte", "rmsAbsolute", bits),
  ];
}
