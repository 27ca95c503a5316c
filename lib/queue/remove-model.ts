/** Takes what is left of a model that is complete or has failed off the queue. */
import type { Queue } from "bullmq";
import { LlmapError } from "../errors.js";
import type { QueueStore } from "./queue-store.js";
import { patiently } from "./redis-client.js";
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
