import type { Argv } from "yargs";
import { execute } from "../execute.js";
import { exitCodes } from "../exit-codes.js";
import { importOptionsOf, withImportOptions } from "../options/import-options.js";
import { printResult } from "../print-result.js";
import { textTable } from "../text-table.js";

const builder = (yargs: Argv) =>
  withImportOptions(yargs)
    .example("$0 import published/*.jsonl --texts texts-10k-pile.jsonl --out out", "Log-likelihoods of the method's authors, into a new run folder")
    .example("$0 import scores.npy --names names.txt --out out", "A matrix, into a folder with GGUF models scored on the same texts")
    .example("$0 import results/*/samples_*.jsonl --out out", "Logs of lm-evaluation-harness (loglikelihood_rolling, --log_samples)");

export const addImportCommand = (cli: Argv): Argv =>
  cli.command("import <file..>", "Take in log-likelihoods that other programs computed", builder, (args) =>
    execute(args, async (context) => {
      const { importScoreFiles } = await import("../../run/import.js"); // loaded when needed: help and completion are quick
      const result = await importScoreFiles({ ...importOptionsOf(args), ...context });
      printResult(args.json, "import", result, () => [
        ...textTable(
          ["model", "texts", "nats per text", "format"],
          result.models.map(({ model, texts, meanLogLikelihood, format }) => [model, String(texts), meanLogLikelihood.toFixed(2), format]),
        ),
        `Imported into ${args.out}. \`llmap-native map --out ${args.out}\` draws the map.`,
      ]);
      return exitCodes.done;
    }),
  );
