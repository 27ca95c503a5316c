/** KL divergences of chosen models of a map, computed from their vectors: of many models the page holds no pairs. */
import { LlmapError } from "../errors.js";
import { squaredDistances, allocateMatrix } from "../native/matrix.js";
import { bitsPerBytePerSquaredDistance } from "../matrix/kl-divergence.js";
import { KlTriangle } from "../report/kl-triangle.js";
import { findDraw, readQuickModels } from "../run/quick-models.js";
import { MapVectors, type MapModel, type ModelVectors } from "../run/map-vectors.js";
import { readMap } from "../store/map-tables.js";
import { readModels } from "../store/models-table.js";
import type { RunFolder } from "../store/run-folder.js";
import { readRunRecord } from "../store/run-record.js";
import { readScoreFile } from "../store/score-file.js";
import type { TextSet } from "../texts/text-set.js";

/**
 * Of all pairs, in the order of `rows`, bits/byte; estimates where one of the two was scored on resampled texts only. Null where the run has no map of
 * two models or more, or no scores of one of them any more.
 * @param rows places in map.arrow
 * Errors: ERR_RUN_FOLDER, ERR_NOT_FOUND, ERR_TEXTS.
 */
export async function divergencesAmong(folder: RunFolder, texts: TextSet, rows: readonly number[]): Promise<KlTriangle | null> {
  const map = (await readRunRecord(folder.runRecord))?.map ?? null;
  const threshold = map?.clip?.threshold;
  if (map === null || threshold === undefined) return null;
  const mapRows = await readMap(folder.map);
  const chosen = rows.map((row) => mapRows[row]);
  const draw = mapRows.some(({ estimated }) => estimated) ? await findDraw(folder, texts) : null;
  const quick = new Map((draw === null ? [] : await readQuickModels(folder, draw.set.hash, () => undefined)).map((model) => [model.row.name, model]));
  const full = new Map((await readModels(folder.models)).map((row) => [row.name, row]));
  const vectors = new MapVectors(map, threshold, texts, draw);
  const ofModels: ModelVectors[] = [];
  for (const at of chosen) {
    if (at === undefined) return null;
    const row = full.get(at.model);
    const known = quick.get(at.model);
    let model: MapModel | null = null;
    if (at.estimated) model = known === undefined ? null : { ...known, quick: true };
    else if (row !== undefined && row.fileName !== null) model = { row, scores: await readScoreFile(folder.scoreFile(row.fileName)), quick: false };
    if (model === null) return null;
    ofModels.push(vectors.of(model));
  }
  const matrix = allocateMatrix(ofModels.length, ofModels.length);
  const whole = await distancesOfWhole(ofModels, vectors.used.length, bitsPerBytePerSquaredDistance(map.texts, map.meanBytes));
  for (const [i, one] of ofModels.entries()) {
    for (let j = i + 1; j < ofModels.length; j++) matrix.values[i * matrix.columns + j] = whole(i, j) ?? vectors.kl(one, ofModels[j] ?? one);
  }
  return KlTriangle.fromMatrix(matrix.values, ofModels.length);
}

/** Of the pairs of which both have all texts, on all threads; null for the others. */
async function distancesOfWhole(models: readonly ModelVectors[], texts: number, scale: number): Promise<(one: number, other: number) => number | null> {
  const places = new Map<number, number>();
  for (const [model, { full }] of models.entries()) if (full !== null) places.set(model, places.size);
  if (places.size < 2) return () => null;
  const L = allocateMatrix(places.size, texts);
  for (const [model, place] of places) {
    const { full, meanLogLikelihood } = models[model] ?? { full: null, meanLogLikelihood: NaN };
    // Column means cancel out in differences; the mean of a model does not.
    full?.forEach((value, text) => (L.values[place * texts + text] = value - meanLogLikelihood));
  }
  const { values } = await squaredDistances(L, { scale });
  return (one, other) => {
    const [a, b] = [places.get(one), places.get(other)];
    return a === undefined || b === undefined ? null : (values[a * places.size + b] ?? NaN);
  };
}

/** Errors: ERR_USAGE. */
export function requireChosen(models: readonly number[], most: number): void {
  if (models.length >= 2 && models.length <= most) return;
  throw new LlmapError("ERR_USAGE", `Expected 2 to ${most} models of the map but received ${models.length}. Name them by their places in map.arrow: models=3-17.20`);
}
