/** Which models the user means, and what they are. */
import { LlmapError, messageOf, throwIfAborted } from "../errors.js";
import { adaptedSha256 } from "./file-identity.js";
import { inspectWithAdapters } from "./inspect-adapters.js";
import type { Inspection } from "./inspect-model.js";
import { locateModels, type LocatedModel } from "./locate-models.js";
import { nameModels } from "./model-names.js";
import type { InspectedModels, ResolvedModels } from "./model.js";
import { partPaths } from "./split-files.js";

/** Bytes fetched or hashed so far. */
export interface ResolveProgress {
  /** The model's name, or its URI while it is fetched. */
  model: string;
  step: "download" | "hash";
  bytes: number;
  /** 0 where the server does not say. */
  ofBytes: number;
}

export interface ResolveOptions {
  /** Path of a CSV list: a column `model` (path from the list's folder, or URI), optionally `name`; every other column is a label. */
  list?: string;
  /** Where downloads go; default: `models` in the cache folder (LLMAP_CACHE_DIR, or the platform's folder for caches). */
  modelsDirectory?: string;
  /** Fetch models by URI that are not here yet; else they come back in `remote`, and the others with their `uris`. Default true. */
  fetches?: boolean;
  signal?: AbortSignal;
  /** Called at most every 100 ms for each model and step, and when a step is complete. */
  onProgress?: (progress: ResolveProgress) => void;
}

/**
 * The models that a list and references stand for, in that order. A reference is the path of a GGUF file, a folder (searched with those below it), a
 * glob, hf:user/repo:quant, hf:user/repo/file.gguf or a URL. A file named twice, also through links, is one model; the files of a split model are one
 * model, whichever of them is named. BASE+ADAPTER is the base model with a LoRA adapter on top, each side one file, URI or URL; further adapters follow
 * behind another +.
 *
 * Files that are no language models come back in `skipped`; damaged, incomplete or unreadable ones in `unreadable`.
 * Errors: ERR_USAGE for references that are no array; ERR_MODELS for a bad list, a folder without models or nothing named; ERR_NOT_FOUND for a reference that leads nowhere; ERR_GGUF for a named
 * file that is not a GGUF file; ERR_ABORTED.
 */
export async function resolveModels(references: readonly string[], options: ResolveOptions = {}): Promise<ResolvedModels> {
  const { signal } = options;
  const report = throttled(options.onProgress);
  const { models: inspected, ...others } = await inspectModels(references, { ...options, onProgress: report });
  const result: ResolvedModels = { models: [], ...others };
  for (const model of inspected) {
    const { name, path, adapters, facts } = model;
    try {
      let bytes = 0;
      const sha256 = await adaptedSha256(partPaths(path), adapters, {
        signal,
        onBytes: (more) => report({ model: name, step: "hash", bytes: (bytes += more), ofBytes: facts.bytes }),
      });
      result.models.push({ ...model, sha256 });
    } catch (error) {
      throwIfAborted(signal);
      result.unreadable.push({ name, path, adapters, reason: messageOf(error) });
    }
  }
  return result;
}

/** Like {@link resolveModels}, from the headers alone: what URIs name is fetched, but no file is read as a whole, so the identities stay unknown. */
export async function inspectModels(references: readonly string[], options: ResolveOptions = {}): Promise<InspectedModels> {
  const { signal, onProgress = () => undefined } = options;
  // For programs without types: the characters of a string would be models.
  if (!Array.isArray(references)) throw new LlmapError("ERR_USAGE", `Expected an array of references for models but received ${typeof references}.`);
  const located = await locateModels(references, {
    list: options.list,
    modelsDirectory: options.modelsDirectory,
    fetches: options.fetches,
    signal,
    onDownload: (model, bytes, ofBytes) => onProgress({ model, step: "download", bytes, ofBytes }),
  });
  const isForOthers = options.fetches === false;
  const result: InspectedModels = { models: [], skipped: [], unreadable: [], ...(isForOthers ? { remote: [] } : {}) };
  const kept: (LocatedModel & { inspection: Exclude<Inspection, { kind: "skipped" }> | { kind: "remote" } })[] = [];
  for (const model of located) {
    throwIfAborted(signal);
    const inspection = model.isHere ? await inspectWithAdapters(model.parts, model.adapters) : { kind: "remote" as const };
    if (inspection.kind === "skipped") result.skipped.push({ path: model.parts[0], reason: inspection.reason });
    else kept.push({ ...model, inspection });
  }
  // Unreadable files have a name among the models: a run reports them beside each other.
  for (const { name, fileName, parts, adapters, reference, labels, uris, inspection } of nameModels(kept)) {
    const path = parts[0];
    const known = { name, fileName, reference, labels };
    if (inspection.kind === "remote") result.remote?.push({ ...known, uris, paths: [path, ...adapters] });
    else if (inspection.kind === "unreadable") result.unreadable.push({ name, path, adapters, reason: inspection.reason });
    else result.models.push({ ...known, path, adapters, facts: inspection.facts, ...(isForOthers ? { uris } : {}) });
  }
  return result;
}

const reportIntervalMs = 100;

function throttled(onProgress: ((progress: ResolveProgress) => void) | undefined): (progress: ResolveProgress) => void {
  let last = { model: "", step: "", time: 0 };
  return (progress) => {
    const { model, step, bytes, ofBytes } = progress;
    const time = performance.now();
    if (model === last.model && step === last.step && bytes !== ofBytes && time - last.time < reportIntervalMs) return;
    last = { model, step, time };
    onProgress?.(progress);
  };
}
