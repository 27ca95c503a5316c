import type { Argv } from "yargs";
import type { WorkerEvent } from "../../queue/worker-events.js";
import { formatDuration } from "../../report/format.js";
import { execute } from "../execute.js";
import { exitCodes } from "../exit-codes.js";
import { withWorkerOptions, workerOptionsOf } from "../options/queue-options.js";

const builder = (yargs: Argv) =>
  withWorkerOptions(yargs)
    .example("$0 worker --queue redis://queue.example:6379", "Score whatever comes, until Ctrl-C")
    .example("$0 worker --queue rediss://queue.example --shared-files /models", "Over TLS, with models from a folder that callers share")
    .example("$0 worker --queue redis://localhost --idle-timeout 300", "In a batch job: end five minutes after the last model");

/** The line for an event, or null where there is nothing to say. */
function describe(event: WorkerEvent): string | null {
  switch (event.event) {
    case "worker-ready":
      return `${event.worker} waits at ${event.queue}, for ${event.parallel === 1 ? "one model" : `${event.parallel} models`} at a time.`;
    case "resolving":
      return null;
    case "part-start":
      return event.of === 1 ? `${event.model}: begun.` : `${event.model}: part ${event.part} of ${event.of} begun.`;
    case "part-done":
      return `${event.model}: ${event.of === 1 ? "" : `part ${event.part} of ${event.of}, `}${event.texts} texts in ${formatDuration(event.seconds)}.`;
    case "model-failed":
      return `${event.model}: ${event.again ? "failed, and is begun anew" : "failed for good"}: ${event.reason}`;
    case "warning":
      return event.model === null ? `Warning: ${event.message}` : `${event.model}: warning: ${event.message}`;
  }
}

export const addWorkerCommand = (cli: Argv): Argv =>
  cli.command("worker", "Score models for callers on other machines, from a queue", builder, (args) =>
    execute({ json: args.json }, async ({ signal }) => {
      const { runWorker } = await import("../../queue/worker.js"); // loaded when needed: help and completion are quick
      const onEvent = (event: WorkerEvent): void => {
        const line = args.json ? JSON.stringify(event) : describe(event);
        if (line !== null) (args.json ? console.log : console.error)(line);
      };
      await runWorker({ ...workerOptionsOf(args), signal, onEvent });
      return exitCodes.done;
    }),
  );
