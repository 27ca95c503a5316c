import type { Argv } from "yargs";
import { execute } from "../execute.js";
import { exitCodes } from "../exit-codes.js";
import { withFolderOptions } from "../options/folder-options.js";
import { withTaskOptions } from "../options/task-options.js";

const builder = (yargs: Argv) =>
  withFolderOptions(withTaskOptions(yargs)).example("$0 score-task out/slurm/array-1a2b3c4d5e.json --index 0 --out out", "Score the first model of a list");

export const addScoreTaskCommand = (cli: Argv): Argv =>
  cli.command("score-task <list>", "Score one model of a list of tasks: what job arrays run", builder, (args) =>
    execute(args, async (context) => {
      const { scoreTask } = await import("../../cluster/score-task.js"); // loaded when needed: help and completion are quick
      const { status } = await scoreTask({ tasks: args.list, index: args.index, out: args.out, threads: args.threads ?? null, ...context });
      return status === "complete" ? exitCodes.done : exitCodes.someFailed;
    }),
  );
