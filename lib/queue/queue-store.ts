/** What of runs lies in Redis, as checked values. */
import type { Redis } from "ioredis";
import { partQueue, partQueues, queueKeys, type QueueKeys } from "./keys.js";
import {
  attemptSchema,
  checkMessage,
  eventSchema,
  generationSchema,
  modelSchema,
  parseMessage,
  partCountSchema,
  pinSchema,
  presenceSchema,
  runSchema,
  type PinnedModel,
  type Presence,
  type QueuedAttempt,
  type QueuedModel,
  type QueuedRun,
  type QueueEvent,
} from "./protocol.js";
import { addEventScript, addRowsScript, failScript, pinScript, releaseTextsScript, retryScript, setOnceScript } from "./queue-scripts.js";

/** Where a model stands. Gone (null) once it is complete. */
export interface ModelState {
  status: "open" | "failed";
  generation: number;
  attempt: QueuedAttempt;
  /** Null where no worker has had the model in hand. */
  parts: number | null;
  /** Whether the jobs of its parts are on their queue. */
  queued: boolean;
}

const firstAttempt: QueuedAttempt = { fallback: null, batchTokens: null, reason: null };

/** Looked through in one step, where a run's keys are searched for. */
const keysAtOnce = 1000;
/** Seconds for which a worker counts as there after it has last said so. */
const presenceSeconds = 60;

export interface StreamEntry {
  id: string;
  /** Null where it is not what this version writes. */
  event: QueueEvent | null;
  rows: Buffer | null;
}

export class QueueStore {
  readonly keys: QueueKeys;

  constructor(
    readonly redis: Redis,
    readonly prefix: string,
  ) {
    this.keys = queueKeys(prefix);
  }

  /** Null where the run is over or was taken off. Errors: ERR_QUEUE. */
  async run(run: string): Promise<QueuedRun | null> {
    const text = await this.redis.get(this.keys.run(run));
    return text === null ? null : parseMessage(runSchema, "A run in the queue", text);
  }

  /** Null where the run is over. Errors: ERR_QUEUE. */
  async model(run: string, model: number): Promise<QueuedModel | null> {
    const text = await this.redis.hget(this.keys.models(run), String(model));
    return text === null ? null : parseMessage(modelSchema, "A model in the queue", text);
  }

  /** Null where it is complete, or taken off. Errors: ERR_QUEUE. */
  async state(run: string, model: number): Promise<ModelState | null> {
    const { status, generation, attempt, parts, queued } = await this.redis.hgetall(this.keys.state(run, model));
    if (status === undefined || generation === undefined) return null;
    return {
      status: status === "open" ? "open" : "failed",
      generation: checkMessage(generationSchema, "A generation in the queue", Number(generation)),
      attempt: attempt === undefined ? firstAttempt : parseMessage(attemptSchema, "An attempt in the queue", attempt),
      parts: parts === undefined ? null : checkMessage(partCountSchema, "A number of parts in the queue", Number(parts)),
      queued: queued === "1",
    };
  }

  async pin(run: string, model: number, generation: number): Promise<PinnedModel | null> {
    const text = await this.redis.get(this.keys.pin(run, model, generation));
    return text === null ? null : parseMessage(pinSchema, "A prepared model in the queue", text);
  }

  /** Pins what the first worker found. @returns what counts, of this worker or an earlier one; null where the generation is over */
  async pinFirst(run: string, model: number, generation: number, pinned: PinnedModel, event: QueueEvent): Promise<PinnedModel | null> {
    const { keys } = this;
    const text = (await this.redis.eval(
      pinScript,
      3,
      keys.state(run, model),
      keys.pin(run, model, generation),
      keys.events(run),
      String(generation),
      JSON.stringify(pinned),
      JSON.stringify(event),
    )) as string | null;
    return text === null ? null : parseMessage(pinSchema, "A prepared model in the queue", text);
  }

  /** Units whose rows are there. */
  async doneUnits(run: string, model: number, generation: number): Promise<Set<number>> {
    return new Set((await this.redis.smembers(this.keys.done(run, model, generation))).map(Number));
  }

