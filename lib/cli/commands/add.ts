import type { Argv } from "yargs";
import { execute } from "../execute.js";
import { exitCodes } from "../exit-codes.js";
import { addOptionsOf, withAddOptions } from "../options/add-options.js";
import { printResult } from "../print-result.js";
import { textTable } from "../text-table.js";

const builder = (yargs: Argv) =>
  withAddOptions(yargs)
    .example("$0 add new.gguf --to out", "Score a model and put it on the map that out holds")
    .example("$0 add ./new --to out --quick", "Score the texts of `resample` only");

export const addAddCommand = (cli: Argv): Argv =>
  cli.command("add [model..]", "Put new models on an existing map, without moving the others", builder, (args) =>
    execute({ json: args.json, out: args.to }, async (context) => {
      const { add } = await import("../../run/add.js"); // loaded when needed: help and completion are quick
      const { added, failed, threshold, expectedError, report } = await add({ ...addOptionsOf(args), ...context });
      const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
      printResult(args.json, "add", { added, failed, threshold, expectedError, report }, () =>
        added.length === 0
          ? ["These models are on the map already."]
          : [
              ...textTable(
                ["model", "nearest", "bits/byte"],
                added.map(({ model, nearest, nearestKl }) => [model, nearest ?? "", nearestKl?.toPrecision(3) ?? ""]),
              ),
              ...(expectedError === null
                ? []
                : [`Divergences are estimates: median relative error ${percent(expectedError.mean)} ± ${percent(expectedError.sd)} among the models that the texts were drawn by.`]),
              `Clipped at ${threshold.toFixed(2)} nats, as the map was.`,
            ],
      );
      return failed.length === 0 ? exitCodes.done : exitCodes.someFailed;
    }),
  );
