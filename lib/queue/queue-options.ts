/** What a caller may say about the queue. */
import { LlmapError } from "../errors.js";
import { requireWholeNumber } from "../option-checks.js";
import { defaultPrefix } from "./keys.js";
import { limits } from "./protocol.js";

/** The Redis, and how a run uses it. */
export interface QueueOptions {
  /** redis://host:port, or rediss:// for TLS; a password that it leaves out is taken from LLMAP_REDIS_PASSWORD. */
  queue: string;
  /** Of all keys in Redis; default llmap. */
  prefix?: string;
  /** Folder that this machine and the workers share; models that lie elsewhere and have no URI cannot be scored by others. Default: none. */
  sharedFiles?: string | null;
  /** Parts of each model, scored side by side; default: by the size of the model, one for a small one. */
  parts?: number | null;
  /** Workers may die so many times while they have a model in hand, before it counts as failed; default 10. */
  maxStalled?: number;
  /** Let workers fetch by http: from other machines too; they must allow it themselves. */
  allowHttp?: boolean;
  /** Collect a run that this folder has on the queue; its models, texts and settings are known. */
  attach?: boolean;
}

const defaultMaxStalled = 10;

/** The options with defaults filled in. Errors: ERR_USAGE naming the option. */
export function queueOptions({ queue, prefix, sharedFiles, parts, maxStalled, allowHttp, attach }: QueueOptions): Required<QueueOptions> {
  requireWholeNumber("parts (--parts)", parts ?? null, 1, limits.parts);
  requireWholeNumber("maxStalled (--max-stalled)", maxStalled ?? null, 0, 1000);
  return {
    queue,
    prefix: requirePrefix(prefix ?? defaultPrefix),
    sharedFiles: sharedFiles ?? null,
    parts: parts ?? null,
    maxStalled: maxStalled ?? defaultMaxStalled,
    allowHttp: allowHttp ?? false,
    attach: attach ?? false,
  };
}

/** Errors: ERR_USAGE. */
export function requirePrefix(prefix: string): string {
  if (/^[\w.{}-]{1,64}$/.test(prefix)) return prefix;
  throw new LlmapError("ERR_USAGE", `Expected letters, digits and -_.{} for the prefix of the queue (--queue-prefix) but received ${JSON.stringify(prefix.slice(0, 100))}.`);
}