  /** Adds the rows of a unit, once. @returns whether the generation still counts */
  async addRows(run: string, event: Extract<QueueEvent, { type: "rows" }>, rows: Buffer): Promise<boolean> {
    const { keys } = this;
    const { model, generation, unit } = event;
    const added = await this.redis.eval(
      addRowsScript,
      3,
      keys.state(run, model),
      keys.done(run, model, generation),
      keys.events(run),
      String(generation),
      String(unit),
      JSON.stringify(event),
      rows,
    );
    return added !== -1;
  }

  /** Begins a model anew with other settings. @param event with the new generation @returns false where another worker was first */
  async retry(run: string, attempt: QueuedAttempt, event: Extract<QueueEvent, { type: "retry" }>): Promise<boolean> {
    const { keys } = this;
    const keysOf = [keys.state(run, event.model), keys.events(run)];
    return (await this.redis.eval(retryScript, 2, ...keysOf, String(event.generation - 1), JSON.stringify(attempt), JSON.stringify(event))) === 1;
  }

  async fail(run: string, event: Extract<QueueEvent, { type: "failed" }>): Promise<void> {
    const { keys } = this;
    await this.redis.eval(failScript, 2, keys.state(run, event.model), keys.events(run), String(event.generation), JSON.stringify(event));
  }

  async addEvent(run: string, event: QueueEvent): Promise<void> {
    await this.redis.eval(addEventScript, 2, this.keys.run(run), this.keys.events(run), JSON.stringify(event));
  }

  /** How many parts a model has: the first answer counts. @returns that answer, and whether it is this one; null where the generation is over */
  async fixParts(run: string, model: number, generation: number, parts: number): Promise<{ parts: number; first: boolean } | null> {
    const found = await this.#setOnce(run, model, generation, "parts", String(parts));
    return found === null ? null : { parts: Number(found.value), first: found.first };
  }

  /** The jobs of a model's parts have been put on their queue. */
  async markQueued(run: string, model: number, generation: number): Promise<void> {
    await this.#setOnce(run, model, generation, "queued", "1");
  }

