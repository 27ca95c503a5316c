/** The batch script of one Slurm job array. */
import { LlmapError } from "../errors.js";
import type { Needs } from "./needs.js";
import { shellWord } from "./shell-word.js";
import type { SlurmOptions } from "./slurm-options.js";

export interface ArrayJob {
  tasks: number;
  needs: Needs;
  /** Absolute paths: of the list of tasks, the run folder, and the folder of the logs. */
  list: string;
  out: string;
  logs: string;
}

/** Errors: ERR_USAGE for a value that cannot stand in a line of a batch script. */
export function slurmScript(job: ArrayJob, options: SlurmOptions, defaultProgram: readonly string[]): string {
  const { needs, tasks } = job;
  const running = options.maxRunning === null ? "" : `%${options.maxRunning}`;
  const wanted: [string, string | null][] = [
    ["job-name", "llmap-native"],
    ["array", `0-${tasks - 1}${running}`],
    ["output", `${filePattern(job.logs)}/%A_%a.log`],
    ["open-mode", "append"],
    ["requeue", ""],
    ["ntasks", "1"],
    ["cpus-per-task", String(options.cpusPerTask)],
    ["mem", `${Math.ceil(needs.memory * 1024)}M`],
    ["gres", needs.gpus === 0 ? null : `${options.gres ?? "gpu"}:${needs.gpus}`],
    ["time", options.time],
    ["signal", `B:TERM@${options.signalSeconds}`],
    ["partition", options.partition],
    ["account", options.account],
  ];
  const lines = wanted.flatMap(([name, value]) => (value === null ? [] : [directive(name, value)]));
  for (const option of options.sbatchOptions) {
    const [name = "", ...value] = option.replace(/^--/, "").split("=");
    if (!/^[a-z][a-z-]*$/.test(name)) throw new LlmapError("ERR_USAGE", `Expected an option such as constraint=a100 or exclusive for --sbatch-option but received ${JSON.stringify(option)}.`);
    lines.push(directive(name, value.join("=")));
  }
  const program = options.program ?? defaultProgram.map(shellWord).join(" ");
  return `${[
    "#!/bin/bash",
    ...lines,
    ...options.setup,
    "# exec: the signals of Slurm reach llmap-native, which then ends after the batch in hand; a task that runs again continues.",
    `exec ${program} score-task ${shellWord(job.list)} --index "$SLURM_ARRAY_TASK_ID" --out ${shellWord(job.out)}`,
  ].join("\n")}\n`;
}

function directive(name: string, value: string): string {
  if (/[\n\r"\\]/.test(value)) throw new LlmapError("ERR_USAGE", `--${name} cannot have a line end, a double quote or a backslash in a batch script: ${JSON.stringify(value)}.`);
  if (value === "") return `#SBATCH --${name}`;
  return /^[\w@%:.,/=+-]+$/.test(value) ? `#SBATCH --${name}=${value}` : `#SBATCH --${name}="${value}"`;
}

/** Slurm reads % in the names of logs as the beginning of a pattern. */
function filePattern(path: string): string {
  return path.replaceAll("%", "%%");
}
