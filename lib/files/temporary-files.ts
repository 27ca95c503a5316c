/** Files beside the ones that they will become, named for the process that writes them; and removing what killed processes left. */
import { randomInt } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { isAlive } from "../process-alive.js";

/** Part of the names of files that are one process's own, so that processes and hosts sharing a folder do not meet. */
export const writerId = `${hostname()}.${process.pid}`;

/** Temporary files of this process. Others with its id were left by a dead process that had the same, as happens in containers. */
const current = new Set<string>();
/** Not from 0: containers on two machines may have the same host name and process id. */
let created = randomInt(2 ** 40);

/** Runs `work` with the path of a temporary file beside `path`, which is gone afterwards unless `work` renamed it. */
export async function withTemporaryFile<Result>(path: string, work: (temporary: string) => Promise<Result>): Promise<Result> {
  const temporary = join(dirname(path), `.${basename(path).replace(/^\./, "")}.${writerId}.${++created}.tmp`);
  current.add(temporary);
  try {
    return await work(temporary);
  } finally {
    // Where it cannot be removed (a disk that has become read-only), what went wrong before is the error to tell; a later run removes it.
    await rm(temporary, { force: true }).catch(() => undefined);
    current.delete(temporary);
  }
}

/** Removes the temporary files in `directory` of processes of this host that are gone, as far as it can. */
export async function removeTemporaryFiles(directory: string): Promise<void> {
  for (const name of await readdir(directory).catch((): string[] => [])) {
    const { before = "", pid = "" } = /^\.(?<before>.+)\.(?<pid>\d+)\.\d+\.tmp$/.exec(name)?.groups ?? {};
    if (!before.endsWith(`.${hostname()}`)) continue;
    const path = join(directory, name);
    const isInUse = Number(pid) === process.pid ? current.has(path) : isAlive(Number(pid));
    if (!isInUse) await rm(path, { force: true }).catch(() => undefined);
  }
}
