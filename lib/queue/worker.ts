/** A worker: takes tickets from the queue, scores their models, and sends the rows. */
import type { Job, Queue, Worker } from "bullmq";
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { stat } from "node:fs/promises";
import { LlmapError, messageOf, throwIfAborted } from "../errors.js";
import { requireWholeNumber } from "../option-checks.js";
import { packageVersion } from "../package-root.js";
import { requireParallel, requireThreads, scoringOptions } from "../run/options.js";
import { describeAttempt } from "../run/scoring-log.js";
import { createScoringPool } from "../run/scoring-pool.js";
import type { GpuChoice } from "../scoring/settings.js";
import { defaultPrefix, ticketQueue } from "./keys.js";
import { requirePrefix } from "./queue-options.js";
import { checkMessage, limits, ticketSchema, type Presence, type Ticket } from "./protocol.js";
import { QueueStore } from "./queue-store.js";
import { queueTimes, unlimitedStalls } from "./queue-times.js";
import { asQueueError, connectRedis, pause, type RedisLink } from "./redis-client.js";
import { Refusal } from "./refusal.js";
import { PartsInHand, scoreTicket, tellFailure } from "./score-ticket.js";
import { ticketJob } from "./tickets.js";
import type { ModelScorer } from "./model-scorer.js";
import { WorkerTexts, type WorkerContext } from "./worker-context.js";
import type { OnWorkerEvent } from "./worker-events.js";

/** Where a worker takes jobs from, and what it has for them. */
export interface WorkerOptions {
  /** redis://host:port, or rediss:// for TLS; a password that it leaves out is taken from LLMAP_REDIS_PASSWORD. */
  queue: string;
  /** Of all keys in Redis; default llmap. */
  prefix?: string;
  /** Folder that callers and this worker share: models may lie there. Default: none. */
  sharedFiles?: string | null;
  /** Fetch models by http: from other machines too; default: hf: and https: only. */
  allowHttp?: boolean;
  /** Models scored at once, each in a process of its own; default: one, or one for each GPU. */
  parallel?: number | null;
  gpu?: GpuChoice;
  /** Threads of all models together; default: the cores this process may use. */
  threads?: number | null;
  /** How callers name it; default: host and process id. */
  name?: string | null;
  /** End when there is no ticket, of this worker or another one. */
  untilEmpty?: boolean;
  /** End after so many seconds without a ticket of its own; default: never. */
  idleTimeout?: number | null;
  /** Finishes the batches in hand and hands everything back, then rejects with ERR_ABORTED. */
  signal?: AbortSignal;
  onEvent?: OnWorkerEvent;
}

/** How often it looks whether it may end, and says that it is there, milliseconds. */
const lookInterval = 500;
const announceInterval = 20_000;
/** The caller is told of a refusal again after so long, milliseconds: it may have come back meanwhile. */
const refusalInterval = 20_000;
/** An error of the queue that comes again and again is told once in so long, milliseconds. */
const quietInterval = 60_000;

/**
 * Works until it is stopped, or as `untilEmpty` and `idleTimeout` say.
 * @param scorers in place of processes of its own, as many as models are scored at once; disposed of at the end
 * Errors: ERR_USAGE; ERR_QUEUE where the Redis cannot be used; ERR_BACKEND and ERR_ADDON where this machine cannot score; ERR_ABORTED.
 */
