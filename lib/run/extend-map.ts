/** Models put on a map that is there: with its texts and its clip threshold, and without moving the others. */
import { join } from "node:path";
import { LlmapError, throwIfAborted } from "../errors.js";
import { amongNeighbours, PrincipalAxes, type Point } from "../map/added-point.js";
import { unitOf, type MapCoordinates } from "../map/coordinates.js";
import { modelTree } from "../map/model-tree.js";
import { bitsPerBytePerSquaredDistance } from "../matrix/kl-divergence.js";
import { nearestModels } from "../matrix/neighbours.js";
import { allocateMatrix, type Matrix } from "../native/matrix.js";
import { acquireLock } from "../store/lock.js";
import { readKl, readMap, type MapRow } from "../store/map-tables.js";
import { RunFolder } from "../store/run-folder.js";
import type { MapRecord, RunRecord } from "../store/run-record.js";
import { extendNeighbours, extendSources } from "./extended-tables.js";
import { writeMapFiles, type MapResult } from "./map.js";
import type { MapParts } from "./report-data.js";
import { findDraw, readQuickModels } from "./quick-models.js";
import { MapVectors, type MapModel } from "./map-vectors.js";
import type { RunFolderOptions } from "./options.js";
import { readScoredRun, type ScoredModel } from "./scored-run.js";

/** Options of `extendMap`. */
export interface ExtendMapOptions extends RunFolderOptions {
  /** Names of models with scores in the folder. Those on the map already stay as they are. */
  models: readonly string[];
  /** The models were scored on the texts of resample.arrow alone, with {@link RunFolder.quickScores}. */
  quick?: boolean;
}

/** The map after `extendMap`. */
export interface ExtendedMap extends MapResult {
  /** The rows that are new, and those whose divergences were estimates and are no longer. */
  added: MapRow[];
  /** Nats, of the map that was there. */
  threshold: number;
}

/**
 * Adds rows to the tables of the map, and draws page, picture and tree again. Divergences between models of the map are kept as they are; those of new
 * ones are computed with the map's clip threshold. New points are projected on the axes of the map; a map without axes (t-SNE, UMAP) has them
 * among their nearest models, marked approximate, as are quick models. Quick models of an earlier draw leave the map.
 * Errors: ERR_NOTHING_DONE where there is no map of two models or more; ERR_USAGE where a name is not of a scored model, or is another model's on the
 * map; ERR_TEXTS, ERR_RUN_FOLDER, ERR_NOT_FOUND, ERR_RUN_MISMATCH, ERR_LOCKED, ERR_ABORTED.
 */
