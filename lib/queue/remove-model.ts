/** Takes what is left of a model that is over or not wanted any more off the queue. */
import type { Queue } from "bullmq";
import { LlmapError } from "../errors.js";
import { partQueue } from "./keys.js";
import type { QueueStore } from "./queue-store.js";
import { patiently, type RedisLink } from "./redis-client.js";
import { ticketId } from "./tickets.js";

export interface QueueOfRun {
  run: string;
  store: QueueStore;
  tickets: Pick<Queue, "remove">;
  /** Removes the queue of a model's parts. */
  removeParts: (model: number, generations: number) => Promise<void>;
  signal: AbortSignal | undefined;
}

/** Errors: ERR_ABORTED; those of Redis. */
export async function removeModel({ run, store, tickets, removeParts, signal }: QueueOfRun, model: number): Promise<void> {
  // What cannot be read is not worth a message here.
  const state = await patiently(() => store.state(run, model), signal, () => undefined).catch((error: unknown) => {
    if (error instanceof LlmapError && error.code === "ERR_QUEUE") return null;
    throw error;
  });
  await patiently(() => store.removeModel(run, model), signal, () => undefined);
  const parts = state?.parts ?? 1;
  const generations = (state?.generation ?? 0) + 1;
  if (parts > 1) await removeParts(model, generations);
  // A ticket that a worker holds cannot be removed; the worker finds nothing left to do.
  const ids = Array.from({ length: generations }, (_, generation) => Array.from({ length: parts }, (__, number) => ticketId({ run, model }, generation, number)));
  await Promise.all(ids.flat().map((id) => tickets.remove(id).catch(() => 0)));
}

/** Removes the queues of a model's parts, of all its generations. */
export async function removePartQueues({ redis, bullmq }: Pick<RedisLink, "redis" | "bullmq">, prefix: string, run: string, model: number, generations: number): Promise<void> {
  for (let generation = 0; generation < generations; generation++) {
    const parts = new bullmq.Queue(partQueue(run, model, generation), { connection: redis, prefix, skipMetasUpdate: true });
    parts.on("error", () => undefined);
    // Parts that a worker has in hand too: it finds the model gone.
    await parts.obliterate({ force: true }).catch(() => undefined);
    await parts.close();
  }
}
