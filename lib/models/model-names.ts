/** Names of models that are unique in a run, and file names made from them. */
import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import { modelName } from "./split-files.js";

/**
 * Gives each model a name and a file name, unique among them. The name is the one of its list, or that of its file, with those of its adapters behind
 * it ("base+adapter"). Equal names are told apart by the shortest folder path that does it ("a/model" and "b/model", "base+a/adapter" and
 * "base+b/adapter"), and by a number where folders do not ("model" and "model-2": a split and a whole file of one name). File names are
 * {@link safeFileName}s, distinct also where case does not count.
 */
export function nameModels<Model extends NamelessModel>(models: readonly Model[]): (Model & { name: string; fileName: string })[] {
  const fileDerived = namesFromFiles(models);
  const names = new Set(models.flatMap(({ listedName }) => listedName ?? []));
  const fileNames = new Set<string>();
  return models.map((model) => {
    const name = model.listedName ?? numberedUntilFree(fileDerived.get(model) ?? plainName(model), names, (text) => text);
    const fileName = numberedUntilFree(safeFileName(name), fileNames, (text) => text.toLowerCase());
    return { ...model, name, fileName };
  });
}

interface NamelessModel {
  parts: readonly [string, ...string[]];
  adapters: readonly string[];
  listedName: string | null;
}

/** The files that a name is made of. */
function namingFiles({ parts, adapters }: NamelessModel): string[] {
  return [parts[0], ...adapters];
}

function plainName(model: NamelessModel): string {
  return namingFiles(model).map(modelName).join("+");
}

/** Names of the models that the list does not name. */
function namesFromFiles(models: readonly NamelessModel[]): Map<NamelessModel, string> {
  const listed = new Set(models.flatMap(({ listedName }) => listedName ?? []));
  const modelsByName = new Map<string, NamelessModel[]>();
  for (const model of models) {
    if (model.listedName !== null) continue;
    const name = plainName(model);
    modelsByName.set(name, [...(modelsByName.get(name) ?? []), model]);
  }
  return new Map([...modelsByName.values()].flatMap((group) => [...toldApartByFolder(group, listed)]));
}

/** Names for models of one plain name, with as many folders in front as it takes; without any if folders do not tell them apart. */
function toldApartByFolder(models: readonly NamelessModel[], taken: ReadonlySet<string>): Map<NamelessModel, string> {
  const files = models.flatMap(namingFiles);
  for (let folders = 0; ; folders++) {
    const named = new Map(models.map((model) => [model, nameWithFolders(model, models, folders)]));
    const names = new Set(named.values());
    if (names.size === models.length && ![...names].some((name) => taken.has(name))) return named;
    if (files.every((path) => lastFolders(path, folders).length < folders)) return new Map();
  }
}

/** A file that all the models share (one base with several adapters) tells none of them apart, so it takes no folders. */
function nameWithFolders(model: NamelessModel, models: readonly NamelessModel[], folders: number): string {
  const isShared = (path: string, place: number): boolean => models.length > 1 && models.every((other) => namingFiles(other)[place] === path);
  return namingFiles(model)
    .map((path, place) => (isShared(path, place) ? modelName(path) : [...lastFolders(path, folders), modelName(path)].join("/")))
    .join("+");
}

/** The names of the last folders above a file, outermost first. */
function lastFolders(path: string, count: number): string[] {
  const folders: string[] = [];
  for (let folder = dirname(path); folders.length < count && basename(folder) !== ""; folder = dirname(folder)) {
    folders.unshift(basename(folder));
  }
  return folders;
}

/** The name, or the name with the first number from 2 that makes its key a new one, which is then taken. */
function numberedUntilFree(name: string, taken: Set<string>, keyOf: (name: string) => string): string {
  let candidate = name;
  for (let number = 2; taken.has(keyOf(candidate)); number++) candidate = `${name}-${number}`;
  taken.add(keyOf(candidate));
  return candidate;
}

/** Room for prefixes, suffixes and numbers below the 255 bytes that file systems allow. */
const maximumFileNameBytes = 150;

/**
 * A name that every common file system takes as one file's: no separators, control characters, characters that Windows reserves, leading or trailing dots,
 * no device names, at most 150 bytes of UTF-8 (a longer one is cut and ends with a hash of the whole).
 */
export function safeFileName(name: string): string {
  // Through a buffer, lone surrogates become U+FFFD.
  let safe = Buffer.from(name.normalize("NFC")).toString("utf8");
  safe = safe
    .replace(/[\p{Cc}/\\:*?"<>|]/gu, "_")
    .replace(/^[. ]+|[. ]+$/g, (edge) => "_".repeat(edge.length));
  if (safe === "" || /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\.|$)/i.test(safe)) safe = `_${safe}`;
  if (Buffer.byteLength(safe) <= maximumFileNameBytes) return safe;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  const kept = Buffer.from(safe).subarray(0, maximumFileNameBytes - hash.length - 1);
  // The cut may go through a character.
  return `${kept.toString("utf8").replace(/\uFFFD+$/, "")}-${hash}`;
}