  async #setOnce(run: string, model: number, generation: number, field: "parts" | "queued", value: string): Promise<{ first: boolean; value: string } | null> {
    const found = (await this.redis.eval(setOnceScript, 1, this.keys.state(run, model), String(generation), field, value)) as [number, string] | null;
    return found === null ? null : { first: found[0] === 1, value: found[1] };
  }

  /**
   * The oldest events, at most `most` of them; waits up to `wait` milliseconds for the first. Always from the beginning, since what is on disk here leaves the
   * stream: a Redis that has lost its latest second, or whose clock went back, has old entries again, or new ones with smaller ids.
   * @param redis a connection that may block
   */
  async readEvents(redis: Redis, run: string, most: number, wait: number): Promise<StreamEntry[]> {
    const streams = await redis.xreadBuffer("COUNT", most, "BLOCK", wait, "STREAMS", this.keys.events(run), "0");
    const entries = (streams?.[0]?.[1] ?? []) as [Buffer, Buffer[]][];
    return entries.map(([id, fields]) => {
      const field = (name: string): Buffer | null => {
        for (let i = 0; i + 1 < fields.length; i += 2) if (fields[i]?.toString() === name) return fields[i + 1] ?? null;
        return null;
      };
      return { id: id.toString(), event: eventOf(field("event")), rows: field("rows") };
    });
  }

  async removeEvents(run: string, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.redis.xdel(this.keys.events(run), ...ids);
  }

  async usesTexts(run: string, hash: string): Promise<boolean> {
    return (await this.redis.sismember(this.keys.textsRuns(hash), run)) === 1;
  }

  async putRun(run: string, settings: QueuedRun, queue: string): Promise<void> {
    await this.redis.sadd(this.keys.queues, queue);
    await this.redis.set(this.keys.run(run), JSON.stringify(settings), "NX");
  }

  async putModel(run: string, model: number, queued: QueuedModel): Promise<void> {
    await this.redis.hset(this.keys.models(run), String(model), JSON.stringify(queued));
    await this.openModel(run, model);
  }

  /** Puts the state of a model in place, unless it is there. */
  async openModel(run: string, model: number): Promise<void> {
    const key = this.keys.state(run, model);
    await this.redis.multi().hsetnx(key, "status", "open").hsetnx(key, "generation", 0).exec();
  }

  /** The jobs of a model's parts are to be put on their queue again. @param isSent its units are not done, whatever Redis says */
  async reopen(run: string, model: number, generation: number, isSent: boolean): Promise<void> {
    await this.openModel(run, model);
    await this.redis.hdel(this.keys.state(run, model), "queued");
    if (isSent) await this.redis.del(this.keys.done(run, model, generation));
  }

  /** Removes what there is of a model: its state first, so that no worker adds to it any more. */
  async removeModel(run: string, model: number): Promise<void> {
    const { keys } = this;
    const last = generationSchema.safeParse(Number((await this.redis.hget(keys.state(run, model), "generation")) ?? 0));
    const generations = 1 + (last.data ?? 0);
    const ofGenerations = Array.from({ length: generations }, (_, one) => [keys.pin(run, model, one), keys.done(run, model, one)]);
    await this.redis.del(keys.state(run, model), ...ofGenerations.flat());
  }

  async putTexts(run: string, hash: string, packed: Buffer): Promise<void> {
    await this.redis.sadd(this.keys.textsRuns(hash), run);
    await this.redis.set(this.keys.texts(hash), packed, "NX");
  }

  async texts(hash: string): Promise<Buffer | null> {
    return await this.redis.getBuffer(this.keys.texts(hash));
  }

  /**
   * Removes a run and whatever is left of its models: also of those that an earlier caller had collected when it was killed, and what a Redis that lost its
   * latest second has again.
   */
  async removeRun(run: string, textsHash: string): Promise<void> {
    const { keys } = this;
    await this.redis.del(keys.run(run), keys.models(run), keys.events(run));
    await this.redis.eval(releaseTextsScript, 2, keys.texts(textsHash), keys.textsRuns(textsHash), run);
    await this.#removeBelow(`${keys.run(run)}:`);
    await this.#removeBelow(`${this.prefix}:${partQueues(run)}`);
  }

  /** Removes the queue of a model's parts where the model is over: a worker that was just opening it has made it anew. */
  async removePartsIfOver(run: string, model: number, generation: number): Promise<void> {
    const now = await this.redis.hget(this.keys.state(run, model), "generation");
    if (now !== String(generation)) await this.#removeBelow(`${this.prefix}:${partQueue(run, model, generation)}:`);
  }

  async #removeBelow(start: string): Promise<void> {
    let cursor = "0";
    do {
      const [next, found] = await this.redis.scan(cursor, "MATCH", `${start}*`, "COUNT", keysAtOnce);
      if (found.length > 0) await this.redis.unlink(...found);
      cursor = next;
    } while (cursor !== "0");
  }

  /** The queues with waiting tickets, of callers of all versions. */
  async waitingQueues(): Promise<string[]> {
    const names = (await this.redis.smembers(this.keys.queues)).filter((name) => /^tickets-[\w.-]{1,100}$/.test(name));
    const waiting = await Promise.all(names.map((name) => this.redis.exists(`${this.prefix}:${name}:wait`)));
    return names.filter((_, index) => waiting[index] === 1).sort();
  }

  async announce(presence: Presence): Promise<void> {
    const { id } = presence.worker;
    await this.redis.set(this.keys.worker(id), JSON.stringify(presence), "EX", presenceSeconds);
    await this.redis.sadd(this.keys.workers, id);
  }

  async leave({ worker: { id } }: Presence): Promise<void> {
    await this.redis.del(this.keys.worker(id));
    await this.redis.srem(this.keys.workers, id);
  }

  /** The workers that are there, of all versions. */
  async presentWorkers(): Promise<Presence[]> {
    const ids = (await this.redis.smembers(this.keys.workers)).filter((id) => /^[0-9a-f]{16}$/.test(id));
    if (ids.length === 0) return [];
    const texts = await this.redis.mget(ids.map((id) => this.keys.worker(id)));
    const gone = ids.filter((_, index) => texts[index] === null);
    if (gone.length > 0) await this.redis.srem(this.keys.workers, ...gone);
    return texts.flatMap((text) => {
      if (text === null) return [];
      try {
        return [parseMessage(presenceSchema, "A worker in the queue", text)];
      } catch {
        return []; // of another version, or nonsense
      }
    });
  }
}

function eventOf(text: Buffer | null): QueueEvent | null {
  try {
    return text === null ? null : parseMessage(eventSchema, "An event in the queue", text.toString("utf8"));
  } catch {
    return null;
  }
}
