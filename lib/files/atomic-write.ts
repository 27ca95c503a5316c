/** Files that are either whole or not there: written beside their place, synced to disk, then renamed. */
import { open, rename, stat, writeFile } from "node:fs/promises";
import { LlmapError, messageOf } from "../errors.js";
import { withTemporaryFile } from "./temporary-files.js";

/**
 * Writes `content` to `path` atomically: readers see the old file or the new one, never a part. Parts of a
 * content are written in order, one at a time. A device or a pipe (/dev/stdout) is written to
 * as it is, since a file renamed over it would take its place. Errors: ERR_RUN_FOLDER.
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array | Iterable<string | Uint8Array>): Promise<void> {
  try {
    if (await isOtherThanFile(path)) {
      await writeFile(path, content);
      return;
    }
    await withTemporaryFile(path, async (temporary) => {
      const file = await open(temporary, "w");
      try {
        await writeFile(file, content);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    });
  } catch (error) {
    // What making the content threw, an interruption for one, is not the disk's fault.
    throw error instanceof LlmapError ? error : cannotWrite(path, error);
  }
}

async function isOtherThanFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => !found.isFile(),
    () => false,
  );
}

/** The error for a full disk, a folder without permission and the like. */
export function cannotWrite(path: string, error: unknown): LlmapError {
  return new LlmapError("ERR_RUN_FOLDER", `Cannot write ${path}: ${messageOf(error)}. Everything finished so far is kept; mend that, or choose another folder.`, {
    cause: error,
  });
}
