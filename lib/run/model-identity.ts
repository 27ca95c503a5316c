/** Names within a run folder over time: a name stands for one model file. */
import { basename, dirname } from "node:path";
import type { Model } from "../models/model.js";
import type { ModelRow } from "../store/models-table.js";

/**
 * The model, renamed where the folder already holds another model of its name: another file (path) with other content (sha256). The same
 * content elsewhere is the same model moved; the same path with other content is the model changed, and is scored anew.
 */
export function apartFromOthers(model: Model, known: readonly ModelRow[]): Model {
  const isTaken = (fileName: string): boolean =>
    known.some(
      (row) =>
        row.fileName?.toLowerCase() === fileName.toLowerCase() && row.sha256 !== model.sha256 && row.path !== model.path,
    );
  if (!isTaken(model.fileName)) return model;
  const folder = basename(dirname(model.path));
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? "" : `-${number}`;
    const fileName = `${folder}_${model.fileName}${suffix}`.replace(/^\.+/, "_");
    if (!isTaken(fileName)) return { ...model, name: `${folder}/${model.name}${suffix}`, fileName };
  }
}