export async function runWorker(options: WorkerOptions, scorers?: readonly ModelScorer[]): Promise<void> {
  const { signal, onEvent = () => undefined, parallel = null, threads = null, gpu = "auto", idleTimeout = null } = options;
  requireParallel(parallel);
  requireThreads(threads);
  requireWholeNumber("idleTimeout (--idle-timeout)", idleTimeout, 1, 10_000_000);
  const prefix = requirePrefix(options.prefix ?? defaultPrefix);
  const sharedFiles = options.sharedFiles ?? null;
  await requireFolder(sharedFiles);
  const name = (options.name ?? `${hostname()}:${process.pid}`).slice(0, limits.name);
  const onConnection = (reason: string | null): void =>
    onEvent({ event: "warning", model: null, message: reason === null ? "The queue is back." : `The connection to the queue is lost (${reason}); it is tried again.` });
  const link = await connectRedis(options.queue, { onConnection }, signal);
  try {
    // As many as there may be models, since nobody knows them yet.
    const scoring = scoringOptions({ gpu, threads });
    const pool = scorers === undefined ? await createScoringPool(scoring, parallel, mostModels, 0, signal) : { supervisors: scorers, scoring };
    try {
      const machine = { gpu, threads: pool.scoring.threads };
      const places = { sharedFiles, allowHttp: options.allowHttp ?? false };
      await new TicketWorker(link, prefix, { id: randomBytes(8).toString("hex"), name }, machine, places, pool.supervisors, onEvent).run(options);
    } finally {
      for (const supervisor of pool.supervisors) supervisor.dispose();
    }
  } catch (error) {
    throw asQueueError(error, link);
  } finally {
    link.close();
  }
}

const mostModels = 256;

async function requireFolder(folder: string | null): Promise<void> {
  if (folder === null) return;
  const isFolder = await stat(folder).then((found) => found.isDirectory(), () => false);
  if (!isFolder) throw new LlmapError("ERR_NOT_FOUND", `${folder} is no folder (--shared-files); name the one that callers and workers share.`);
}

class TicketWorker {
  readonly #store: QueueStore;
  readonly #tickets: Queue;
  readonly #worker: Worker;
  readonly #context: WorkerContext;
  readonly #times = queueTimes();
  readonly #idle: ModelScorer[];
  readonly #presence: Presence;
  /** Stops all tickets. */
  readonly #ending = new AbortController();
  /** When a refused model was refused first, and when the caller was told last; by run and model. */
  readonly #refused = new Map<string, { reason: string; toldAt: number }>();
  /** When an error of the queue was told last, by its first words. */
  readonly #saidAt = new Map<string, number>();
  #fatal: unknown = null;
  #lastTicket = performance.now();
  #inHand = 0;

