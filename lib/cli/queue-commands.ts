/** What `run` and `score` do about a queue beside scoring. */
import type { QueueOptions } from "../queue/queue-options.js";
import { finishing } from "./execute.js";
import { exitCodes } from "./exit-codes.js";

/** `--queue-cancel`. @returns the exit code */
export async function cancelQueue(options: QueueOptions & { out: string; signal: AbortSignal }): Promise<number> {
  const { cancelQueuedRun } = await import("../queue/cancel-queue.js");
  const left = await cancelQueuedRun(options);
  console.error(`The run is off the queue; ${left} ${left === 1 ? "model was" : "models were"} still on it. What was collected stays in ${options.out}.`);
  return exitCodes.done;
}

/** What the first Ctrl-C says: workers do not stop when their caller does. */
export function onStop({ queue }: { queue: string | undefined }): string {
  return queue === undefined ? finishing : "Leaving. The workers go on; the same command, or one with --attach, collects what they send.";
}
