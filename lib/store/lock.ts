/**
 * Advisory locks as small files: one per model while it is scored, one per folder while it is mapped. A lock names host, process and
 * start time. A dead process of this host loses its lock; another host's lock is never taken over, since nobody here can tell.
 */
import { open, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { LlmapError } from "../errors.js";

const holderSchema = z.object({ host: z.string(), pid: z.number().int(), startedAt: z.string() });
type Holder = z.infer<typeof holderSchema>;

export interface Lock {
  release(): Promise<void>;
}

/**
 * Takes the lock file at `path`.
 * @param thing what is locked, for the message: "the model X"
 * Errors: ERR_LOCKED naming the holder.
 */
export async function acquireLock(path: string, thing: string): Promise<Lock> {
  const mine: Holder = { host: hostname(), pid: process.pid, startedAt: new Date().toISOString() };
  // Two tries: the second after removing the lock of a dead process.
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const file = await open(path, "wx");
      try {
        await file.writeFile(JSON.stringify(mine));
      } finally {
        await file.close();
      }
      return { release: () => rm(path, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = await readHolder(path);
    if (holder !== null && (holder.host !== mine.host || isAlive(holder.pid))) {
      throw new LlmapError(
        "ERR_LOCKED",
        `${thing} is in use by process ${holder.pid} on ${holder.host} since ${holder.startedAt}. ` +
          `Wait for it, or, if it is gone, delete ${path}.`,
      );
    }
    await rm(path, { force: true });
  }
  throw new LlmapError("ERR_LOCKED", `${thing} was locked by another process at the same moment. Try again.`);
}

const shortWait = 20;
const longestWait = 10_000;

/** Runs `work` under the lock, waiting up to ten seconds for a holder that is at work for a moment only. */
export async function withLock<Result>(path: string, thing: string, work: () => Promise<Result>): Promise<Result> {
  const deadline = performance.now() + longestWait;
  for (;;) {
    try {
      const lock = await acquireLock(path, thing);
      try {
        return await work();
      } finally {
        await lock.release();
      }
    } catch (error) {
      if (!(error instanceof LlmapError && error.code === "ERR_LOCKED") || performance.now() > deadline) throw error;
      await setTimeout(shortWait);
    }
  }
}

/** The holder, or null where the file is gone or was torn by a crash while it was written. */
async function readHolder(path: string): Promise<Holder | null> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
