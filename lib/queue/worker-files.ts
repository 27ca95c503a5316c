/** The files of a model of the queue on a worker's machine. */
import { LlmapError } from "../errors.js";
import { fetchGguf } from "../models/fetch-gguf.js";
import { adaptedSha256 } from "../models/file-identity.js";
import { inspectWithAdapters } from "../models/inspect-adapters.js";
import type { ModelFacts } from "../models/model.js";
import { partPaths } from "../models/split-files.js";
import { allowedUri, fileBelow } from "./file-sources.js";
import type { FileSource, QueuedModel } from "./protocol.js";
import { Refusal } from "./refusal.js";

export interface WorkerFiles {
  path: string;
  adapters: string[];
  sha256: string;
  facts: ModelFacts;
}

export interface FilePlaces {
  /** The folder that callers and this worker share; null: none. */
  sharedFiles: string | null;
  allowHttp: boolean;
  onDownload: (uri: string, bytes: number, ofBytes: number) => void;
}

/**
 * Finds or fetches the files, and checks what they are.
 * Errors: {@link Refusal} where this worker cannot get at them, may not, or has others of their names; ERR_NOT_FOUND where a URI cannot be fetched; ERR_GGUF
 * where they are no model; ERR_ABORTED.
 */
export async function workerFiles(model: QueuedModel, places: FilePlaces, signal: AbortSignal): Promise<WorkerFiles> {
  const paths: string[] = [];
  for (const file of model.files) paths.push(await obtain(file, places, signal));
  const [path = "", ...adapters] = paths;
  const parts = partPaths(path);
  if (model.files[0].kind === "shared") {
    // Parts of a split model that lead elsewhere, by links.
    const folder = model.files[0].path.split("/").slice(0, -1);
    for (const part of parts) await shared([...folder, part.split(/[\\/]/).at(-1) ?? ""].join("/"), places);
  }
  const inspection = await inspectWithAdapters(parts, adapters);
  if (inspection.kind !== "model") throw new LlmapError("ERR_GGUF", inspection.reason);
  const sha256 = await adaptedSha256(parts, adapters, { signal, onBytes: () => undefined });
  if (model.sha256 !== null && model.sha256 !== sha256) {
    throw new Refusal(`Its file here is another one: expected sha256 ${model.sha256}, found ${sha256}. Replace the file, or give it another name.`);
  }
  return { path, adapters, sha256, facts: inspection.facts };
}

async function obtain(file: FileSource, places: FilePlaces, signal: AbortSignal): Promise<string> {
  if (file.kind === "shared") return shared(file.path, places);
  let uri: string;
  try {
    uri = allowedUri(file.uri, places.allowHttp);
  } catch (error) {
    throw refused(error);
  }
  return await fetchGguf(uri, { directory: undefined, signal, onProgress: (bytes, ofBytes) => places.onDownload(uri, bytes, ofBytes) });
}

async function shared(path: string, { sharedFiles }: FilePlaces): Promise<string> {
  if (sharedFiles === null) throw new Refusal("The model lies in a folder that callers and workers share, and this worker was started without --shared-files.");
  try {
    return await fileBelow(sharedFiles, path);
  } catch (error) {
    throw refused(error);
  }
}

function refused(error: unknown): unknown {
  return error instanceof LlmapError ? new Refusal(error.message, { cause: error }) : error;
}
