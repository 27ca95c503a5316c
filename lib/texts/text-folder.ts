/** A folder of plain text files. */
import { dirname, join } from "node:path/posix";
import { glob } from "tinyglobby";
import { LlmapError } from "../errors.js";
import { readBytes } from "./read-bytes.js";
import type { TextContent } from "./text-set.js";
import { decodeUtf8 } from "./utf8.js";

const filesAtOnce = 64;

/**
 * The *.txt files below a folder, one text each, in the order of their paths (by character code, so that it is the
 * same everywhere). A file's content is taken as it is, line ends included, less a byte order mark.
 * The source is the sub-folder, if there is one; the column `file` is the path below the folder.
 * @throws ERR_TEXTS if there is no such file, or one is empty or not UTF-8; ERR_NOT_FOUND, ERR_ABORTED
 */
export async function readTextFolder(folder: string, signal: AbortSignal | undefined): Promise<TextContent[]> {
  const files = await glob("**/*.txt", { cwd: folder, caseSensitiveMatch: false });
  if (files.length === 0) {
    throw new LlmapError("ERR_TEXTS", `${folder} holds no text: expected *.txt files, found none; name a folder of them, or a JSONL file.`);
  }
  const texts: TextContent[] = [];
  files.sort();
  for (let first = 0; first < files.length; first += filesAtOnce) {
    texts.push(...(await Promise.all(files.slice(first, first + filesAtOnce).map((file) => readTextFile(folder, file, signal)))));
  }
  return texts;
}

/** One file as one text. @param file path below the folder. Errors as of {@link readTextFolder}. */
export async function readTextFile(folder: string, file: string, signal: AbortSignal | undefined): Promise<TextContent> {
  const path = join(folder, file);
  const content = decodeUtf8(await readBytes(path, signal), path);
  if (content === "") throw new LlmapError("ERR_TEXTS", `${path} is empty: expected a text; fill it or take it out of the folder.`);
  const subfolder = dirname(file);
  return { content, source: subfolder === "." ? null : subfolder, columns: { file } };
}
