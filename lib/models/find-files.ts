/** From a path, folder or glob as the user wrote it to files on this machine. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { LlmapError, messageOf } from "../errors.js";
import { notGguf } from "./file-kind.js";

export interface FoundFiles {
  /** Absolute, sorted. */
  paths: string[];
  /** The reference is the name of the file itself, not of a folder or glob that holds it. */
  named: boolean;
}

/**
 * The model files that a local reference stands for: the file; the *.gguf files in a folder and the folders below it; or what a glob matches (of those
 * without `.gguf` in their name, the ones that are GGUF files all the same). An existing path is never taken for a glob.
 * @param folder where a relative reference begins
 * Errors: ERR_NOT_FOUND if nothing is there, ERR_MODELS for a folder without models, ERR_GGUF for a named file that is something else.
 */
export async function findFiles(reference: string, folder: string): Promise<FoundFiles> {
  const path = resolve(folder, reference);
  const status = await stat(path).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw cannotRead(path, error);
  });
  if (status === null) return { paths: await matches(reference, folder), named: false };
  if (status.isDirectory()) {
    const paths = await search("**/*.gguf", path, { caseSensitiveMatch: false });
    if (paths.length === 0) throw new LlmapError("ERR_MODELS", `The folder ${path} holds no .gguf file, nor do the folders below it.`);
    return { paths, named: false };
  }
  await requireGguf(path);
  return { paths: [path], named: true };
}

/** Errors: ERR_GGUF saying what the file is instead, ERR_NOT_FOUND if it cannot be read. */
export async function requireGguf(path: string): Promise<void> {
  const found = await notGguf(path).catch((error: unknown) => {
    throw cannotRead(path, error);
  });
  if (found !== null) throw new LlmapError("ERR_GGUF", `${path} is not a GGUF model: it is ${found}.`);
}

async function matches(reference: string, folder: string): Promise<string[]> {
  // On Windows a backslash separates folders; elsewhere it escapes.
  const pattern = process.platform === "win32" ? reference.replaceAll("\\", "/") : reference;
  if (!isDynamicPattern(pattern)) {
    throw new LlmapError(
      "ERR_NOT_FOUND",
      `There is no file or folder ${resolve(folder, reference)}; name a GGUF file, a folder, a glob, hf:user/repo:quant or a URL` +
        `${reference.includes("+") ? ", or a base model with an adapter as BASE.gguf+ADAPTER.gguf" : ""}.`,
    );
  }
  const paths: string[] = [];
  for (const path of await search(pattern, folder)) {
    if (/\.gguf$/i.test(path) || (await notGguf(path).catch(() => "unreadable")) === null) paths.push(path);
  }
  if (paths.length === 0) throw new LlmapError("ERR_NOT_FOUND", `No GGUF file matches ${reference} (seen from ${resolve(folder)}).`);
  return paths;
}

async function search(pattern: string, folder: string, options: { caseSensitiveMatch?: boolean } = {}): Promise<string[]> {
  const paths = await glob(pattern, { cwd: folder, absolute: true, expandDirectories: false, ...options });
  return paths.map((path) => resolve(path)).sort();
}

function cannotRead(path: string, error: unknown): LlmapError {
  return new LlmapError("ERR_NOT_FOUND", `${path} cannot be read (${messageOf(error)}).`, { cause: error });
}