export async function extendMap(options: ExtendMapOptions): Promise<ExtendedMap> {
  const { models: names, quick = false, onEvent = () => undefined, signal } = options;
  const started = performance.now();
  const folder = new RunFolder(options.out);
  const lock = await acquireLock(join(folder.directory, ".map.lock"), `The map of ${folder.directory}`);
  try {
    const run = await readScoredRun(folder, onEvent);
    const { map, threshold } = requireMap(run.record, folder);
    const rows = await readMap(folder.map);
    const { models: klModels, kl: oldKl } = await readKl(folder.kl);
    requireSameModels(rows, klModels, folder);
    const draw = quick || rows.some(({ estimated }) => estimated) ? await findDraw(folder, run.texts) : null;
    const full = byName(run.models);
    const drawn = byName(draw === null ? [] : await readQuickModels(folder, draw.set.hash, onEvent));

    const kept = rows.flatMap((row, old): (MapModel & { old: number })[] => {
      if (row.estimated && !quick && names.includes(row.model)) return [];
      const model = (row.estimated ? drawn : full).get(row.model);
      if (model !== undefined) return [{ ...model, quick: row.estimated, old }];
      if (!row.estimated) {
        throw new LlmapError("ERR_RUN_FOLDER", `${row.model} is on the map of ${folder.directory} but has no complete scores. Run \`llmap-native map\`, which draws what is there.`);
      }
      onEvent({ event: "warning", model: row.model, message: "It was scored on texts of another draw, so it leaves the map. Add it again." });
      return [];
    });
    const fresh = names.flatMap((name): MapModel[] => {
      const model = (quick ? drawn : full).get(name);
      if (model === undefined) throw new LlmapError("ERR_USAGE", `${name} has no complete scores in ${folder.directory}. Score it first.`);
      const there = kept.find(({ row }) => row.name === name);
      if (there === undefined) return [{ ...model, quick }];
      if (there.row.sha256 === model.row.sha256) return [];
      throw new LlmapError("ERR_USAGE", `Another model named ${name} is on the map. Give this one a name of its own in a list (--models).`);
    });
    const all: (MapModel & { old?: number })[] = [...kept, ...fresh];
    onEvent({ event: "mapping", models: all.length, texts: map.texts, leftOutTexts: map.leftOutTexts.length });

    const vectors = new MapVectors(map, threshold, run.texts, draw);
    const ofModels = all.map((model) => vectors.of(model));
    const kl = allocateMatrix(all.length, all.length);
    for (const [i, one] of ofModels.entries()) {
      throwIfAborted(signal);
      for (const [j, other] of ofModels.slice(0, i).entries()) {
        const [row, column] = [all[i]?.old, all[j]?.old];
        const value = row !== undefined && column !== undefined ? (oldKl.values[row * oldKl.columns + column] ?? NaN) : vectors.kl(one, other);
        kl.values[i * kl.columns + j] = value;
        kl.values[j * kl.columns + i] = value;
      }
    }
    const { merges } = await modelTree(kl, { linkage: map.linkage, clusters: 1 }, signal ? { signal } : {});
    const before = all.map(({ old }) => (old === undefined ? undefined : rows[old]));
    const place = placement(before, kl, map);
    const further = map.further.map(({ method, embedding }) => ({ method, embedding, place: placement(before.map((row) => row && onMap(row, method)), kl, { ...map, method }) }));
    const mapRows = all.map(({ row, quick: isQuick }, i): MapRow => {
      const [nearest] = nearestModels(kl.values, all.length, i, 1);
      const neighbour = { nearest: nearest === undefined ? null : (all[nearest.model]?.row.name ?? null), nearestKl: nearest?.kl ?? null };
      const known = before[i];
      if (known !== undefined) return { ...known, ...neighbour };
      const { meanLogLikelihood = NaN, bitsPerByte = NaN } = ofModels[i] ?? {};
      return {
        model: row.name,
        ...place.at(i),
        cluster: place.clusterOf(i),
        meanLogLikelihood,
        bitsPerByte,
        ...neighbour,
        added: true,
        approximate: isQuick || !place.isProjection,
        estimated: isQuick,
        ellipse: null,
        trajectory: null,
        klToReference: null,
        pareto: null,
        further: Object.fromEntries(further.map(({ method, place: { at } }) => [method, at(i)])),
      };
    });
    const seconds = (performance.now() - started) / 1000;
    const record: RunRecord = { ...run.record, updatedAt: new Date().toISOString(), map: { ...map, models: all.length, seconds } };
    const maps = [{ method: map.method, embedding: map.embedding, place }, ...further].flatMap(({ method, embedding, place: { explained } }): MapCoordinates[] => {
      if (method === null) return [];
      const points = mapRows.map((row) => (method === map.method ? row : onMap(row, method)));
      const axis = (name: "x" | "y" | "z"): Float64Array => Float64Array.from(points, (point) => point[name] ?? NaN);
      return [{ method, unit: unitOf(method), x: axis("x"), y: axis("y"), z: map.dimensions === 3 ? axis("z") : null, explained, embedding }];
    });
    const parts: MapParts = {
      record,
      rows: run.rows,
      models: all.map((model, i) => ({ ...model, row: withNote(model, mapRows[i]) })),
      mapRows,
      divergences: { kl, clip: map.clip, meanLogLikelihood: Float64Array.from(mapRows, (row) => row.meanLogLikelihood) },
      maps,
      merges,
      neighbours: await extendNeighbours(folder, all.map(({ row }) => row.name), kl),
      sources: await extendSources(folder, all, fresh, run.texts, vectors.used),
      texts: run.texts,
      used: vectors.used,
    };
    await writeMapFiles(folder, parts, onEvent);
    onEvent({ event: "map-done", report: folder.report, seconds });
    const added = mapRows.slice(kept.length);
    return { models: mapRows.map((row) => row.model), rows: mapRows, kl: kl.values, report: folder.report, added, threshold };
  } finally {
    await lock.release();
  }
}

