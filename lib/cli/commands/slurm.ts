import type { Argv } from "yargs";
import { shellWord } from "../../cluster/shell-word.js";
import { clusterLines } from "../cluster-lines.js";
import { execute } from "../execute.js";
import { exitCodes } from "../exit-codes.js";
import { slurmOptionsOf, withSlurmOptions } from "../options/cluster-options.js";
import { withFolderOptions } from "../options/folder-options.js";
import { scoreOptionsOf, withTaskScoringOptions } from "../options/scoring-options.js";
import { printResult } from "../print-result.js";

const builder = (yargs: Argv) =>
  withFolderOptions(withSlurmOptions(withTaskScoringOptions(yargs)))
    .example("$0 slurm --models models.csv --texts texts.jsonl --out out", "Write a job array for the models that out lacks")
    .example("$0 slurm --models models.csv --gres gpu:a100 --gpu-memory 80 --time 2:00:00 --submit", "With GPUs by the size of each model, submitted at once")
    .example("$0 slurm ./models --setup \"module load cuda\" --sbatch-option constraint=ib", "Shell in front of each task; any option of sbatch");

export const addSlurmCommand = (cli: Argv): Argv =>
  cli.command("slurm [model..]", "Write Slurm job arrays that score what is missing", builder, (args) =>
    execute(args, async (context) => {
      const { slurm } = await import("../../cluster/slurm.js"); // loaded when needed: help and completion are quick
      const { submit, out } = args;
      const result = await slurm({ ...scoreOptionsOf(args), ...slurmOptionsOf(args), submit, ...context });
      printResult(args.json, "slurm", result, () => clusterLines(result, result.arrays, `llmap-native map --out ${shellWord(out)}`));
      return result.unreadable.length === 0 ? exitCodes.done : exitCodes.someFailed;
    }),
  );
