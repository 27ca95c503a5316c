/** Names within a run folder over time: a name stands for one model file. */
import { basename, dirname } from "node:path";
import type { InspectedModel, Model, UnreadableModel } from "../models/model.js";
import type { ModelRow } from "../store/models-table.js";

/**
 * The models of a run as the folder knows them.
 * - The same content (sha256) under another name is the same model: its scores are kept. It takes the new name and labels where a list
 *   gave it labels, else it keeps those it has.
 * - Another file, or the same with other adapters (paths and content), of a name that is taken is told apart by its folder.
 * - The same paths with other content is the model changed, and is scored anew.
 */
export function withKnownNames(models: readonly Model[], known: readonly ModelRow[]): Model[] {
  const names = new Set(models.map(({ name }) => name));
  const kept = new Set<ModelRow>();
  return models.map((model) => {
    const same = known.find(
      (row) => row.sha256 === model.sha256 && !kept.has(row) && (row.name === model.name || !names.has(row.name)),
    );
    const fileName = same?.fileName ?? null;
    if (same === undefined || fileName === null) return apartFromOthers(model, known);
    kept.add(same);
    const isFree = !known.some((row) => row !== same && row.name === model.name);
    if (same.name === model.name || (isFree && Object.keys(model.labels).length > 0)) return { ...model, fileName };
    return { ...model, fileName, name: same.name, labels: same.labels };
  });
}

/** The same of models whose content is not known: they are told by their files alone, so a file that was moved or renamed is another model. */
export function withKnownFileNames(models: readonly InspectedModel[], known: readonly ModelRow[]): InspectedModel[] {
  const rowOfFiles = new Map(known.toReversed().map((row) => [filesOf(row), row]));
  return models.map((model) => {
    const same = rowOfFiles.get(filesOf(model));
    const fileName = same?.fileName ?? null;
    if (same === undefined || fileName === null) return apartFromOthers(model, known);
    const labels = Object.keys(model.labels).length > 0 ? model.labels : same.labels;
    return { ...model, name: same.name, fileName, labels };
  });
}

/** A name for a file that cannot be read, which does not take the place of a model of that name elsewhere. */
export function unreadableName(unreadable: UnreadableModel, known: readonly ModelRow[]): string {
  const isTaken = known.some((row) => row.name === unreadable.name && !isSameFiles(row, unreadable));
  return isTaken ? `${folderName(unreadable)}/${unreadable.name}` : unreadable.name;
}

function apartFromOthers<Named extends InspectedModel & { sha256?: string }>(model: Named, known: readonly ModelRow[]): Named {
  const others = known.filter((row) => (model.sha256 === undefined || row.sha256 !== model.sha256) && !isSameFiles(row, model));
  const isTaken = (name: string, fileName: string): boolean =>
    others.some((row) => row.name === name || row.fileName?.toLowerCase() === fileName.toLowerCase());
  if (!isTaken(model.name, model.fileName)) return model;
  const folder = folderName(model);
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? "" : `-${number}`;
    const fileName = `${folder}_${model.fileName}${suffix}`.replace(/^\.+/, "_");
    const name = `${folder}/${model.name}${suffix}`;
    if (!isTaken(name, fileName)) return { ...model, name, fileName };
  }
}

type ModelPaths = Pick<Model, "path" | "adapters">;

/** The paths of a model's files: equal for two models that are made of the same files. */
export function filesOf({ path, adapters }: ModelPaths): string {
  return [path, ...adapters].join("\n");
}

function isSameFiles(one: ModelPaths, other: ModelPaths): boolean {
  return one.path === other.path && filesOf(one) === filesOf(other);
}

/** The folder that tells a model from others of its name: that of its last adapter, else its own. */
function folderName({ path, adapters }: ModelPaths): string {
  return basename(dirname(adapters.at(-1) ?? path));
}
