/** Files that are either whole or not there: written beside their place, synced to disk, then renamed. */
import { open, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";

/** Part of temporary names, so that processes and hosts sharing a folder do not meet. */
export const writerId = `${hostname()}.${process.pid}`;

/** Writes `content` to `path` atomically: readers see the old file or the new one, never a part. */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${writerId}.tmp`);
  try {
    const file = await open(temporary, "w");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
