/** The connection to Redis, and BullMQ on top of it: both are optional packages, loaded when a queue is used. */
import type { Redis } from "ioredis";
import { LlmapError, messageOf, throwIfAborted } from "../errors.js";
import { redisAddress, type RedisAddress } from "./redis-address.js";

export type BullMq = typeof import("bullmq");

export interface RedisLink {
  redis: Redis;
  bullmq: BullMq;
  /** The address without user and password. */
  shown: string;
  /** A further connection with the same options, for commands that block. */
  duplicate(): Redis;
  close(): void;
}

export interface LinkEvents {
  /** The connection is lost (`reason`), or is back (null). Commands wait meanwhile. */
  onConnection(reason: string | null): void;
}

const connectTimeout = 10_000;
/** A socket that owes an answer for so long is given up, and another one is opened: a cut network does not say so by itself. Above every wait of ours. */
const socketTimeout = 20_000;
const longestRetryDelay = 2_000;
/** Below this version, BullMQ and the scripts here lack commands. */
const oldestRedis = 6.2;

/** Errors: ERR_USAGE naming the packages to install. */
async function loadPackages(): Promise<{ Client: typeof Redis; bullmq: BullMq }> {
  try {
    return { Client: (await import("ioredis")).Redis, bullmq: await import("bullmq") };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new LlmapError("ERR_USAGE", "A queue needs two packages that llmap-native does not bring along. Install them beside it: npm install bullmq ioredis", { cause: error });
  }
}

/**
 * Connects, and checks that the Redis can hold a queue. Once connected, a lost connection is mended without end.
 * Errors: ERR_USAGE (address, packages); ERR_QUEUE where it cannot be reached, refuses the password, is too old, or throws keys away when it is full.
 */
export async function connectRedis(address: string, events: LinkEvents, signal?: AbortSignal): Promise<RedisLink> {
  const parsed = redisAddress(address);
  const { Client, bullmq } = await loadPackages();
  throwIfAborted(signal);
  const state = { connected: false, lost: false };
  const redis = new Client({
    ...connectionOptions(parsed),
    lazyConnect: true,
    // The first connection works or fails at once: a wrong address or password does not mend itself.
    retryStrategy: (times) => (state.connected ? Math.min(longestRetryDelay, 50 * 2 ** Math.min(times, 10)) : null),
  });
  const lastError = { message: "" };
  redis.on("error", (error: Error) => {
    lastError.message = messageOf(error);
  });
  redis.on("close", () => {
    if (!state.connected || state.lost) return;
    state.lost = true;
    events.onConnection(lastError.message === "" ? "it closed the connection" : lastError.message);
  });
  redis.on("ready", () => {
    if (state.lost) events.onConnection(null);
    state.lost = false;
    lastError.message = "";
  });
  try {
    await redis.connect();
    await requireUsable(redis, parsed);
  } catch (error) {
    redis.disconnect();
    throw error instanceof LlmapError ? error : cannotConnect(parsed, lastError.message === "" ? messageOf(error) : lastError.message, error);
  }
  state.connected = true;
  const others: Redis[] = [];
  return {
    redis,
    bullmq,
    shown: parsed.shown,
    duplicate: () => {
      const other = redis.duplicate({ lazyConnect: false });
      // Told of by the first connection.
      other.on("error", () => undefined);
      others.push(other);
      return other;
    },
    close: () => {
      state.connected = false;
      [redis, ...others].forEach((one) => one.disconnect());
    },
  };
}

function connectionOptions({ host, port, username, password, db, tls }: RedisAddress) {
  return {
    host,
    port,
    db,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
    connectTimeout,
    socketTimeout,
    // Commands wait for the connection to come back, as BullMQ wants it.
    maxRetriesPerRequest: null,
    connectionName: "llmap-native",
  };
}

