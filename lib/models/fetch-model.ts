/** Models by URI: hf:user/repo:quant, hf:user/repo/file.gguf and http(s) URLs, fetched by node-llama-cpp. */
import { createHash } from "node:crypto";
import { basename, join, resolve } from "node:path";
import { createModelDownloader, resolveModelFile } from "node-llama-cpp";
import { LlmapError, messageOf, throwIfAborted } from "../errors.js";
import { cacheFolder } from "./cache-folder.js";
import { safeFileName } from "./model-names.js";

const connectTimeoutMs = 30_000;

/** Whether a reference is for {@link fetchModel}. */
export function isUri(reference: string): boolean {
  return /^(https?:\/\/|hf:|huggingface:|(hf\.co|huggingface\.co)\/)/i.test(reference);
}

export interface FetchOptions {
  /** Where downloads go; default: the folder `models` in the cache folder. */
  directory?: string | undefined;
  signal?: AbortSignal | undefined;
  onProgress: (bytes: number, ofBytes: number) => void;
}

/**
 * The path of the model's (first) file, after fetching what is not there yet. An interrupted download is continued by the next call.
 * Errors: ERR_NOT_FOUND if it cannot be fetched; ERR_ABORTED.
 */
export async function fetchModel(uri: string, options: FetchOptions): Promise<string> {
  const { signal, onProgress } = options;
  try {
    const present = await presentModel(uri, options.directory);
    if (present !== null) return present;
    await requireServer(uri, signal);
    const place = placeOf(uri, options.directory);
    // Not resolveModelFile: it takes a split model of which only the first file has arrived for a complete one.
    const { directory: dirPath, ...fileName } = place;
    const downloader = await untilAborted(
      createModelDownloader({
        ...{ modelUri: uri, dirPath, ...fileName, showCliProgress: false, skipExisting: true, deleteTempFileOnCancel: false },
        onProgress: ({ downloadedSize, totalSize }) => onProgress(downloadedSize, totalSize),
      }),
      signal,
    );
    const path = await downloader.download(signal ? { signal } : {});
    // A cancelled download ends as if it were done.
    throwIfAborted(signal);
    return path;
  } catch (error) {
    throwIfAborted(signal);
    throw new LlmapError(
      "ERR_NOT_FOUND",
      `${uri} cannot be fetched: ${firstLine(messageOf(error))}. Check its spelling and the network, or download it by other means and name its path.`,
      { cause: error },
    );
  }
}

/** The path of the model's (first) file if it has been fetched, else null. @param directory as in {@link FetchOptions} */
export async function presentModel(uri: string, directory: string | undefined): Promise<string | null> {
  try {
    return await resolveModelFile(uri, { ...placeOf(uri, directory), download: false, cli: false });
  } catch {
    return null;
  }
}

const placeOf = (uri: string, directory: string | undefined): { directory: string; fileName?: string } =>
  downloadPlace(uri, resolve(directory ?? join(cacheFolder(), "models")));

/**
 * Folder and file name of a download. node-llama-cpp names the files of hf: models for user, repository and quant, but those of URLs by their last part
 * only, and takes a file of that name for the one that is wanted: so each URL has a folder of its own.
 */
function downloadPlace(uri: string, directory: string): { directory: string; fileName?: string } {
  if (!/^https?:/i.test(uri)) return { directory };
  const url = new URL(uri);
  const hash = createHash("sha256").update(url.href).digest("hex").slice(0, 8);
  return {
    directory: join(directory, `${safeFileName(url.hostname)}-${hash}`),
    fileName: safeFileName(basename(decodeURIComponent(url.pathname))),
  };
}

/** Fails soon where the server does not answer: node-llama-cpp's downloader tries again for many minutes, and cannot be cancelled meanwhile. */
async function requireServer(uri: string, signal: AbortSignal | undefined): Promise<void> {
  const { HF_ENDPOINT, MODEL_ENDPOINT } = process.env;
  const server = /^https?:/i.test(uri) ? new URL(uri).origin : (MODEL_ENDPOINT ?? HF_ENDPOINT ?? "https://huggingface.co");
  const timeout = AbortSignal.timeout(connectTimeoutMs);
  try {
    await fetch(server, { method: "HEAD", redirect: "manual", signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new Error(`${server} does not answer (${messageOf(cause)})`, { cause: error });
  }
}

/** The promise's result, unless the signal fires first. */
async function untilAborted<Result>(promise: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  throwIfAborted(signal);
  return await new Promise((fulfil, reject) => {
    const onAbort = (): void => reject(new Error("aborted"));
    signal?.addEventListener("abort", onAbort, { once: true });
    promise.then(fulfil, reject).finally(() => signal?.removeEventListener("abort", onAbort));
  });
}

function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").replace(/[.\s]+$/, "");
}
