/** Reads a text set from wherever the user has it. */
import { stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { throwIfAborted } from "../errors.js";
import { builtinTexts } from "./builtin.js";
import { downloadBytes, readBytes } from "./read-bytes.js";
import { readRecords } from "./records.js";
import { readTextFile, readTextFolder } from "./text-folder.js";
import { makeTextSet, type TextSet } from "./text-set.js";
import { decodeUtf8 } from "./utf8.js";

/**
 * Reads the texts that models are scored on.
 *
 * `reference` is one of
 * - `builtin`: the text set of the package;
 * - a JSONL file, one record per line (blank lines are skipped), or a JSON file with an array of records: which of the
 *   two is told from the content, not the name;
 * - an http(s) URL of such a file, at most 256 MiB;
 * - a *.txt file, which is one text;
 * - a folder: its *.txt files, sub-folders included, sorted by path, one text per file.
 *
 * A record is a string or an object. Its text is in the column `text` (or `content`, if the first record has no string
 * in `text`), its source in `source`, else in `pile_set_name`, so the file of the method's authors reads as it is.
 * All other columns are kept: lists and objects as JSON text, and a name that texts.arrow uses itself (text, content, bytes,
 * source) with `file_` in front. Equal texts are kept, each with its own number.
 *
 * Files are UTF-8, with or without a byte order mark; line ends are LF or CRLF.
 * @throws ERR_NOT_FOUND if there is no such file, folder or page; ERR_TEXTS, with the line, if a record is not JSON, has
 * no text, an empty one or one that is not Unicode, or if there is no record at all; ERR_ABORTED
 */
export async function readTextSet(reference: string, { signal }: { signal?: AbortSignal } = {}): Promise<TextSet> {
  throwIfAborted(signal);
  if (reference === "builtin") return readFileOf("builtin", builtinTexts, signal);
  if (/^https?:\/\//i.test(reference)) {
    const text = decodeUtf8(await downloadBytes(reference, signal), reference);
    return makeTextSet(urlName(reference), readRecords(text, reference));
  }
  const name = basename(resolve(reference));
  if (await isFolder(reference)) return makeTextSet(name, await readTextFolder(reference, signal));
  if (/\.txt$/i.test(reference)) return makeTextSet(name, [await readTextFile(dirname(reference), name, signal)]);
  return readFileOf(name, reference, signal);
}

async function readFileOf(name: string, path: string, signal: AbortSignal | undefined): Promise<TextSet> {
  return makeTextSet(name, readRecords(decodeUtf8(await readBytes(path, signal), path), path));
}

/** False also for a path that does not exist: reading it says why. */
async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** The last part of a URL's path, or its host. */
function urlName(url: string): string {
  const { pathname, host } = new URL(url);
  return pathname.split("/").findLast((part) => part !== "") ?? host;
}