/** Errors: ERR_QUEUE. */
async function requireUsable(redis: Redis, { shown }: RedisAddress): Promise<void> {
  const info = await redis.info();
  const value = (name: string): string => new RegExp(`^${name}:(.*)$`, "m").exec(info)?.[1]?.trim() ?? "";
  const version = value("redis_version");
  if (Number.parseFloat(version) < oldestRedis) {
    throw new LlmapError("ERR_QUEUE", `The Redis at ${shown} is version ${version}; ${oldestRedis} or later is needed.`);
  }
  const policy = value("maxmemory_policy");
  if (policy !== "" && policy !== "noeviction" && value("maxmemory") !== "0") {
    throw new LlmapError(
      "ERR_QUEUE",
      `The Redis at ${shown} throws keys away when its memory is full (maxmemory-policy ${policy}), and with them jobs and rows. Set it: redis-cli config set maxmemory-policy noeviction`,
    );
  }
}

function cannotConnect({ shown, password }: RedisAddress, reason: string, cause: unknown): LlmapError {
  const refused = /WRONGPASS|NOAUTH|NOPERM|invalid username-password|invalid password/i.test(reason);
  const advice = refused
    ? `Check the user in the address and the password${password === undefined ? " (none was given)" : ""}, in the address or LLMAP_REDIS_PASSWORD.`
    : "Check host and port, that it runs, and whether it wants TLS (rediss://).";
  const shownReason = password === undefined ? reason : reason.replaceAll(password, "***");
  return new LlmapError("ERR_QUEUE", `The Redis at ${shown} cannot be used: ${shownReason.replace(/\.$/, "")}. ${advice}`, { cause });
}

/** What Redis refuses is no bug of ours: a key of another kind, a command that its user may not give. @returns ERR_QUEUE for that, else the same error */
export function asQueueError(error: unknown, { shown }: Pick<RedisLink, "shown">): unknown {
  if (!(error instanceof Error) || error.name !== "ReplyError") return error;
  return new LlmapError("ERR_QUEUE", `The Redis at ${shown} says: ${error.message.slice(0, 500)}`, { cause: error });
}

/** What Redis says when it cannot take a write now, and may later: full, loading, its disk full, a replica. */
const passing = /^(ERR Error running script .* -?)?(OOM|MISCONF|LOADING|READONLY|BUSY|MASTERDOWN|NOREPLICAS|TRYAGAIN)\b|Connection is closed/;
const patience = 1000;

/**
 * Runs `work` again and again while Redis cannot take it. Where the signal fires, what Redis has not answered is given up.
 * @param onWait told once, with what Redis says
 * @param grace milliseconds for which it goes on after the signal
 * Errors: ERR_ABORTED; what else `work` throws.
 */
export async function patiently<Result>(work: () => Promise<Result>, signal: AbortSignal | undefined, onWait: (reason: string) => void, grace = 0): Promise<Result> {
  const end = delayed(signal, grace);
  try {
    for (let tries = 0; ; tries++) {
      try {
        return await orAborted(work(), end.signal);
      } catch (error) {
        if (!passing.test(messageOf(error))) throw error;
        if (tries === 0) onWait(messageOf(error));
        await pause(patience, end.signal);
      }
    }
  } finally {
    end.clear();
  }
}

/** A signal that fires `grace` milliseconds after the given one. */
function delayed(signal: AbortSignal | undefined, grace: number): { signal: AbortSignal | undefined; clear(): void } {
  if (grace === 0 || signal === undefined) return { signal, clear: () => undefined };
  const later = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const start = (): void => {
    timer = setTimeout(() => later.abort(), grace);
  };
  if (signal.aborted) start();
  else signal.addEventListener("abort", start);
  const clear = (): void => {
    clearTimeout(timer);
    signal.removeEventListener("abort", start);
  };
  return { signal: later.signal, clear };
}

const aborted = (): LlmapError => new LlmapError("ERR_ABORTED", "Interrupted; everything finished so far is kept.");

/** What `work` comes to; commands to a Redis that is gone come to nothing, ever. Errors: ERR_ABORTED as soon as the signal fires. */
async function orAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return await work;
  let onAbort: () => void = () => undefined;
  const end = new Promise<never>((_, reject) => {
    onAbort = () => reject(aborted());
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([work, end]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    // Nobody waits for it any more.
    work.catch(() => undefined);
  }
}

/** Waits, unless the signal fires first. Errors: ERR_ABORTED. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  throwIfAborted(signal);
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener("abort", end);
  });
  throwIfAborted(signal);
}
