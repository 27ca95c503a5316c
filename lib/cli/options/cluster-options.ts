/** Options of the commands that write jobs for a cluster. Repeatable ones take one value each (nargs), so that a model may follow them. */
import type { Argv, InferredOptionTypes, Options } from "yargs";
import { LlmapError } from "../../errors.js";
import { defaultKubernetesOptions, type KubernetesOptions } from "../../cluster/kubernetes-options.js";
import type { NeedsOptions } from "../../cluster/needs.js";
import { defaultSlurmOptions, type SlurmOptions } from "../../cluster/slurm-options.js";

const needsOptions = {
  "gpu-memory": {
    group: "Resources:",
    type: "number",
    requiresArg: true,
    describe: "GiB of one GPU: a model gets as many GPUs as hold its files in 80 % of it",
  },
  "cpus-per-task": { group: "Resources:", type: "number", requiresArg: true, default: defaultSlurmOptions.cpusPerTask, describe: "CPUs of a task, and its threads" },
  mem: { group: "Resources:", type: "number", requiresArg: true, defaultDescription: "by the size of the model", describe: "Main memory of a task, GiB" },
} satisfies Record<string, Options>;

export const slurmOnlyOptions = {
  ...needsOptions,
  gres: { group: "Resources:", type: "string", requiresArg: true, describe: "GPU request: gpu or gpu:a100 (one each, or by --gpu-memory), or with a number: gpu:2" },
  time: { group: "Slurm:", type: "string", requiresArg: true, describe: "Time limit of a task, as sbatch takes it" },
  partition: { group: "Slurm:", type: "string", requiresArg: true, describe: "Partition" },
  account: { group: "Slurm:", type: "string", requiresArg: true, describe: "Account" },
  "sbatch-option": { group: "Slurm:", type: "string", array: true, nargs: 1, describe: "Any other option of sbatch, such as constraint=a100; repeatable" },
  "max-array-size": { group: "Slurm:", type: "number", requiresArg: true, default: defaultSlurmOptions.maxArraySize, describe: "MaxArraySize of the cluster" },
  "max-running": { group: "Slurm:", type: "number", requiresArg: true, describe: "Most tasks of an array at once" },
  "signal-seconds": {
    group: "Slurm:",
    type: "number",
    requiresArg: true,
    default: defaultSlurmOptions.signalSeconds,
    describe: "Seconds before the time limit at which a task ends after its batch",
  },
  setup: { group: "Slurm:", type: "string", array: true, nargs: 1, describe: "Line of shell in front of the task, such as \"module load cuda\"; repeatable" },
  program: { group: "Slurm:", type: "string", requiresArg: true, defaultDescription: "this installation", describe: "How a node calls llmap-native, as words of shell" },
  submit: { group: "Slurm:", type: "boolean", default: false, describe: "Run sbatch on the scripts" },
} satisfies Record<string, Options>;

export const kubernetesOnlyOptions = {
  ...needsOptions,
  image: { group: "Kubernetes:", type: "string", requiresArg: true, demandOption: true, describe: "Container image with llmap-native" },
  claim: {
    group: "Kubernetes:",
    type: "string",
    array: true,
    nargs: 1,
    demandOption: true,
    describe: "NAME=/path: PersistentVolumeClaim with the run folder or models, and its path, here and in the pods; repeatable",
  },
  gpus: { group: "Resources:", type: "number", requiresArg: true, describe: "GPUs of every task" },
  "gpu-resource": { group: "Kubernetes:", type: "string", requiresArg: true, default: defaultKubernetesOptions.gpuResource, describe: "Resource name of GPUs" },
  namespace: { group: "Kubernetes:", type: "string", requiresArg: true, describe: "Namespace" },
  parallelism: { group: "Kubernetes:", type: "number", requiresArg: true, default: defaultKubernetesOptions.parallelism, describe: "Most pods at once" },
  "max-tasks": { group: "Kubernetes:", type: "number", requiresArg: true, default: defaultKubernetesOptions.maxTasks, describe: "Most models of one Job" },
  retries: { group: "Kubernetes:", type: "number", requiresArg: true, default: defaultKubernetesOptions.retries, describe: "How often a task runs again whose pod failed" },
  "run-as": { group: "Kubernetes:", type: "string", requiresArg: true, default: "1000:1000", describe: "USER:GROUP ids of the container" },
  command: { group: "Kubernetes:", type: "string", array: true, nargs: 1, default: [...defaultKubernetesOptions.command], describe: "The words that call llmap-native in the image" },
} satisfies Record<string, Options>;

type SlurmArguments = InferredOptionTypes<typeof slurmOnlyOptions>;
type KubernetesArguments = InferredOptionTypes<typeof kubernetesOnlyOptions>;

export const withSlurmOptions = <T>(yargs: Argv<T>) => yargs.options(slurmOnlyOptions);
export const withKubernetesOptions = <T>(yargs: Argv<T>) => yargs.options(kubernetesOnlyOptions);

export function slurmOptionsOf(args: SlurmArguments): { slurm: Partial<SlurmOptions>; needs: NeedsOptions } {
  const { type = null, count = null } = /^(?<type>.+):(?<count>\d+)$/.exec(args.gres ?? "")?.groups ?? {};
  return {
    slurm: {
      maxArraySize: args["max-array-size"],
      maxRunning: args["max-running"] ?? null,
      gres: type ?? args.gres ?? null,
      cpusPerTask: args["cpus-per-task"],
      time: args.time ?? null,
      partition: args.partition ?? null,
      account: args.account ?? null,
      signalSeconds: args["signal-seconds"],
      sbatchOptions: args["sbatch-option"] ?? [],
      setup: args.setup ?? [],
      program: args.program ?? null,
    },
    needs: { gpus: count === null ? null : Number(count), gpuMemory: args["gpu-memory"] ?? null, memory: args.mem ?? null },
  };
}

/** Errors: ERR_USAGE. */
export function kubernetesOptionsOf(args: KubernetesArguments): { kubernetes: KubernetesOptions; needs: NeedsOptions } {
  const [, user = NaN, group = NaN] = /^(\d+):(\d+)$/.exec(args["run-as"]) ?? [];
  const claims = args.claim.map((text) => {
    const [, claim, path] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (claim === undefined || path === undefined) throw new LlmapError("ERR_USAGE", `Expected NAME=/path for --claim but received ${JSON.stringify(text)}.`);
    return { claim, path };
  });
  return {
    kubernetes: {
      image: args.image,
      claims,
      namespace: args.namespace ?? null,
      parallelism: args.parallelism,
      maxTasks: args["max-tasks"],
      retries: args.retries,
      cpusPerTask: args["cpus-per-task"],
      gpuResource: args["gpu-resource"],
      runAs: { user: Number(user), group: Number(group) },
      command: args.command,
    },
    needs: { gpus: args.gpus ?? null, gpuMemory: args["gpu-memory"] ?? null, memory: args.mem ?? null },
  };
}
