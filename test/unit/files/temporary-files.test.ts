import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { removeTemporaryFiles, withTemporaryFile } from "../../../lib/files/temporary-files.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

it("a temporary file is gone after work that failed, and its error is the one that is told", async () => {
  const folder = temporaryFolder();
  const work = withTemporaryFile(join(folder, "table"), async (temporary) => {
    await writeFile(temporary, "half");
    throw new Error("disk full");
  });
  await expect(work).rejects.toThrow("disk full");
  expect(readdirSync(folder)).toEqual([]);
});

it("two writers of one file in one process do not meet", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "table");
  await Promise.all(
    ["one", "two"].map((content) =>
      withTemporaryFile(path, async (temporary) => {
        expect(existsSync(temporary)).toBe(false);
        await writeFile(temporary, content);
        await rename(temporary, path);
      }),
    ),
  );
  expect(readdirSync(folder)).toEqual(["table"]);
});

it("what dead processes of this host left is removed, nothing else", async () => {
  const folder = temporaryFolder();
  const dead = spawnSync(process.execPath, ["--version"]).pid;
  const left = [
    `.run.json.${hostname()}.${dead}.3.tmp`,
    `.model.lock.${hostname()}.${dead}.12.tmp`,
    // Of a dead process that had the id of this one.
    `.run.json.${hostname()}.${process.pid}.100000.tmp`,
  ];
  const kept = [
    `.run.json.${hostname()}.${process.ppid}.3.tmp`,
    `.run.json.another-host.${dead}.3.tmp`,
    `.model.${hostname()}.${dead}.arrows`,
    `.notes.${dead}.3.tmp`,
    "mine.tmp",
    "run.json",
  ];
  for (const name of [...left, ...kept]) writeFileSync(join(folder, name), "");
  await withTemporaryFile(join(folder, "table"), async (temporary) => {
    await writeFile(temporary, "in work");
    await removeTemporaryFiles(folder);
    expect(existsSync(temporary)).toBe(true);
  });
  expect(readdirSync(folder).sort()).toEqual(kept.sort());
});

it("a folder that is not there has none", async () => {
  await expect(removeTemporaryFiles(join(temporaryFolder(), "missing"))).resolves.toBeUndefined();
});