  constructor(
    private readonly link: RedisLink,
    prefix: string,
    worker: WorkerContext["worker"],
    machine: WorkerContext["machine"],
    places: WorkerContext["places"],
    private readonly supervisors: readonly ModelScorer[],
    private readonly onEvent: OnWorkerEvent,
  ) {
    const { redis, bullmq } = link;
    const store = new QueueStore(redis, prefix);
    this.#store = store;
    this.#idle = [...supervisors];
    this.#presence = { worker, version: packageVersion, queue: ticketQueue };
    const onError = (error: Error): void => this.#onError(error);
    this.#tickets = new bullmq.Queue(ticketQueue, { connection: redis, prefix });
    this.#tickets.on("error", onError);
    this.#worker = new bullmq.Worker(ticketQueue, (job, token, signal) => this.#process(job, token ?? "", signal), {
      connection: redis,
      prefix,
      autorun: false,
      concurrency: supervisors.length,
      lockDuration: this.#times.lock,
      stalledInterval: this.#times.stalledCheck,
      maxStalledCount: unlimitedStalls,
      // Of a job that cannot even be read.
      removeOnFail: { count: 0 },
      runRetryDelay: this.#times.refusal,
    });
    this.#worker.on("error", onError);
    // Another worker has the ticket now, or will have it: what this one does is done twice.
    this.#worker.on("lockRenewalFailed", (ids) => ids.forEach((id) => this.#worker.cancelJob(id, leaseLost)));
    this.#context = {
      ...{ store, bullmq, worker, machine, places, times: this.#times, onEvent, texts: new WorkerTexts(store) },
      addTickets: async (run, model, generation, tickets) => {
        await this.#tickets.addBulk(Array.from({ length: tickets }, (_, number) => ticketJob({ run, model }, generation, number + 1)));
      },
    };
  }

  async run({ signal, untilEmpty = false, idleTimeout = null }: WorkerOptions): Promise<void> {
    throwIfAborted(signal);
    const onAbort = (): void => this.#stop();
    signal?.addEventListener("abort", onAbort);
    const announce = (): void => void this.#store.announce(this.#presence).catch((error: unknown) => this.#onError(error as Error));
    announce();
    const announcing = setInterval(announce, announceInterval);
    let running: Promise<void> = Promise.resolve();
    try {
      await this.#warnOfOtherVersions();
      const { gpu: device } = this.#context.machine;
      this.onEvent({ event: "worker-ready", worker: this.#presence.worker.name, queue: this.link.shown, parallel: this.supervisors.length, device });
      running = this.#worker.run();
      running.catch((error: unknown) => {
        if (this.#ending.signal.aborted) return;
        this.#fatal ??= error;
        this.#stop();
      });
      for (;;) {
        await pause(lookInterval, this.#ending.signal).catch(() => undefined);
        if (this.#ending.signal.aborted) break;
        if (this.#inHand > 0) continue;
        if (idleTimeout !== null && performance.now() - this.#lastTicket > idleTimeout * 1000) break;
        if (untilEmpty && (await this.#isEmpty())) break;
      }
    } finally {
      signal?.removeEventListener("abort", onAbort);
      clearInterval(announcing);
      this.#stop();
      await this.#end(running);
    }
    if (this.#fatal !== null) throw this.#fatal as Error;
    throwIfAborted(signal);
  }

  #stop(): void {
    this.#ending.abort();
  }

  /**
   * Hands back what is in hand, and leaves. A Redis that does not come back within a lease has given the tickets to others: what it still owes an answer to is
   * not waited for.
   */
  async #end(running: Promise<void>): Promise<void> {
    const closed = new AbortController();
    const close = async (): Promise<void> => {
      await this.#worker.close();
      await running.catch(() => undefined);
      await this.#tickets.close();
      await this.#store.leave(this.#presence).catch(() => undefined);
    };
    const giveUp = async (): Promise<void> => {
      for (let seen = performance.now(); !closed.signal.aborted && performance.now() - seen < this.#times.lock; ) {
        if (this.link.redis.status === "ready") seen = performance.now();
        await pause(lookInterval, closed.signal).catch(() => undefined);
      }
    };
    await Promise.race([close(), giveUp()]);
    closed.abort();
  }

  async #isEmpty(): Promise<boolean> {
    const counts = await this.#tickets.getJobCounts("waiting", "active", "delayed");
    return Object.values(counts).every((count) => count === 0);
  }

  /** Tickets of callers of other versions are on other queues. */
  async #warnOfOtherVersions(): Promise<void> {
    const others = (await this.#store.waitingQueues()).filter((name) => name !== ticketQueue);
    if (others.length === 0) return;
    const message = `There are callers of other versions, whose runs this worker leaves alone: ${others.map((name) => name.slice(0, 100)).join(", ")}; this one is ${ticketQueue}.`;
    this.onEvent({ event: "warning", model: null, message });
  }

  #onError(error: Error): void {
    // A lost connection is told of by itself, and a lost lease by what the next holder does.
    if (/ECONN|EPIPE|Connection is closed|Missing lock|could not renew lock|Socket timeout/.test(error.message)) return;
    // A full Redis refuses every renewal of a lease.
    const [kind = ""] = error.message.split(/[.:]/);
    if (performance.now() - (this.#saidAt.get(kind) ?? -Infinity) < quietInterval) return;
    this.#saidAt.set(kind, performance.now());
    this.onEvent({ event: "warning", model: null, message: `The queue says: ${error.message}` });
  }

  async #process(job: Job, token: string, lease: AbortSignal | undefined): Promise<void> {
    const { WaitingError, DelayedError, UnrecoverableError } = this.#context.bullmq;
    let ticket: Ticket;
    try {
      ticket = checkMessage(ticketSchema, "A ticket in the queue", job.data);
    } catch (error) {
      throw new UnrecoverableError(messageOf(error));
    }
    const supervisor = this.#idle.shift();
    if (supervisor === undefined) throw new Error("more tickets than scorer processes");
    this.#inHand++;
    const stop = lease === undefined ? this.#ending.signal : AbortSignal.any([lease, this.#ending.signal]);
    const key = `${ticket.run}:${ticket.model}`;
    const rest = async (milliseconds: number): Promise<never> => {
      await job.moveToDelayed(Date.now() + milliseconds, token);
      throw new DelayedError();
    };
    try {
      throwIfAborted(stop);
      const earlier = this.#refused.get(key);
      if (earlier !== undefined && performance.now() - earlier.toldAt < refusalInterval) return await rest(this.#times.refusal);
      this.#lastTicket = performance.now();
      await scoreTicket({ ...ticket, deaths: job.stalledCounter }, this.#context, supervisor, stop);
    } catch (error) {
      if (error instanceof DelayedError || lease?.aborted === true) throw error;
      if (error instanceof PartsInHand) return await rest(this.#times.lock);
      if (error instanceof Refusal) {
        await this.#refuse(ticket, key, error);
        return await rest(this.#times.refusal);
      }
      const isFatal = error instanceof LlmapError && (error.code === "ERR_BACKEND" || error.code === "ERR_ADDON");
      if (isFatal || this.#ending.signal.aborted) {
        if (isFatal) this.#fatal ??= error;
        this.#stop();
        // At the head of the queue, and at once: nobody waits for the lease to run out.
        await job.moveToWait(token);
        throw new WaitingError();
      }
      await this.#failedTry(job, ticket, error);
      throw error;
    } finally {
      this.#inHand--;
      if (this.#lastTicket < performance.now() && !this.#refused.has(key)) this.#lastTicket = performance.now();
      this.#idle.push(supervisor);
    }
  }

  async #refuse(ticket: Ticket, key: string, { message }: Refusal): Promise<void> {
    const reason = message.slice(0, limits.sentence);
    const isNew = this.#refused.get(key)?.reason !== reason;
    this.#refused.set(key, { reason, toldAt: performance.now() });
    if (isNew) this.onEvent({ event: "warning", model: nameOf(ticket), message: `Left to other workers: ${reason}` });
    await this.#store.addEvent(ticket.run, { type: "refused", model: ticket.model, worker: this.#presence.worker, reason });
  }

  /** BullMQ tries it again, here or elsewhere, unless this was the last try: then the model has failed. */
  async #failedTry(job: Job, ticket: Ticket, error: unknown): Promise<void> {
    const tries = job.opts.attempts ?? 1;
    const isLast = job.attemptsMade + 1 >= tries;
    const reason = messageOf(error);
    this.onEvent({ event: "warning", model: nameOf(ticket), message: isLast ? `It failed: ${reason}` : `It is tried again: ${reason}` });
    if (!isLast) return;
    const state = await this.#store.state(ticket.run, ticket.model);
    if (state === null) return;
    const code = error instanceof LlmapError ? error.code : "ERR_SCORING";
    const log = error instanceof LlmapError ? describeAttempt(`tried by ${this.#presence.worker.name}`, error) : error instanceof Error ? (error.stack ?? "") : "";
    await tellFailure(ticket, state.generation, code, `${reason} (tried ${tries} times)`, log, this.#context);
  }
}

const leaseLost = "lease lost";

/** A worker that left a model alone may not know its name. */
function nameOf({ run, model }: Ticket): string {
  return `Model ${model + 1} of run ${run.slice(0, 8)}`;
}
