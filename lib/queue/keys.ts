/** Names of everything that llmap-native keeps in Redis: all below one prefix. */
import { packageVersion } from "../package-root.js";
import { supportedLlamaCpp } from "../scoring/llama-backend.js";
import { protocolVersion } from "./protocol.js";

export const defaultPrefix = "llmap";

/**
 * The queue on which workers wait for tickets. Its name holds the versions that the numbers depend on, so that a worker of another version never takes
 * a ticket from one that could use it.
 */
export const ticketQueue = `tickets-${protocolVersion}-${packageVersion}-${supportedLlamaCpp}`;

/** What the names of a run's queues of parts begin with. */
export const partQueues = (run: string): string => `parts-${run}-`;
/** The queue of the parts of a model that is split. */
export const partQueue = (run: string, model: number, generation: number): string => `${partQueues(run)}${model}-${generation}`;

/** @param prefix of all keys; BullMQ puts its own below the same one */
export function queueKeys(prefix: string) {
  const ofRun = (run: string): string => `${prefix}:run:${run}`;
  return {
    run: ofRun,
    /** Hash: model to what it is. */
    models: (run: string) => `${ofRun(run)}:models`,
    /** Stream of events, the rows among them. */
    events: (run: string) => `${ofRun(run)}:events`,
    /** Hash: status, generation, attempt, parts. */
    state: (run: string, model: number) => `${ofRun(run)}:model:${model}`,
    pin: (run: string, model: number, generation: number) => `${ofRun(run)}:model:${model}:pin:${generation}`,
    /** Set of the units whose rows are in the stream, or were. */
    done: (run: string, model: number, generation: number) => `${ofRun(run)}:model:${model}:done:${generation}`,
    texts: (hash: string) => `${prefix}:texts:${hash}`,
    /** Set of the runs that use them. */
    textsRuns: (hash: string) => `${prefix}:texts:${hash}:runs`,
    /** Set of ids, and what each one says of itself. */
    workers: `${prefix}:workers`,
    worker: (id: string) => `${prefix}:worker:${id}`,
    /** Set of the ticket queues on which callers of all versions have put tickets. */
    queues: `${prefix}:queues`,
  };
}
export type QueueKeys = ReturnType<typeof queueKeys>;
