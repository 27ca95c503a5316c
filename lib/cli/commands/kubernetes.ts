import type { Argv } from "yargs";
import { shellWord } from "../../cluster/shell-word.js";
import { clusterLines } from "../cluster-lines.js";
import { execute } from "../execute.js";
import { exitCodes } from "../exit-codes.js";
import { kubernetesOptionsOf, withKubernetesOptions } from "../options/cluster-options.js";
import { withFolderOptions } from "../options/folder-options.js";
import { scoreOptionsOf, withTaskScoringOptions } from "../options/scoring-options.js";
import { printResult } from "../print-result.js";

const builder = (yargs: Argv) =>
  withFolderOptions(withKubernetesOptions(withTaskScoringOptions(yargs))).example(
    "$0 kubernetes /models --out /runs/out --image registry.example/llmap-native --claim models=/models --claim runs=/runs",
    "Write an Indexed Job for the models that /runs/out lacks",
  );

export const addKubernetesCommand = (cli: Argv): Argv =>
  cli.command("kubernetes [model..]", "Write Kubernetes Indexed Jobs that score what is missing", builder, (args) =>
    execute(args, async (context) => {
      const { kubernetes } = await import("../../cluster/kubernetes.js"); // loaded when needed: help and completion are quick
      const result = await kubernetes({ ...scoreOptionsOf(args), ...kubernetesOptionsOf(args), modelFailed: exitCodes.someFailed, ...context });
      printResult(args.json, "kubernetes", result, () => clusterLines(result, result.jobs, `llmap-native map --out ${shellWord(args.out)}`));
      return result.unreadable.length === 0 ? exitCodes.done : exitCodes.someFailed;
    }),
  );
