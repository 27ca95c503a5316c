import type { Argv } from "yargs";
import { execute } from "../execute.js";
import { exitCodes } from "../exit-codes.js";
import { withFolderOptions } from "../options/folder-options.js";
import { predictOptionsOf, withPredictOptions } from "../options/predict-options.js";
import { predictionLines } from "../prediction-lines.js";
import { printResult } from "../print-result.js";

const builder = (yargs: Argv) =>
  withFolderOptions(withPredictOptions(yargs))
    .example("$0 predict --label mmlu --out out", "How well log-likelihoods predict a benchmark score, and the scores of models without one")
    .example("$0 predict --label mmlu --family base --out out", "The same with models of one base held out together");

export const addPredictCommand = (cli: Argv): Argv =>
  cli.command("predict", "Predict a score of the models from their log-likelihoods, and screen for models trained on the texts", builder, (args) =>
    execute(args, async (context) => {
      const { predict } = await import("../../run/predict.js"); // loaded when needed: help and completion are quick
      const result = await predict({ ...predictOptionsOf(args), ...context });
      printResult(args.json, "predict", result, () => predictionLines(result));
      return exitCodes.done;
    }),
  );