/** Errors: ERR_NOTHING_DONE. */
export function requireMap(record: RunRecord, folder: RunFolder): { map: MapRecord; threshold: number } {
  const { map } = record;
  if (map !== null && map.clip !== null) return { map, threshold: map.clip.threshold };
  throw new LlmapError("ERR_NOTHING_DONE", `${folder.directory} has no map of two models or more to join. Run \`llmap-native run\` with the models of both.`);
}

const byName = (models: readonly ScoredModel[]): Map<string, ScoredModel> => new Map(models.map((model) => [model.row.name, model]));

function requireSameModels(rows: readonly MapRow[], klModels: readonly string[], folder: RunFolder): void {
  if (rows.length === klModels.length && rows.every(({ model }, i) => model === klModels[i])) return;
  throw new LlmapError("ERR_RUN_FOLDER", `${folder.map} and ${folder.kl} are not of the same models. Run \`llmap-native map\`, which writes both.`);
}

/** Where new models go, and in which cluster. @param rows of the map, undefined for new models @param kl of all, in bits per byte */
function placement(rows: readonly (MapRow | undefined)[], kl: Matrix, { method, texts, meanBytes }: MapRecord) {
  const drawn = Array.from(rows.keys()).filter((i) => rows[i]?.added === false);
  const points = drawn.map((i): Point => ({ x: rows[i]?.x ?? NaN, y: rows[i]?.y ?? NaN, z: rows[i]?.z ?? null }));
  // The squares of distances on the map: bits per byte, or nats^2 on a map of principal components.
  const unit = method === "pca" ? 1 / bitsPerBytePerSquaredDistance(texts, meanBytes) : 1;
  const squaredTo = (i: number): Float64Array => Float64Array.from(drawn, (j) => (kl.values[i * kl.columns + j] ?? NaN) * unit);
  const axes = new PrincipalAxes(points, Float64Array.from(drawn.flatMap((i) => Array.from(squaredTo(i)))));
  const isProjection = hasAxes(method);
  return {
    isProjection,
    explained: isProjection ? axes.explained : null,
    at: (i: number): Point => (isProjection ? axes.add(squaredTo(i)) : amongNeighbours(points, squaredTo(i))),
    /** That of the nearest model. */
    clusterOf: (i: number): number | null => {
      const squared = squaredTo(i);
      return rows[drawn[squared.indexOf(Math.min(...squared))] ?? -1]?.cluster ?? null;
    },
  };
}

/** The row with its place on the map by a further method. */
const onMap = (row: MapRow, method: string): MapRow => ({ ...row, ...(row.further[method] ?? { x: null, y: null, z: null }) });

/** Whether a place on the map is a projection. */
const hasAxes = (method: string | null): boolean => method === "mds" || method === "pca";

/** The model's row with a sentence for the page. */
function withNote({ row, quick }: MapModel, at: MapRow | undefined): ScoredModel["row"] {
  if (at?.added !== true) return row;
  const how = quick ? " from resampled texts; its divergences are estimates" : at.approximate ? "; its place is that of its nearest models" : "";
  return { ...row, warnings: [...row.warnings, `Joined the map after it was drawn${how}.`] };
}
