/** Slurm job arrays for the models of a run that are not scored yet. */
import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { LlmapError, messageOf, throwIfAborted } from "../errors.js";
import { cannotWrite, writeFileAtomic } from "../files/atomic-write.js";
import { requireWholeNumber } from "../option-checks.js";
import { packageRoot } from "../package-root.js";
import type { FailedModel } from "../run/score.js";
import { findMissingModels, type MissingOptions } from "./missing-models.js";
import { groupByNeeds, needsOf, requireNeeds, type Needs, type NeedsOptions } from "./needs.js";
import { defaultSlurmOptions, type SlurmOptions } from "./slurm-options.js";
import { shellWord } from "./shell-word.js";
import { slurmScript } from "./slurm-script.js";
import { encodeTaskList } from "./task-list.js";

/** The models and settings of a run, and what its job arrays ask of Slurm. */
export interface SlurmJobOptions extends MissingOptions {
  needs?: Partial<NeedsOptions>;
  slurm?: Partial<SlurmOptions>;
  /** Runs sbatch on every script. */
  submit?: boolean;
}

/** A batch script that was written. */
export interface SlurmArray {
  /** Path of the batch script. */
  script: string;
  tasks: number;
  needs: Needs;
  /** Slurm's id of the job; null where it was not submitted. */
  job: string | null;
  /** The command that submits it. */
  command: string;
}

/** The job arrays that were written, and what they leave out. */
export interface SlurmJobs {
  arrays: SlurmArray[];
  /** Names of models. */
  missing: string[];
  complete: string[];
  failed: FailedModel[];
  unreadable: FailedModel[];
}

const run = promisify(execFile);

/**
 * Writes DIR/slurm/array-ID.sh with its list of tasks, one array for each need of memory and GPUs, each below the limit of indices. The lists are named for
 * their content, so that jobs in the queue keep theirs when this is run again.
 * Errors: those of `findMissingModels`; ERR_USAGE; with `submit` ERR_CLUSTER where sbatch is not there or refuses, naming the jobs that were submitted before.
 */
export async function slurm(options: SlurmJobOptions): Promise<SlurmJobs> {
  const chosen: SlurmOptions = { ...defaultSlurmOptions, ...options.slurm };
  requireWholeNumber("maxArraySize (--max-array-size)", chosen.maxArraySize, 2, 4_000_001);
  requireWholeNumber("maxRunning (--max-running)", chosen.maxRunning, 1);
  requireWholeNumber("cpusPerTask (--cpus-per-task)", chosen.cpusPerTask, 1, 1024);
  requireWholeNumber("signalSeconds (--signal-seconds)", chosen.signalSeconds, 1, 65535);
  const wanted: NeedsOptions = { gpus: null, gpuMemory: null, memory: null, ...options.needs };
  // A type of GPU without a number of them: one each, unless their memory says more.
  if (chosen.gres !== null && wanted.gpus === null && wanted.gpuMemory === null) wanted.gpus = 1;
  requireNeeds(wanted);
  const { folder, texts, scoring, missing, ...found } = await findMissingModels(options);
  const directory = join(folder.directory, "slurm");
  const logs = join(directory, "logs");
  const result: SlurmJobs = { arrays: [], missing: missing.map(({ name }) => name), ...found };
  if (missing.length === 0) return result;

  const program = [process.execPath, join(packageRoot, "dist", "cli", "main.js")];
  const groups = groupByNeeds(missing, chosen.maxArraySize, (model) => needsOf(model, wanted, scoring));
  const files = groups.map(({ needs, models }) => {
    const { json, id } = encodeTaskList(models, texts, scoring, chosen.cpusPerTask);
    const list = join(directory, `array-${id}.json`);
    const content = slurmScript({ tasks: models.length, needs, list, out: folder.directory, logs }, chosen, program);
    return { list, json, content, needs, tasks: models.length, script: join(directory, `array-${id}.sh`) };
  });
  await mkdir(logs, { recursive: true }).catch((error: unknown) => {
    throw cannotWrite(logs, error);
  });
  for (const { list, json, script, content, needs, tasks } of files) {
    await writeFileAtomic(list, json);
    await writeFileAtomic(script, content);
    result.arrays.push({ script, tasks, needs, job: null, command: `sbatch ${shellWord(script)}` });
  }
  if (options.submit === true) {
    for (const array of result.arrays) {
      throwIfAborted(options.signal);
      array.job = await submit(array.script, result.arrays);
    }
  }
  return result;
}

/** @returns the id of the job */
async function submit(script: string, arrays: readonly SlurmArray[]): Promise<string> {
  try {
    const { stdout } = await run("sbatch", ["--parsable", script]);
    return stdout.trim().split(";")[0] ?? "";
  } catch (error) {
    const jobs = arrays.flatMap(({ job }) => job ?? []);
    const before = jobs.length === 0 ? "" : ` Submitted before: ${jobs.join(", ")}.`;
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const said = (error as { stderr?: string }).stderr?.trim() ?? "";
    const reason = isMissing ? "sbatch is not on this machine" : (said === "" ? messageOf(error) : said).replace(/\.$/, "");
    const next = isMissing ? "Run it where jobs are submitted" : "Mend what Slurm objects to and run the command again, or run it";
    throw new LlmapError("ERR_CLUSTER", `Cannot submit ${script}: ${reason}.${before} The script is written. ${next}: sbatch ${shellWord(script)}`, { cause: error });
  }
}
