/** A text set as a file of its own, to score models on. */
import { stat, writeFile } from "node:fs/promises";
import type { TextSet } from "../texts/text-set.js";
import { cannotWrite, writeFileAtomic } from "./atomic-write.js";

/** Writes the set as JSONL (columns text, source, then its own), as `run --texts` reads it. Errors: ERR_RUN_FOLDER where it cannot be written. */
export async function writeTextSet(path: string, { texts }: TextSet): Promise<void> {
  const lines = texts.map(({ content, source, columns }) => JSON.stringify({ text: content, source, ...columns }));
  const content = `${lines.join("\n")}\n`;
  if (await isOtherThanFile(path)) {
    await writeFile(path, content).catch((error: unknown) => {
      throw cannotWrite(path, error);
    });
  } else {
    await writeFileAtomic(path, content);
  }
}

/** A device or a pipe (/dev/stdout) is written to; a file renamed over it would take its place. */
async function isOtherThanFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => !found.isFile(),
    () => false,
  );
}
