/** The caller's loop: events of a run from Redis into the run folder, until every model is complete or has failed. */
import type { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { LlmapError, messageOf, throwIfAborted } from "../errors.js";
import type { OnEvent } from "../run/events.js";
import type { FailedModel } from "../run/score.js";
import { failedRow } from "../run/score.js";
import { ScoringLog } from "../run/scoring-log.js";
import type { ScoreRows } from "../scoring/score-rows.js";
import type { CollectedRun, ModelCollection } from "./model-collection.js";
import type { QueueEvent } from "./protocol.js";
import type { ModelState, StreamEntry } from "./queue-store.js";
import { patiently } from "./redis-client.js";
import { removeModel, type QueueOfRun } from "./remove-model.js";
import { decodeRows } from "./row-message.js";
import { RunWatch } from "./run-watch.js";
import { WaitingRows } from "./waiting-rows.js";

export interface Collection extends QueueOfRun {
  collected: CollectedRun;
  /** Those that are neither complete nor failed. */
  models: readonly ModelCollection[];
  tickets: Queue;
  /** A connection that may block. */
  blocking: Redis;
  /** A model is complete or has failed, and its row is written. */
  onOver(model: ModelCollection): Promise<void>;
}

/** Entries that are read at once, and for how long the first is waited for, milliseconds. */
const entriesAtOnce = 200;
const longestWait = 1000;

/** @returns the models that failed Errors: ERR_ABORTED; ERR_RUN_FOLDER; ERR_QUEUE where Redis has lost the run. */
export async function collectRows(collection: Collection): Promise<FailedModel[]> {
  return await new RowCollector(collection).run();
}

class RowCollector {
  readonly #open: Map<number, ModelCollection>;
  readonly #failed: FailedModel[] = [];
  readonly #logs = new Map<number, ScoringLog>();
  readonly #watch: RunWatch;
  /** Of a model, read and not yet on disk. */
  readonly #waiting = new Map<ModelCollection, ScoreRows[]>();
  /** Models that are complete or have failed, and wait for their rows of models.arrow before anything of them leaves Redis. */
  readonly #table: WaitingRows;
  #over: ModelCollection[] = [];
  #hasFailure = false;
  #lastEntry = performance.now();

  constructor(private readonly collection: Collection) {
    this.#open = new Map(collection.models.map((model) => [model.id, model]));
    this.#table = new WaitingRows(collection.collected.folder.models);
    this.#watch = new RunWatch(collection, this.#onEvent, (model, code, reason) => this.#fail(model, code, reason, ""));
  }

  get #onEvent(): OnEvent {
    return this.collection.collected.onEvent;
  }

  async run(): Promise<FailedModel[]> {
    try {
      await this.#collect();
    } catch (error) {
      await this.#table.write().catch(() => undefined);
      throw error;
    }
    await this.#settle();
    return this.#failed;
  }

  async #collect(): Promise<void> {
    const { run, store, blocking, signal } = this.collection;
    for (const model of [...this.#open.values()]) await this.#orFail(model, () => this.#resume(model));
    while (this.#open.size > 0) {
      throwIfAborted(signal);
      const entries = await patiently(() => store.readEvents(blocking, run, entriesAtOnce, longestWait), signal, () => undefined);
      for (const entry of entries) await this.#take(entry);
      await this.#flush();
      // Only what is on disk leaves Redis: of a failure the reason, too.
      if (this.#hasFailure || this.#table.isDue) await this.#settle();
      await patiently(() => store.removeEvents(run, entries.map(({ id }) => id)), signal, () => undefined);
      if (entries.length > 0) this.#lastEntry = performance.now();
      await patiently(() => this.#watch.look(this.#open, performance.now() - this.#lastEntry), signal, () => undefined);
    }
  }

  /** Where Redis says something of a model that cannot be, that model has failed, and no other. */
  async #orFail(model: ModelCollection, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof LlmapError) || error.code !== "ERR_QUEUE") throw error;
      await this.#fail(model, "ERR_QUEUE", error.message, "");
    }
  }

  /** What an earlier caller took of a model, and what happened since. */
  async #resume(model: ModelCollection): Promise<void> {
    const { run, store } = this.collection;
    const state = await this.#stateOf(model);
    if (state === null) return;
    model.generation = state.generation;
    const pinned = await store.pin(run, model.id, state.generation);
    if (pinned !== null) await model.open(pinned, 0);
    if (model.isOpen && model.isWhole) await this.#finish(model);
  }

  async #take({ event, rows }: StreamEntry): Promise<void> {
    if (event === null) {
      this.#onEvent({ event: "warning", model: null, message: "The queue holds an entry that is not what this version writes; it is left out." });
      return;
    }
    const model = this.#open.get(event.model);
    if (model !== undefined) await this.#orFail(model, () => this.#takeEvent(model, event, rows));
  }

  async #takeEvent(model: ModelCollection, event: QueueEvent, rows: Buffer | null): Promise<void> {
    switch (event.type) {
      case "prepared":
        await this.#openFor(model, event.generation, event.seconds);
        break;
      case "rows":
        if (event.generation >= model.generation || (await this.#isBack(model, event.generation))) await this.#takeRows(model, event, rows);
        break;
      case "retry":
        if (event.generation <= model.generation || event.generation > ((await this.#stateOf(model))?.generation ?? 0)) break;
        await this.#flush();
        // All its rows had come before it failed.
        if (!this.#open.has(model.id)) break;
        await model.restart(event.generation);
        this.#onEvent({ event: "model-retry", model: model.model.name, fallback: event.fallback, reason: event.reason });
        await this.#log(model).addText(event.log);
        break;
      case "failed":
        if (event.generation === model.generation) await this.#fail(model, event.code, event.reason, event.log);
        break;
      case "refused":
        this.#watch.refused(model, event);
        break;
    }
  }

  async #takeRows(model: ModelCollection, event: Extract<QueueEvent, { type: "rows" }>, bytes: Buffer | null): Promise<void> {
    const { texts, tokenLogProbs } = this.collection.collected;
    let rows: ScoreRows;
    try {
      rows = decodeRows(bytes ?? Buffer.alloc(0), texts.texts.length, tokenLogProbs);
    } catch (error) {
      await this.#fail(model, "ERR_QUEUE", `The worker ${event.worker.name} sent rows that are none: ${messageOf(error)}`, "");
      return;
    }
    await this.#openFor(model, event.generation, 0);
    if (!model.isOpen) return;
    this.#waiting.set(model, [...(this.#waiting.get(model) ?? []), rows]);
  }

  /** Whether Redis has lost that a model was begun anew: then what is here counts no more. */
  async #isBack(model: ModelCollection, generation: number): Promise<boolean> {
    if ((await this.#stateOf(model))?.generation !== generation) return false;
    this.#waiting.delete(model);
    await model.restart(generation);
    return true;
  }

  async #openFor(model: ModelCollection, generation: number, seconds: number): Promise<void> {
    // Of an older generation are entries that an earlier caller had not taken when the model was begun anew.
    if (generation < model.generation || (model.isOpen && generation === model.generation)) return;
    const { run, store } = this.collection;
    const pinned = await store.pin(run, model.id, generation);
    // Begun anew since: what comes of the new generation opens it.
    if (pinned === null) return;
    if (generation > model.generation) {
      this.#waiting.delete(model);
      await model.restart(generation);
    }
    await model.open(pinned, seconds);
  }

  async #flush(): Promise<void> {
    const waiting = [...this.#waiting].filter(([model]) => this.#open.get(model.id) === model);
    this.#waiting.clear();
    // Side by side: each waits for the disk.
    await Promise.all(waiting.map(([model, batches]) => this.#orFail(model, () => model.append(batches))));
    for (const [model] of waiting) if (model.isOpen && model.isWhole) await this.#finish(model);
  }

  async #finish(model: ModelCollection): Promise<void> {
    this.#table.add(await model.finish());
    this.#isOver(model);
  }

  async #fail(model: ModelCollection, code: string, reason: string, log: string): Promise<void> {
    if (!this.#open.has(model.id)) return;
    const logPath = log === "" ? null : await this.#log(model).addText(log);
    const whole = `${reason}${logPath === null ? "" : ` Log: ${logPath}`}`;
    const { name, path } = model.model;
    this.#table.add(failedRow({ ...model.model, ...model.found() }, whole));
    await model.leave(true);
    this.#hasFailure = true;
    this.#failed.push({ model: name, path, code, reason: whole });
    this.#onEvent({ event: "model-failed", model: name, path, code, reason: whole });
    this.#isOver(model);
  }

  #isOver(model: ModelCollection): void {
    this.#open.delete(model.id);
    this.#logs.delete(model.id);
    this.#over.push(model);
  }

  /** Writes the rows of models.arrow that wait; then their models leave Redis. */
  async #settle(): Promise<void> {
    await this.#table.write();
    this.#hasFailure = false;
    const over = this.#over;
    this.#over = [];
    for (const model of over) {
      await this.collection.onOver(model);
      await removeModel(this.collection, model.id);
    }
  }

  /** Errors: ERR_QUEUE, ERR_ABORTED. */
  async #stateOf({ id }: ModelCollection): Promise<ModelState | null> {
    return await patiently(() => this.collection.store.state(this.collection.run, id), this.collection.signal, () => undefined);
  }

  #log(model: ModelCollection): ScoringLog {
    const { folder } = this.collection.collected;
    const log = this.#logs.get(model.id) ?? new ScoringLog(folder.logFile(model.model.fileName), model.model);
    this.#logs.set(model.id, log);
    return log;
  }
}

