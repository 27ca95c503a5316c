/** Takes the run of a folder off its queue. */
import { LlmapError } from "../errors.js";
import { RunFolder } from "../store/run-folder.js";
import { ticketQueue } from "./keys.js";
import { queueOptions, type QueueOptions } from "./queue-options.js";
import { readQueueRecord, removeQueueRecord } from "./queue-record.js";
import { QueueStore } from "./queue-store.js";
import { connectRedis } from "./redis-client.js";
import { removeModel, removePartQueues } from "./remove-model.js";

/**
 * Removes everything of the run from Redis; workers that have one of its models in hand stop after their batch. What has been collected stays in the folder.
 * @returns how many models were still on the queue Errors: ERR_USAGE where the folder has no run on a queue; ERR_QUEUE
 */
export async function cancelQueuedRun(options: { out: string; signal?: AbortSignal } & QueueOptions): Promise<number> {
  const { queue, prefix } = queueOptions(options);
  const folder = new RunFolder(options.out);
  const record = await readQueueRecord(folder.queueRecord);
  if (record === null) throw new LlmapError("ERR_USAGE", `${folder.directory} has no run on a queue, so there is nothing to take off (--queue-cancel).`);
  const link = await connectRedis(queue, { onConnection: () => undefined }, options.signal);
  try {
    const { run } = record;
    const store = new QueueStore(link.redis, prefix);
    const settings = await store.run(run);
    if (settings === null) throw new LlmapError("ERR_QUEUE", `The Redis at ${link.shown} does not know the run of ${folder.directory} (prefix ${prefix}). It was queued at ${record.queue} with the prefix ${record.prefix}.`);
    const tickets = new link.bullmq.Queue(ticketQueue, { connection: link.redis, prefix });
    tickets.on("error", () => undefined);
    let left = 0;
    const removeParts = (model: number, generations: number): Promise<void> => removePartQueues(link, prefix, run, model, generations);
    for (const model of record.models.keys()) {
      if ((await store.redis.exists(store.keys.state(run, model))) === 0) continue;
      left++;
      await removeModel({ run, store, tickets, removeParts, signal: options.signal }, model);
    }
    await tickets.close();
    await store.removeRun(run, settings.texts.hash);
    await removeQueueRecord(folder.queueRecord);
    return left;
  } finally {
    link.close();
  }
}
