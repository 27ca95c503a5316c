/** Whole files from this machine or from the web. */
import { readFile, stat } from "node:fs/promises";
import { LlmapError, messageOf, throwIfAborted } from "../errors.js";

/** Bytes; the authors' set of 10,000 texts has a twentieth of it. */
export const largestFile = 256 * 2 ** 20;

/** @throws ERR_NOT_FOUND, ERR_TEXTS if the file is larger than 256 MiB, ERR_ABORTED */
export async function readBytes(path: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > largestFile) throw tooLarge(path, size);
    return await readFile(path, { signal });
  } catch (error) {
    throw readError(error, `Cannot read the texts ${path}`, "check the path", signal);
  }
}

/** @throws ERR_NOT_FOUND, ERR_TEXTS if the answer is larger than 256 MiB, ERR_ABORTED */
export async function downloadBytes(url: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  try {
    const response = await fetch(url, { signal: signal ?? null });
    if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`.trimEnd());
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > largestFile) throw tooLarge(url, size);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    throw readError(error, `Cannot download the texts ${url}`, "check the address and the network", signal);
  }
}

function tooLarge(name: string, size: number): LlmapError {
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
  return new LlmapError(
    "ERR_TEXTS",
    `${name} is too large: expected at most ${mebibytes(largestFile)} MiB, found ${mebibytes(size)} MiB or more; take a sample of the texts.`,
  );
}

function readError(error: unknown, what: string, remedy: string, signal: AbortSignal | undefined): LlmapError {
  throwIfAborted(signal);
  if (error instanceof LlmapError) return error;
  // fetch says only "fetch failed" itself; the reason is below it.
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return new LlmapError("ERR_NOT_FOUND", `${what}: ${messageOf(reason)}; ${remedy}.`, { cause: error });
}
