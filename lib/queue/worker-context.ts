/** What all tickets of a worker share. */
import type { ScoringOptions } from "../scoring/settings.js";
import type { FilePlaces } from "./worker-files.js";
import { unpackTexts } from "./packed-texts.js";
import type { QueuedRun, WorkerName } from "./protocol.js";
import type { QueueStore } from "./queue-store.js";
import type { QueueTimes } from "./queue-times.js";
import type { BullMq } from "./redis-client.js";
import type { OnWorkerEvent } from "./worker-events.js";
import { LlmapError } from "../errors.js";

export interface WorkerContext {
  store: QueueStore;
  bullmq: BullMq;
  worker: WorkerName;
  /** What this machine decides about scoring. */
  machine: Pick<ScoringOptions, "gpu" | "threads">;
  places: Omit<FilePlaces, "onDownload">;
  times: QueueTimes;
  texts: WorkerTexts;
  /** Puts further tickets of a model on the queue: others may help. */
  addTickets(run: string, model: number, generation: number, tickets: number): Promise<void>;
  onEvent: OnWorkerEvent;
}

/** Text sets are kept for the next model: the latest ones only. */
const mostTextSets = 2;

/** The text sets of runs, each fetched once and checked against its hash. */
export class WorkerTexts {
  readonly #sets = new Map<string, Promise<string[]>>();

  constructor(private readonly store: QueueStore) {}

  /** Errors: ERR_QUEUE. */
  async get(texts: QueuedRun["texts"]): Promise<string[]> {
    const known = this.#sets.get(texts.hash);
    if (known !== undefined) return known;
    const set = this.#fetch(texts);
    this.#sets.set(texts.hash, set);
    for (const hash of this.#sets.keys()) if (this.#sets.size > mostTextSets && hash !== texts.hash) this.#sets.delete(hash);
    try {
      return await set;
    } catch (error) {
      this.#sets.delete(texts.hash);
      throw error;
    }
  }

  async #fetch(texts: QueuedRun["texts"]): Promise<string[]> {
    const packed = await this.store.texts(texts.hash);
    if (packed === null) throw new LlmapError("ERR_QUEUE", `The texts of the run (${texts.hash.slice(0, 12)}) are not in the queue.`);
    return unpackTexts(packed, texts);
  }
}
