/** Building a text set into a file, and telling what a set is. */
import { basename } from "node:path";
import { writeTextSet } from "../store/text-set-file.js";
import { buildTextSet, textSetFacts, type BuildTextSetOptions, type TextSetFacts } from "../texts/build-text-set.js";
import { LlmapError } from "../errors.js";
import { readTextSet } from "../texts/read-text-set.js";

/** Options of `texts`. */
export interface TextsOptions extends BuildTextSetOptions {
  /** The JSONL file to write; absent: only its facts are told. */
  out?: string | null;
  /** Tell the facts of one input as it is, without cutting or sampling. */
  inspect?: boolean;
}

/**
 * Builds a text set and writes it where `out` says. The same inputs and seed give the same file.
 * Errors: ERR_USAGE, ERR_TEXTS, ERR_NOT_FOUND, ERR_ABORTED; ERR_RUN_FOLDER where the file cannot be written.
 */
export async function texts(options: TextsOptions): Promise<TextSetFacts> {
  const { inputs, out = null, inspect = false, signal } = options;
  if (inspect) {
    const [input] = inputs;
    if (input === undefined || inputs.length > 1 || out !== null) {
      throw new LlmapError("ERR_USAGE", "Expected one text set, and no --out, with --inspect. It tells what a set is and writes nothing.");
    }
    return textSetFacts(await readTextSet(input, signal ? { signal } : {}));
  }
  const set = await buildTextSet(out === null ? inputs.map((input) => basename(input)).join(", ") : basename(out), options);
  if (out !== null) await writeTextSet(out, set);
  return textSetFacts(set);
}
