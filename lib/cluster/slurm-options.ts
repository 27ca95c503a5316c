/** What is asked of Slurm for every task, and its defaults. */
export interface SlurmOptions {
  /** Slurm's limit (`scontrol show config`): indices stay below it. */
  maxArraySize: number;
  /** Most tasks of an array that run at once; null: as many as Slurm lets. */
  maxRunning: number | null;
  /** GPU request, "gpu" or "gpu:a100", to which the number is added; null: "gpu". */
  gres: string | null;
  cpusPerTask: number;
  /** As Slurm writes them; null: its defaults. */
  time: string | null;
  partition: string | null;
  account: string | null;
  /** Seconds before the time limit at which the task is told to stop after its batch. */
  signalSeconds: number;
  /** Further options of sbatch, "constraint=a100" or "exclusive". */
  sbatchOptions: readonly string[];
  /** Lines of shell in front of the task, such as "module load cuda". */
  setup: readonly string[];
  /** Words of shell that call llmap-native on a node; null: this Node.js and this installation, at the same paths. */
  program: string | null;
}

export const defaultSlurmOptions: SlurmOptions = {
  maxArraySize: 1001,
  maxRunning: null,
  gres: null,
  cpusPerTask: 4,
  time: null,
  partition: null,
  account: null,
  signalSeconds: 60,
  sbatchOptions: [],
  setup: [],
  program: null,
};
