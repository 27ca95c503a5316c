/** How long leases last, and what follows from that. */

export interface QueueTimes {
  /** A worker that does not renew its lease for so long, ms, is taken for dead. */
  lock: number;
  /** Between two looks for leases that ran out, ms. */
  stalledCheck: number;
  /** A ticket that a worker handed back, since it cannot use it, rests for so long, ms. */
  refusal: number;
  /** A model fails once all workers that are there have refused it for so long, ms. */
  allRefused: number;
  /** The caller looks after a model's tickets when nothing has come from workers for so long, ms. */
  quiet: number;
}

/** BullMQ's count is not used: a run says for itself how many deaths a model may cause (`--max-stalled`). */
export const unlimitedStalls = 1_000_000;

const defaultLock = 30_000;

/** From the lease alone. LLMAP_QUEUE_LOCK_SECONDS shortens it for tests; all workers and callers of a queue need the same. */
export function queueTimes(environment: NodeJS.ProcessEnv = process.env): QueueTimes {
  const seconds = Number(environment["LLMAP_QUEUE_LOCK_SECONDS"]);
  const lock = seconds > 0 ? seconds * 1000 : defaultLock;
  return { lock, stalledCheck: lock / 2, refusal: Math.min(2000, lock / 4), allRefused: 2 * lock, quiet: lock / 2 };
}
