/** What a caller looks after while rows come: whether workers are there, whether all of them refuse a model, whether a model has lost its tickets. */
import type { OnEvent } from "../run/events.js";
import type { Collection } from "./collect-rows.js";
import type { ModelCollection } from "./model-collection.js";
import { ticketQueue } from "./keys.js";
import { isPartDone } from "./model-parts.js";
import type { Presence, QueueEvent } from "./protocol.js";
import { queueTimes } from "./queue-times.js";
import { ticketId, ticketJob } from "./tickets.js";
import { LlmapError } from "../errors.js";

type Fail = (model: ModelCollection, code: string, reason: string) => Promise<void>;

/** Between two looks at the workers, milliseconds: less where leases are short. */
const longestInterval = 10_000;
/** Models whose tickets are looked after at once: meanwhile no row is collected. */
const modelsAtOnce = 500;
/** A model that has lost its tickets more often than this has failed. */
const mostLosses = 5;

export class RunWatch {
  readonly #times = queueTimes();
  #lastLook = performance.now();
  #lastTicketLook = performance.now();
  /** The model, of those that are open, that the next look at tickets begins with. */
  #nextModel = 0;
  #saysNobody = false;
  readonly #warned = new Set<string>();
  /** By model: the reasons of workers that refuse it, by worker, and since when all do. */
  readonly #refusals = new Map<ModelCollection, { reasons: Map<string, string>; allSince: number | null }>();
  readonly #losses = new Map<ModelCollection, number>();

  constructor(
    private readonly collection: Collection,
    private readonly onEvent: OnEvent,
    private readonly fail: Fail,
  ) {}

  refused(model: ModelCollection, { worker, reason }: Extract<QueueEvent, { type: "refused" }>): void {
    const { reasons } = this.#refusal(model);
    if (reasons.get(worker.id) !== reason) this.onEvent({ event: "warning", model: model.model.name, message: `The worker ${worker.name} leaves it to others: ${reason}` });
    reasons.set(worker.id, reason);
  }

  /** @param open the models that are neither complete nor failed @param quiet milliseconds since the last event Errors: ERR_QUEUE where Redis has lost the run. */
  async look(open: ReadonlyMap<number, ModelCollection>, quiet: number): Promise<void> {
    const now = performance.now();
    if (now - this.#lastLook > Math.min(longestInterval, this.#times.lock / 2)) {
      this.#lastLook = now;
      const workers = await this.collection.store.presentWorkers();
      this.#lookAtVersions(workers);
      await this.#lookAtRefusals(open, workers.filter(({ queue }) => queue === ticketQueue));
    }
    if (quiet > this.#times.quiet && now - this.#lastTicketLook > this.#times.quiet) {
      this.#lastTicketLook = now;
      await this.#requireRun();
      const models = [...open.values()];
      const from = this.#nextModel < models.length ? this.#nextModel : 0;
      this.#nextModel = from + modelsAtOnce;
      for (const model of models.slice(from, this.#nextModel)) {
        try {
          await this.#lookAtTickets(model);
        } catch (error) {
          if (!(error instanceof LlmapError) || error.code !== "ERR_QUEUE") throw error;
          await this.fail(model, "ERR_QUEUE", error.message);
        }
      }
    }
  }

  #lookAtVersions(workers: readonly Presence[]): void {
    for (const { worker, version, queue } of workers) {
      if (queue === ticketQueue || this.#warned.has(worker.id)) continue;
      this.#warned.add(worker.id);
      const message = `The worker ${worker.name} is of another version (${version}, ${queue}) and takes nothing of this run, which needs ${ticketQueue}.`;
      this.onEvent({ event: "warning", model: null, message });
    }
    const isSomebody = workers.some(({ queue }) => queue === ticketQueue);
    if (!isSomebody && !this.#saysNobody) {
      this.onEvent({ event: "warning", model: null, message: "No worker of this version is there. Start some: llmap-native worker --queue with the same address." });
    }
    this.#saysNobody = !isSomebody;
  }

  async #lookAtRefusals(open: ReadonlyMap<number, ModelCollection>, workers: readonly Presence[]): Promise<void> {
    const now = performance.now();
    for (const [model, refusal] of [...this.#refusals]) {
      if (!open.has(model.id)) {
        this.#refusals.delete(model);
        continue;
      }
      const isRefusedByAll = workers.length > 0 && workers.every(({ worker }) => refusal.reasons.has(worker.id));
      refusal.allSince = isRefusedByAll ? (refusal.allSince ?? now) : null;
      if (refusal.allSince === null || now - refusal.allSince < this.#times.allRefused) continue;
      const reasons = [...new Set(workers.map(({ worker }) => refusal.reasons.get(worker.id) ?? ""))];
      await this.fail(model, "ERR_QUEUE", `No worker that is there can score it: ${reasons.slice(0, 3).join(" / ")}`);
    }
  }

  #refusal(model: ModelCollection): { reasons: Map<string, string>; allSince: number | null } {
    const refusal = this.#refusals.get(model) ?? { reasons: new Map<string, string>(), allSince: null };
    this.#refusals.set(model, refusal);
    return refusal;
  }

  async #requireRun(): Promise<void> {
    const { store, run } = this.collection;
    if ((await store.redis.exists(store.keys.run(run))) === 0) {
      throw new LlmapError(
        "ERR_QUEUE",
        "The Redis no longer knows the run: it was taken off (--queue-cancel), emptied, or restarted without its data (appendonly). All rows so far are kept; the same command queues what is missing.",
      );
    }
  }

  /**
   * A model without tickets that is not whole: Redis has lost the latest second before it was killed, or somebody removed jobs. It gets a ticket again, and where
   * rows are missing that count as sent, its batches count as open again; rows that are here already are then dropped.
   */
  async #lookAtTickets(model: ModelCollection): Promise<void> {
    const { store, run, tickets } = this.collection;
    const state = await store.state(run, model.id);
    const parts = state?.parts ?? 1;
    for (let generation = state?.generation ?? 0; generation >= 0; generation--) {
      for (let number = 0; number < parts; number++) {
        // Not getJob, which reads what it says, and that may be nonsense.
        if ((await store.redis.exists(tickets.toKey(ticketId({ run, model: model.id }, generation, number)))) === 1) return;
      }
    }
    if ((await store.redis.xlen(store.keys.events(run))) > 0) return;
    const losses = (this.#losses.get(model) ?? 0) + 1;
    this.#losses.set(model, losses);
    if (state?.status === "failed" || losses > mostLosses) {
      const reason = state?.status === "failed" ? "It failed; the reason is in the log of the worker." : "Its tickets were lost from the queue again and again.";
      await this.fail(model, "ERR_QUEUE", reason);
      return;
    }
    const generation = state?.generation ?? 0;
    const pinned = await store.pin(run, model.id, generation);
    const isSent = pinned !== null && isPartDone(pinned, { part: 0, of: 1 }, await store.doneUnits(run, model.id, generation));
    await store.reopen(run, model.id, generation, isSent);
    await tickets.addBulk([ticketJob({ run, model: model.id }, generation, 0)]);
    this.onEvent({ event: "warning", model: model.model.name, message: "Its tickets were lost from the queue; it is queued again." });
  }
}
