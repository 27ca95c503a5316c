/** From what the user named to the files of each model, every model once. */
import { realpath, rm } from "node:fs/promises";
import { LlmapError } from "../errors.js";
import { fetchModel, isUri, type FetchOptions } from "./fetch-model.js";
import { findFiles, requireGguf } from "./find-files.js";
import { readModelList, type ListedModel } from "./model-list.js";
import { partPaths } from "./split-files.js";

/** A model that was named, by itself or by a folder or glob; whether it is one is not known yet. */
export interface LocatedModel {
  /** Absolute paths of its files: all parts of a split model (they need not all exist), else one. */
  parts: [string, ...string[]];
  /** What the user wrote. */
  reference: string;
  /** The name that a list gives it. */
  listedName: string | null;
  labels: Record<string, string>;
}

interface LocateOptions {
  list?: string | undefined;
  modelsDirectory?: string | undefined;
  signal?: AbortSignal | undefined;
  onDownload: (uri: string, bytes: number, ofBytes: number) => void;
}

/**
 * The models of the list, then those of the references, each model once, in the order in which they were named. Everything local is checked
 * before the first download.
 * Errors: ERR_MODELS, ERR_NOT_FOUND and ERR_GGUF as `resolveModels` documents them; ERR_ABORTED.
 */
export async function locateModels(references: readonly string[], options: LocateOptions): Promise<LocatedModel[]> {
  const wanted = [
    ...(options.list === undefined ? [] : await readModelList(options.list)),
    ...references.map((reference) => ({ reference, folder: ".", name: null, labels: {}, place: null })),
  ];
  if (wanted.length === 0) {
    throw new LlmapError("ERR_MODELS", "No model was named; name GGUF files, folders, globs, hf:user/repo:quant, URLs or a list.");
  }
  const local = new Map<Wanted, string[]>();
  for (const one of wanted) {
    if (!isUri(one.reference)) local.set(one, await localFiles(one));
  }
  const located = new UniqueModels();
  for (const one of wanted) {
    for (const path of local.get(one) ?? [await download(one, options)]) await located.add(partPaths(path), one);
  }
  return located.models;
}

/** A line of the list, or a reference, which has no place in a file. */
type Wanted = Omit<ListedModel, "place"> & { place: string | null };

async function localFiles({ reference, folder, place }: Wanted): Promise<string[]> {
  try {
    const { paths, named } = await findFiles(reference, folder);
    if (place !== null && !named) {
      throw new LlmapError("ERR_MODELS", `${reference} is a folder or glob; a list names one model in each line.`);
    }
    return paths;
  } catch (error) {
    throw inPlace(error, place);
  }
}

async function download({ reference, place }: Wanted, options: LocateOptions): Promise<string> {
  try {
    const fetchOptions: FetchOptions = {
      directory: options.modelsDirectory,
      signal: options.signal,
      onProgress: (bytes, ofBytes) => options.onDownload(reference, bytes, ofBytes),
    };
    const path = await fetchModel(reference, fetchOptions);
    try {
      await requireGguf(path);
    } catch (error) {
      // Kept, it would be taken for the model the next time.
      await rm(path, { force: true });
      throw error;
    }
    return path;
  } catch (error) {
    throw inPlace(error, place);
  }
}

/** The error, with the line of the list in front that it comes from. */
function inPlace(error: unknown, place: string | null): unknown {
  if (place === null || !(error instanceof LlmapError) || error.code === "ERR_ABORTED") return error;
  return new LlmapError(error.code, `${place}: ${error.message}`, { cause: error });
}

/** Models by the real path of their first file. The first to name a model gives it name and labels. */
class UniqueModels {
  readonly models: LocatedModel[] = [];
  readonly #first = new Map<string, Wanted>();

  async add(parts: [string, ...string[]], wanted: Wanted): Promise<void> {
    const key = await realpath(parts[0]).catch(() => parts[0]);
    const first = this.#first.get(key);
    if (first === undefined) {
      this.#first.set(key, wanted);
      this.models.push({ parts, reference: wanted.reference, listedName: wanted.name, labels: wanted.labels });
    } else if (first.place !== null && wanted.place !== null && !isSameRow(first, wanted)) {
      throw new LlmapError("ERR_MODELS", `${wanted.place} names the file of ${first.place} again, with another name or other labels; keep one of them.`);
    }
  }
}

function isSameRow(one: Wanted, other: Wanted): boolean {
  return one.name === other.name && JSON.stringify(one.labels) === JSON.stringify(other.labels);
}
