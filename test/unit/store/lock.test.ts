import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { acquireLock, withLock } from "../../../lib/store/lock.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const holder = (host: string, pid: number): string => JSON.stringify({ host, pid, startedAt: "2026-01-01T00:00:00.000Z", token: "another" });

/** The id of a process that has just ended. */
const deadPid = (): number => spawnSync(process.execPath, ["--version"]).pid;

describe("acquireLock", () => {
  it("names host, process and start, and leaves nothing behind", async () => {
    const path = join(temporaryFolder(), "lock");
    const lock = await acquireLock(path, "The thing");
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ host: hostname(), pid: process.pid });
    await lock.release();
    expect(existsSync(path)).toBe(false);
  });

  it("refuses a thing that a living process holds, by its id", async () => {
    const path = join(temporaryFolder(), "lock");
    writeFileSync(path, holder(hostname(), process.ppid));
    await expect(acquireLock(path, "The thing")).rejects.toMatchObject({
      code: "ERR_LOCKED",
      message: expect.stringContaining(`The thing is in use by process ${process.ppid}`) as string,
    });
  });

  it("takes over the lock of a dead process of this host", async () => {
    const path = join(temporaryFolder(), "lock");
    writeFileSync(path, holder(hostname(), deadPid()));
    await (await acquireLock(path, "The thing")).release();
  });

  it("takes over the lock of a dead process that had the id of this one", async () => {
    const path = join(temporaryFolder(), "lock");
    writeFileSync(path, holder(hostname(), process.pid));
    await (await acquireLock(path, "The thing")).release();
  });

  it("never takes over another host's lock", async () => {
    const path = join(temporaryFolder(), "lock");
    writeFileSync(path, holder("another-host", deadPid()));
    await expect(acquireLock(path, "The thing")).rejects.toMatchObject({ code: "ERR_LOCKED" });
    expect(existsSync(path)).toBe(true);
  });

  it("takes over a lock that a crash tore while it was written", async () => {
    const path = join(temporaryFolder(), "lock");
    writeFileSync(path, '{"host":');
    await (await acquireLock(path, "The thing")).release();
  });
});

it("withLock lets workers in one after the other", async () => {
  const path = join(temporaryFolder(), "lock");
  let inside = 0;
  const results = await Promise.all(
    [1, 2, 3, 4].map((number) =>
      withLock(path, "The thing", async () => {
        expect(++inside).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 5));
        inside--;
        return number;
      }),
    ),
  );
  expect(results).toEqual([1, 2, 3, 4]);
});
