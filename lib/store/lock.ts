/**
 * Advisory locks as small files: one per model while it is scored, one per folder while it is mapped. A lock names host, process and
 * start time. A dead process of this host loses its lock; another host's lock is never taken over, since nobody here can tell.
 */
import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { LlmapError } from "../errors.js";
import { cannotWrite } from "../files/atomic-write.js";
import { isAlive } from "../process-alive.js";
import { withTemporaryFile } from "../files/temporary-files.js";

const holderSchema = z.object({
  host: z.string(),
  pid: z.number().int(),
  startedAt: z.string(),
  /** Tells the locks of one process id apart: after a crash in a container, the next process often has the same. */
  token: z.string(),
});
type Holder = z.infer<typeof holderSchema>;

export interface Lock {
  release(): Promise<void>;
}

/** Tokens of this process's locks. A lock with its id and another token was left by a dead process that had the same id. */
const held = new Set<string>();

/**
 * Takes the lock file at `path`.
 * @param thing what is locked, for the message: "the model X"
 * Errors: ERR_LOCKED naming the holder; ERR_RUN_FOLDER where the file cannot be written.
 */
export async function acquireLock(path: string, thing: string): Promise<Lock> {
  const mine: Holder = { host: hostname(), pid: process.pid, startedAt: new Date().toISOString(), token: randomUUID() };
  // Two tries: the second after removing the lock of a dead process.
  for (let attempt = 0; attempt < 2; attempt++) {
    held.add(mine.token);
    if (await createWhole(path, JSON.stringify(mine))) {
      return {
        release: async () => {
          held.delete(mine.token);
          // A lock that cannot be removed (a disk that has become read-only) is taken over as soon as this process is gone.
          await rm(path, { force: true }).catch(() => undefined);
        },
      };
    }
    held.delete(mine.token);
    const content = await readLock(path);
    const holder = parseHolder(content);
    const isDead = holder === null || (holder.host === mine.host && !(holder.pid === process.pid ? held.has(holder.token) : isAlive(holder.pid)));
    if (!isDead) {
      throw new LlmapError(
        "ERR_LOCKED",
        `${thing} is in use by process ${holder.pid} on ${holder.host} since ${holder.startedAt}. ` +
          `Wait for it, or, if it is gone, delete ${path}.`,
      );
    }
    await removeIf(path, content);
  }
  throw new LlmapError("ERR_LOCKED", `${thing} was locked by another process at the same moment. Try again.`);
}

/** Creates the file with its content in one step, so that nobody sees it empty. False where it exists. */
async function createWhole(path: string, content: string): Promise<boolean> {
  try {
    await withTemporaryFile(path, async (temporary) => {
      await writeFile(temporary, content);
      await link(temporary, path);
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw cannotWrite(path, error);
  }
}

/** Removes a dead process's lock, unless another process has just taken it over: then it is put back. */
async function removeIf(path: string, content: string | null): Promise<void> {
  await withTemporaryFile(path, async (aside) => {
    try {
      await rename(path, aside);
    } catch {
      return; // gone already
    }
    if ((await readLock(aside)) !== content) await link(aside, path).catch(() => undefined);
  });
}

async function readLock(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return null;
  }
}

/** The holder, or null where the file is gone or torn. */
function parseHolder(content: string | null): Holder | null {
  try {
    return holderSchema.parse(JSON.parse(content ?? ""));
  } catch {
    return null;
  }
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
