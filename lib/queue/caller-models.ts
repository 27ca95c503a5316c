/** The models of a caller: found where they are here, with the files that workers are told of. */
import { existsSync } from "node:fs";
import { LlmapError } from "../errors.js";
import type { Model, RemoteModel, ResolvedModels } from "../models/model.js";
import { filesOf, withKnownNames } from "../run/model-identity.js";
import type { ModelRow } from "../store/models-table.js";
import { allowedUri, pathBelow } from "./file-sources.js";
import type { CallerModel } from "./queue-record.js";
import type { FileSource } from "./protocol.js";
import type { QueueOptions } from "./queue-options.js";

type Places = Pick<Required<QueueOptions>, "sharedFiles" | "allowHttp">;

/** A column of the list with the sha256 that a model by URI must have. */
const hashColumn = "sha256";

/**
 * @param known the models of the run folder, whose names stay
 * Errors: ERR_USAGE naming a model that no worker can get at.
 */
export async function callerModels({ models, remote = [] }: Pick<ResolvedModels, "models" | "remote">, known: readonly ModelRow[], places: Places): Promise<CallerModel[]> {
  const found: CallerModel[] = [];
  for (const model of withKnownNames(models, known)) found.push(await here(model, places));
  const taken = new Set([...known, ...found].flatMap(({ name, fileName, path }) => [name, fileName?.toLowerCase() ?? "", path]));
  const knownFiles = new Map(known.toReversed().map((row) => [filesOf(row), row]));
  for (const model of remote) found.push(await elsewhere(model, knownFiles, taken, places));
  return found;
}

async function here({ name, fileName, path, adapters, sha256, facts, labels, uris = [] }: Model, places: Places): Promise<CallerModel> {
  const sources: FileSource[] = [];
  for (const [index, file] of [path, ...adapters].entries()) sources.push(await source(file, uris[index] ?? null, places));
  return { name, fileName, path, adapters, sha256, facts, labels, files: sources as CallerModel["files"] };
}

async function elsewhere({ name, fileName, labels, uris, paths }: RemoteModel, known: ReadonlyMap<string, ModelRow>, taken: Set<string>, places: Places): Promise<CallerModel> {
  const sources: FileSource[] = [];
  for (const [index, file] of paths.entries()) sources.push(await source(file, uris[index] ?? null, places));
  const [path = "", ...adapters] = sources.map((file, index) => (file.kind === "uri" ? file.uri : (paths[index] ?? "")));
  const stated = labels[hashColumn]?.trim().toLowerCase() ?? "";
  if (stated !== "" && !/^[0-9a-f]{64}$/.test(stated)) throw new LlmapError("ERR_MODELS", `${name} has ${JSON.stringify(stated.slice(0, 80))} in the column ${hashColumn}; expected 64 hex digits, or nothing.`);
  const files = sources as CallerModel["files"];
  const unknown = { path, adapters, sha256: stated === "" ? null : stated, facts: null, labels, files };
  const same = known.get(filesOf({ path, adapters }));
  const fileNameThere = same?.fileName ?? null;
  if (same !== undefined && fileNameThere !== null) return { ...unknown, name: same.name, fileName: fileNameThere };
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? "" : `-${number}`;
    if (taken.has(`${name}${suffix}`) || taken.has(`${fileName}${suffix}`.toLowerCase())) continue;
    return { ...unknown, name: `${name}${suffix}`, fileName: `${fileName}${suffix}` };
  }
}

/** Errors: ERR_USAGE for a path of this machine alone, and a URI that is not allowed. */
async function source(file: string, uri: string | null, { sharedFiles, allowHttp }: Places): Promise<FileSource> {
  if (uri !== null) return { kind: "uri", uri: allowedUri(uri, allowHttp) };
  if (sharedFiles === null) {
    throw new LlmapError("ERR_USAGE", `${file} is a path of this machine, which workers on others cannot read. Name the folder that both see with --shared-files DIR, here and there, or name the model by hf: URI or https: URL.`);
  }
  if (!existsSync(sharedFiles)) throw new LlmapError("ERR_NOT_FOUND", `${sharedFiles} does not exist (--shared-files); name the folder that callers and workers share.`);
  const path = await pathBelow(sharedFiles, file);
  if (path === null) {
    throw new LlmapError("ERR_USAGE", `${file} lies outside the shared folder ${sharedFiles}, so workers cannot read it. Put it there, or name the model by hf: URI or https: URL.`);
  }
  return { kind: "shared", path };
}
