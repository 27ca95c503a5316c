/** From what the user named to the files of each model, every model once. */
import { realpath } from "node:fs/promises";
import { LlmapError } from "../errors.js";
import { splitReference } from "./adapter-reference.js";
import { fetchGguf } from "./fetch-gguf.js";
import { isUri, presentModel, type FetchOptions } from "./fetch-model.js";
import { findFiles } from "./find-files.js";
import { readModelList, type ListedModel } from "./model-list.js";
import { partPaths } from "./split-files.js";

/** A model that was named, by itself or by a folder or glob; whether it is one is not known yet. */
export interface LocatedModel {
  /** Absolute paths of its files: all parts of a split model (they need not all exist), else one. */
  parts: [string, ...string[]];
  /** Absolute paths of the adapters on top of it, in the order named. */
  adapters: string[];
  /** What the user wrote. */
  reference: string;
  /** The name that a list gives it. */
  listedName: string | null;
  labels: Record<string, string>;
  /** The URIs that its files come from: of the base, then of each adapter; null for a local path. */
  uris: (string | null)[];
  /** False where a file is at its URI only: its path is then that of the URI, for a name. */
  isHere: boolean;
}

interface LocateOptions {
  /** Fetch what is at a URI and not here yet; default true. */
  fetches?: boolean | undefined;
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
  const wantedFiles: { one: Wanted; files: WantedFile[] }[] = [];
  for (const one of wanted) wantedFiles.push({ one, files: await filesOf(one) });
  const located = new UniqueModels();
  for (const { one, files } of wantedFiles) {
    const found: string[][] = [];
    const uris: (string | null)[] = [];
    let isHere = true;
    for (const { reference, local } of files) {
      const fetched = local === null && options.fetches === false ? await presentModel(reference, options.modelsDirectory) : null;
      if (local !== null) found.push(local);
      else if (options.fetches === false) found.push([fetched ?? pathOfUri(reference)]);
      else found.push([await download({ ...one, reference }, options)]);
      uris.push(local === null ? reference : null);
      isHere &&= local !== null || options.fetches !== false || fetched !== null;
    }
    const [bases = [], ...adapters] = found;
    for (const base of bases) await located.add(isHere ? partPaths(base) : [base], adapters.flat(), { ...one, uris, isHere });
  }
  return located.models;
}

/** A base or an adapter that a reference names, with its files where they are on this machine already. */
interface WantedFile {
  reference: string;
  local: string[] | null;
}

/** What a reference names: a base (or many, without adapters), then its adapters. */
async function filesOf(wanted: Wanted): Promise<WantedFile[]> {
  const references = await splitReference(wanted.reference, wanted.folder);
  const files: WantedFile[] = [];
  for (const reference of references) {
    files.push({ reference, local: isUri(reference) ? null : await localFiles({ ...wanted, reference }, references.length > 1) });
  }
  return files;
}

/** A line of the list, or a reference, which has no place in a file. */
type Wanted = Omit<ListedModel, "place"> & { place: string | null };

async function localFiles({ reference, folder, place }: Wanted, hasAdapters: boolean): Promise<string[]> {
  try {
    const { paths, named } = await findFiles(reference, folder);
    if (hasAdapters && !named) {
      throw new LlmapError("ERR_MODELS", `${reference} is a folder or glob; BASE+ADAPTER names one file on each side of the +.`);
    }
    if (place !== null && !named) {
      throw new LlmapError("ERR_MODELS", `${reference} is a folder or glob; a list names one model in each line.`);
    }
    return paths;
  } catch (error) {
    throw inPlace(error, place);
  }
}

/** Without scheme, query and fragment: what a name can be made of. */
function pathOfUri(uri: string): string {
  return uri.replace(/^https?:\/\//i, "").replace(/^[a-z]+:/i, "").replace(/[?#].*$/, "");
}

async function download({ reference, place }: Wanted, options: LocateOptions): Promise<string> {
  try {
    const fetchOptions: FetchOptions = {
      directory: options.modelsDirectory,
      signal: options.signal,
      onProgress: (bytes, ofBytes) => options.onDownload(reference, bytes, ofBytes),
    };
    return await fetchGguf(reference, fetchOptions);
  } catch (error) {
    throw inPlace(error, place);
  }
}

/** The error, with the line of the list in front that it comes from. */
function inPlace(error: unknown, place: string | null): unknown {
  if (place === null || !(error instanceof LlmapError) || error.code === "ERR_ABORTED") return error;
  return new LlmapError(error.code, `${place}: ${error.message}`, { cause: error });
}

/** Models by the real paths of their first file and their adapters. The first to name a model gives it name and labels. */
class UniqueModels {
  readonly models: LocatedModel[] = [];
  readonly #first = new Map<string, Wanted>();

  /** Errors: ERR_MODELS for a model that a list names twice in different ways, and for an adapter that is named twice for one model. */
  async add(parts: [string, ...string[]], adapters: string[], wanted: Wanted & Pick<LocatedModel, "uris" | "isHere">): Promise<void> {
    const files = await Promise.all([parts[0], ...adapters].map((path) => realpath(path).catch(() => path)));
    const repeated = adapters.find((_, index) => files.indexOf(files[index + 1] ?? "") !== index + 1);
    if (repeated !== undefined) {
      const error = new LlmapError("ERR_MODELS", `${wanted.reference} names ${repeated} twice; each file can be applied once.`);
      throw inPlace(error, wanted.place);
    }
    const key = files.join("\n");
    const first = this.#first.get(key);
    if (first === undefined) {
      this.#first.set(key, wanted);
      this.models.push({ parts, adapters, reference: wanted.reference, listedName: wanted.name, labels: wanted.labels, uris: wanted.uris, isHere: wanted.isHere });
    } else if (first.place !== null && wanted.place !== null && !isSameRow(first, wanted)) {
      throw new LlmapError("ERR_MODELS", `${wanted.place} names the model of ${first.place} again, with another name or other labels; keep one of them.`);
    }
  }
}

function isSameRow(one: Wanted, other: Wanted): boolean {
  return one.name === other.name && JSON.stringify(one.labels) === JSON.stringify(other.labels);
}
