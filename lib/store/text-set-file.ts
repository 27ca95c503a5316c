/** A text set as a file of its own, to score models on. */
import type { TextSet } from "../texts/text-set.js";
import { writeFileAtomic } from "./atomic-write.js";

/** Writes the set as JSONL (columns text, source, then its own), as `run --texts` reads it. Errors: ERR_RUN_FOLDER where it cannot be written. */
export async function writeTextSet(path: string, { texts }: TextSet): Promise<void> {
  const lines = texts.map(({ content, source, columns }) => JSON.stringify({ text: content, source, ...columns }));
  await writeFileAtomic(path, `${lines.join("\n")}\n`);
}
