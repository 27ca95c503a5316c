/** What is wrong with a file of log-likelihoods, and where. */
import { LlmapError, messageOf, throwIfAborted } from "../errors.js";

/** @param line from 1; null where the format has no lines */
export function scoresError(file: string, line: number | null, expected: string, found: string, cause?: unknown): LlmapError {
  const place = line === null ? file : `${file} line ${line}`;
  return new LlmapError("ERR_SCORES", `${place}: expected ${expected}, found ${found}. Nothing was imported.`, { cause });
}

/** For what a file system or a library throws while a file is read: ERR_NOT_FOUND, ERR_ABORTED or ERR_SCORES. */
export function cannotReadScores(file: string, expected: string, error: unknown, signal: AbortSignal | undefined): LlmapError {
  throwIfAborted(signal);
  if (error instanceof LlmapError) return error;
  if (error instanceof Error && "syscall" in error) {
    return new LlmapError("ERR_NOT_FOUND", `Cannot read ${file}: ${messageOf(error)}. Check the path.`, { cause: error });
  }
  return scoresError(file, null, expected, `one that cannot be read (${messageOf(error).replaceAll(/\s+/g, " ")})`, error);
}
