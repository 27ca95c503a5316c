/** The parts of a model that a worker scores: leased from BullMQ, one after the other, so that a part of a worker that dies goes to another one. */
import type { Job, Queue, Worker } from "bullmq";
import { randomUUID } from "node:crypto";
import { partQueue } from "./keys.js";
import { checkMessage, partSchema, type Part } from "./protocol.js";
import type { QueueStore } from "./queue-store.js";
import { unlimitedStalls, type QueueTimes } from "./queue-times.js";
import type { BullMq } from "./redis-client.js";

export interface PartSource {
  /** The next part that nobody has in hand; null where there is none. */
  next(): Promise<Part | null>;
  /** The part that `next` gave last is scored. */
  complete(): Promise<void>;
  /** The part that `next` gave last, if it is not complete, is free for others at once. */
  handBack(): Promise<void>;
  /** Whether others have parts in hand, perhaps dead ones. */
  othersAtWork(): Promise<boolean>;
  close(): Promise<void>;
}

/** A model that is not split: its ticket is the lease of its only part. */
export function wholeModel(): PartSource {
  const rest: Part[] = [{ part: 0, of: 1 }];
  const nothing = (): Promise<void> => Promise.resolve();
  return { next: () => Promise.resolve(rest.shift() ?? null), complete: nothing, handBack: nothing, othersAtWork: () => Promise.resolve(false), close: nothing };
}

export class LeasedParts implements PartSource {
  readonly #token = randomUUID();
  #job: Job | null = null;
  #renewal: NodeJS.Timeout | null = null;

  private constructor(
    private readonly queue: Queue,
    private readonly worker: Worker,
    private readonly times: QueueTimes,
    private readonly removeIfOver: () => Promise<void>,
  ) {}

  /**
   * The parts of a model; the first worker puts them on their queue.
   * @param isQueued whether some worker has done so
   */
  static async open(
    bullmq: BullMq,
    store: QueueStore,
    { run, model, generation, parts, isQueued }: { run: string; model: number; generation: number; parts: number; isQueued: boolean },
    times: QueueTimes,
    onError: (error: Error) => void,
  ): Promise<LeasedParts> {
    const name = partQueue(run, model, generation);
    const options = { connection: store.redis, prefix: store.prefix };
    const queue = new bullmq.Queue(name, options);
    queue.on("error", onError);
    if (!isQueued) {
      const jobs = Array.from({ length: parts }, (_, part) => ({
        name: "part",
        data: { part, of: parts } satisfies Part,
        opts: { jobId: `part-${part}`, removeOnComplete: true, removeOnFail: true },
      }));
      await queue.addBulk(jobs);
      await store.markQueued(run, model, generation);
    }
    const worker = new bullmq.Worker(name, null, {
      ...options,
      autorun: false,
      lockDuration: times.lock,
      stalledInterval: times.stalledCheck,
      // The model's tickets count the deaths of its workers.
      maxStalledCount: unlimitedStalls,
    });
    worker.on("error", onError);
    await worker.startStalledCheckTimer();
    return new LeasedParts(queue, worker, times, () => store.removePartsIfOver(run, model, generation));
  }

  async next(): Promise<Part | null> {
    const job = (await this.worker.getNextJob(this.#token, { block: false })) as Job | undefined;
    if (job === undefined) return null;
    this.#job = job;
    // What cannot be renewed is taken over; both then score it, and rows are added once.
    this.#renewal = setInterval(() => void job.extendLock(this.#token, this.times.lock).catch(() => undefined), this.times.lock / 3);
    return checkMessage(partSchema, "A part in the queue", job.data);
  }

  async complete(): Promise<void> {
    const job = this.#release();
    // Where the lease was lost, another worker has the part, and finds it done.
    await job?.moveToCompleted("done", this.#token, false).catch(() => undefined);
  }

  async handBack(): Promise<void> {
    const job = this.#release();
    await job?.moveToWait(this.#token).catch(() => undefined);
  }

  async othersAtWork(): Promise<boolean> {
    const { active = 0, waiting = 0 } = await this.queue.getJobCounts("active", "waiting");
    return active + waiting > 0;
  }

  async close(): Promise<void> {
    await this.handBack();
    await this.worker.close(true);
    await this.queue.close();
    await this.removeIfOver().catch(() => undefined);
  }

  #release(): Job | null {
    const job = this.#job;
    this.#job = null;
    if (this.#renewal !== null) clearInterval(this.#renewal);
    this.#renewal = null;
    return job;
  }
}
