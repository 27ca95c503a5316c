/** Options of the task that an array runs. */
import type { Argv, Options } from "yargs";

export const taskOptions = {
  index: { group: "Input:", type: "number", requiresArg: true, demandOption: true, describe: "Place of the model in the list, from 0" },
} satisfies Record<string, Options>;

export const withTaskOptions = <T>(yargs: Argv<T>) =>
  yargs.positional("list", { type: "string", demandOption: true, describe: "List of tasks that `slurm` or `kubernetes` wrote" }).options(taskOptions);
