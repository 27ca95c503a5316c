/** neighbours.arrow and sources.arrow of a map that models have joined. */
import { existsSync } from "node:fs";
import { nearestModels } from "../matrix/neighbours.js";
import { allocateMatrix, type Matrix } from "../native/matrix.js";
import { readNeighbours, readSources, type NeighbourRow, type SourceRow } from "../store/map-tables.js";
import type { RunFolder } from "../store/run-folder.js";
import type { TextSet } from "../texts/text-set.js";
import { sourceRows } from "./map-annotations.js";
import { nearestCount } from "./map-uncertainty.js";
import type { MapModel } from "./map-vectors.js";

/**
 * The nearest models of each, with the intervals that there are: none for pairs with a model that joined.
 * @param names of the models of the map @param kl of all, in bits per byte
 */
export async function extendNeighbours(folder: RunFolder, names: readonly string[], kl: Matrix): Promise<NeighbourRow[]> {
  const before = new Map<string, NeighbourRow>();
  for (const row of existsSync(folder.neighbours) ? await readNeighbours(folder.neighbours) : []) {
    before.set(pair(row.model, row.neighbour), row);
  }
  return names.flatMap((model, i) =>
    nearestModels(kl.values, names.length, i, nearestCount).map(({ model: j, kl: distance }, at): NeighbourRow => {
      const neighbour = names[j] ?? "";
      const { klLow = null, klHigh = null } = before.get(pair(model, neighbour)) ?? {};
      return { model, rank: at + 1, neighbour, kl: distance, klLow, klHigh };
    }),
  );
}

/** The same for a pair in either order: an interval is listed with the model that has the other among its nearest. */
const pair = (one: string, other: string): string => JSON.stringify([one, other].sort());

/** Results by source of the models with scores of all texts; the few texts of the others say too little. @param used positions of the map's texts */
export async function extendSources(folder: RunFolder, models: readonly MapModel[], fresh: readonly MapModel[], texts: TextSet, used: Int32Array): Promise<SourceRow[]> {
  const names = new Set(models.map(({ row }) => row.name));
  const joining = fresh.filter(({ quick }) => !quick);
  const kept = (existsSync(folder.sources) ? await readSources(folder.sources) : []).filter(
    ({ model }) => names.has(model) && !joining.some(({ row }) => row.name === model),
  );
  const joined = joining.flatMap((model) => {
    const L = allocateMatrix(1, used.length);
    used.forEach((text, column) => (L.values[column] = model.scores.rows.logLikelihood[text] ?? NaN));
    return sourceRows({ models: [model], texts, used, L });
  });
  return [...kept, ...joined];
}
