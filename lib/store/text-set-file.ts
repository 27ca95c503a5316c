/** A text set as a file of its own, to score models on. */
import type { TextSet } from "../texts/text-set.js";
import { writeFileAtomic } from "../files/atomic-write.js";

/** The set as JSONL (columns text, source, then its own), as `run --texts` reads it. */
export function textSetJsonl({ texts }: TextSet): string {
  const lines = texts.map(({ content, source, columns }) => JSON.stringify({ text: content, source, ...columns }));
  return `${lines.join("\n")}\n`;
}

/** Writes the set as JSONL. Errors: ERR_RUN_FOLDER where it cannot be written. */
export async function writeTextSet(path: string, set: TextSet): Promise<void> {
  await writeFileAtomic(path, textSetJsonl(set));
}
