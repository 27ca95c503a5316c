/** Options of `run` and `score` with workers on other machines, and of `worker`. */
import type { Argv, InferredOptionTypes, Options } from "yargs";
import type { QueueOptions } from "../../queue/queue-options.js";
import type { WorkerOptions } from "../../queue/worker.js";
import { LlmapError } from "../../errors.js";
import { folderOptions } from "./folder-options.js";
import { scoreOnlyOptions } from "./scoring-options.js";

const group = "Queue:";
const address = {
  group,
  type: "string",
  requiresArg: true,
  describe: "Score by workers on a queue: redis://host:port, or rediss:// for TLS; the password from LLMAP_REDIS_PASSWORD",
} satisfies Options;
const prefix = { group, type: "string", requiresArg: true, defaultDescription: "llmap", describe: "Prefix of all keys in Redis" } satisfies Options;
const sharedFiles = {
  group,
  type: "string",
  requiresArg: true,
  describe: "Folder that callers and workers share (at any path): models may lie there",
} satisfies Options;
const allowHttp = { group, type: "boolean", default: false, describe: "Let models come by http: from other machines too" } satisfies Options;

/** Of `run` and `score`. */
export const queueCallerOptions = {
  queue: address,
  attach: { group, type: "boolean", default: false, describe: "Collect what this folder has on the queue; models and texts are known" },
  "queue-cancel": { group, type: "boolean", default: false, describe: "Take what this folder has on the queue off it" },
  "queue-prefix": prefix,
  "shared-files": sharedFiles,
  parts: { group, type: "number", requiresArg: true, defaultDescription: "by size", describe: "Parts of each model, scored side by side" },
  "max-stalled": { group, type: "number", requiresArg: true, defaultDescription: "10", describe: "Workers that may die with a model in hand before it has failed" },
  "allow-http": allowHttp,
} satisfies Record<string, Options>;

export type QueueArguments = InferredOptionTypes<typeof queueCallerOptions>;
export const withQueueOptions = <T>(yargs: Argv<T>) => yargs.options(queueCallerOptions);

/** Null without --queue. Errors: ERR_USAGE for options that mean nothing without it. */
export function queueOptionsOf(args: QueueArguments): QueueOptions | null {
  if (args.queue === undefined) {
    const given = {
      attach: args.attach,
      "queue-cancel": args["queue-cancel"],
      "queue-prefix": args["queue-prefix"] !== undefined,
      "shared-files": args["shared-files"] !== undefined,
      parts: args.parts !== undefined,
      "max-stalled": args["max-stalled"] !== undefined,
      "allow-http": args["allow-http"],
    };
    const [alone] = Object.entries(given).find(([, isGiven]) => isGiven) ?? [];
    if (alone !== undefined) throw new LlmapError("ERR_USAGE", `--${alone} needs the address of the queue: --queue redis://host:port.`);
    return null;
  }
  return {
    queue: args.queue,
    sharedFiles: args["shared-files"] ?? null,
    parts: args.parts ?? null,
    allowHttp: args["allow-http"],
    attach: args.attach,
    ...(args["queue-prefix"] === undefined ? {} : { prefix: args["queue-prefix"] }),
    ...(args["max-stalled"] === undefined ? {} : { maxStalled: args["max-stalled"] }),
  };
}

/** Of `worker`. */
export const workerOptions = {
  queue: { ...address, demandOption: true, describe: "redis://host:port, or rediss:// for TLS; the password from LLMAP_REDIS_PASSWORD" },
  "queue-prefix": prefix,
  "shared-files": sharedFiles,
  "allow-http": allowHttp,
  name: { group, type: "string", requiresArg: true, defaultDescription: "host and process", describe: "How callers name this worker" },
  "until-empty": { group, type: "boolean", default: false, describe: "End when the queue is empty" },
  "idle-timeout": { group, type: "number", requiresArg: true, describe: "End after so many seconds without work" },
  gpu: scoreOnlyOptions.gpu,
  parallel: scoreOnlyOptions.parallel,
  threads: folderOptions.threads,
  json: folderOptions.json,
} satisfies Record<string, Options>;

type WorkerArguments = InferredOptionTypes<typeof workerOptions>;
export const withWorkerOptions = <T>(yargs: Argv<T>) => yargs.options(workerOptions);

export function workerOptionsOf(args: WorkerArguments): Omit<WorkerOptions, "signal" | "onEvent"> {
  return {
    queue: args.queue,
    sharedFiles: args["shared-files"] ?? null,
    allowHttp: args["allow-http"],
    name: args.name ?? null,
    untilEmpty: args["until-empty"],
    idleTimeout: args["idle-timeout"] ?? null,
    gpu: args.gpu,
    parallel: args.parallel ?? null,
    threads: args.threads ?? null,
    ...(args["queue-prefix"] === undefined ? {} : { prefix: args["queue-prefix"] }),
  };
}
