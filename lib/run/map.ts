/** The second half of a run: from the scores in the folder to distances, map, page and picture. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { LlmapError } from "../errors.js";
import { mapCoordinates, type MapCoordinates } from "../map/coordinates.js";
import { automaticMethods, fewestTsneModels, requireMethod, type MapMethod } from "../map/map-method.js";
import { modelTree } from "../map/model-tree.js";
import { newick } from "../map/newick.js";
import { klDivergences, type KlDivergences } from "../matrix/kl-divergence.js";
import { nearestModels } from "../matrix/neighbours.js";
import { allocateMatrix } from "../native/matrix.js";
import { writePictures } from "../report/pictures/write-pictures.js";
import { writeReport } from "../report/write-report.js";
import { writeFileAtomic } from "../files/atomic-write.js";
import { acquireLock } from "../store/lock.js";
import { writeKl, writeMap, writeNeighbours, writeSources, type MapRow } from "../store/map-tables.js";
import { readPredictions, type StoredPredictions } from "../store/predictions-table.js";
import { RunFolder } from "../store/run-folder.js";
import { writeRunRecord, type RunRecord } from "../store/run-record.js";
import { nearnessForSize, sourceRows, trajectories } from "./map-annotations.js";
import { mapUncertainty } from "./map-uncertainty.js";
import { collectTasks } from "./collect-tasks.js";
import type { OnEvent } from "./events.js";
import { mapOptions, type MapOptions } from "./options.js";
import { reportData, type MapParts } from "./report-data.js";
import { tellThresholdDrift } from "./threshold-drift.js";
import { readScoredRun, requireRunRecord } from "./scored-run.js";

/** The map that was drawn. */
export interface MapResult {
  /** Names of the models, in the order of the rows of map.arrow and kl.arrow. */
  models: string[];
  rows: MapRow[];
  /** K x K row-major, bits per byte. */
  kl: Float64Array;
  /** Path of the page. */
  report: string;
}

/**
 * Maps every model of the folder whose scores are complete.
 * Errors: as {@link computeMap}, and ERR_LOCKED.
 */
export async function map(options: MapOptions): Promise<MapResult> {
  const { onEvent = () => undefined } = options;
  mapOptions(options);
  const started = performance.now();
  const folder = new RunFolder(options.out);
  await requireRunRecord(folder);
  const lock = await acquireLock(join(folder.directory, ".map.lock"), `The map of ${folder.directory}`);
  try {
    await collectTasks(folder, onEvent);
    const parts = await computeMap(folder, options);
    await writeMapFiles(folder, parts, onEvent);
    onEvent({ event: "map-done", report: folder.report, seconds: (performance.now() - started) / 1000 });
    return { models: parts.mapRows.map((row) => row.model), rows: [...parts.mapRows], kl: parts.divergences.kl.values, report: folder.report };
  } finally {
    await lock.release();
  }
}

/**
 * The map of what is scored, without a file written.
 * Errors: ERR_NOT_FOUND where there is no run, ERR_NOTHING_DONE where no model is scored, ERR_RUN_MISMATCH, ERR_RUN_FOLDER, ERR_USAGE, ERR_ABORTED.
 */
export async function computeMap(folder: RunFolder, options: Omit<MapOptions, "out">): Promise<MapParts> {
  const { onEvent = () => undefined, signal } = options;
  const chosen = mapOptions(options);
  const { clip, bootstrap, threads } = chosen;
  const started = performance.now();
  const run = await readScoredRun(folder, onEvent);
  const { record, rows, models, texts, L, used, leftOut, bytes, meanBytes } = run;
  const methods = chosen.methods === "auto" ? automaticMethods(models.length) : chosen.methods;
  if (models.length > 1) for (const method of methods) requireMethod(method, models.length);
  const places = trajectories(models, options);
  const sources = sourceRows(run); // before L is clipped
  onEvent({ event: "mapping", models: models.length, texts: used.length, leftOutTexts: leftOut.length });
  const bitsPerByte = models.map((_, row) => -rowSum(L.values, row, L.columns) / (bytes * Math.LN2));

  const native = { ...(signal ? { signal } : {}), ...(threads ? { threads } : {}) };
  const single = models.length === 1;
  const divergences: KlDivergences = single
    ? { kl: allocateMatrix(1, 1), clip: null, meanLogLikelihood: Float64Array.of(rowSum(L.values, 0, L.columns) / used.length) }
    : await klDivergences(L, meanBytes, clip, native);
  tellThresholdDrift(record.map?.clip ?? null, divergences.clip, onEvent);
  const { kl } = divergences;
  if (!single && methods.includes("tsne") && models.length < fewestTsneModels) {
    const message = `t-SNE of ${models.length} models says little; from ${fewestTsneModels} on it does. --map mds has distances that can be read.`;
    onEvent({ event: "warning", model: null, message });
  }
  const { dimensions, seed, metric, iterations } = chosen;
  const coordinatesBy = (method: MapMethod): Promise<MapCoordinates> => {
    const onProgress = (share: number): void => onEvent({ event: "map-progress", method, share });
    const embedding = { dimensions, seed, metric, iterations, perplexity: chosen.perplexity ?? undefined, onProgress };
    return mapCoordinates(kl, method, { texts: used.length, meanBytes }, { ...native, ...embedding });
  };
  const maps: MapCoordinates[] = [];
  for (const method of single ? [] : methods) maps.push(await coordinatesBy(method));
  const [coordinates = null, ...further] = maps;
  const { merges, clusters } = await modelTree(kl, chosen, native);
  const nearness = nearnessForSize(run, kl, options.reference ?? null);
  const names = models.map(({ row }) => row.name);
  const textBytes = Float64Array.from(used, (text) => texts.texts[text]?.bytes ?? 0);
  const uncertainty = await mapUncertainty({ names, Q: L, kl, coordinates, bytes: textBytes }, bootstrap, native);

  const mapRows = models.map(({ row }, i): MapRow => {
    const [nearest] = nearestModels(kl.values, models.length, i, 1);
    return {
      model: row.name,
      x: coordinates?.x[i] ?? null,
      y: coordinates?.y[i] ?? null,
      z: coordinates?.z?.[i] ?? null,
      cluster: clusters?.[i] ?? null,
      meanLogLikelihood: divergences.meanLogLikelihood[i] ?? NaN,
      bitsPerByte: bitsPerByte[i] ?? NaN,
      nearest: nearest === undefined ? null : (models[nearest.model]?.row.name ?? null),
      nearestKl: nearest?.kl ?? null,
      added: false,
      approximate: false,
      estimated: false,
      ellipse: uncertainty.ellipses?.[i] ?? null,
      trajectory: places[i] ?? null,
      klToReference: nearness[i]?.klToReference ?? null,
      pareto: nearness[i]?.pareto ?? null,
      further: Object.fromEntries(further.map(({ method, x, y, z }) => [method, { x: x[i] ?? NaN, y: y[i] ?? NaN, z: z?.[i] ?? null }])),
    };
  });
  const seconds = (performance.now() - started) / 1000;
  const finished: RunRecord = {
    ...record,
    updatedAt: new Date().toISOString(),
    map: {
      models: models.length,
      texts: used.length,
      leftOutTexts: Array.from(leftOut),
      meanBytes,
      clip: divergences.clip,
      method: coordinates?.method ?? null,
      dimensions,
      embedding: coordinates?.embedding ?? null,
      further: further.map(({ method, embedding }) => ({ method, embedding })),
      linkage: chosen.linkage,
      reference: options.reference ?? null,
      bootstrap: uncertainty.record,
      seconds,
    },
  };
  const { neighbours } = uncertainty;
  const scored = models.map((model) => ({ ...model, quick: false }));
  return { record: finished, rows, models: scored, mapRows, divergences, maps, merges, neighbours, sources, texts, used };
}

/** All files of a map, run.json last. */
export async function writeMapFiles(folder: RunFolder, parts: MapParts, onEvent: OnEvent): Promise<void> {
  const data = reportData(parts, await predictionsOf(folder, parts, onEvent), folder);
  await writeNeighbours(folder.neighbours, parts.neighbours);
  await writeSources(folder.sources, parts.sources);
  await writeMap(folder.map, parts.mapRows);
  await writeKl(
    folder.kl,
    parts.mapRows.map((row) => row.model),
    parts.divergences.kl,
  );
  const names = parts.mapRows.map((row) => row.model);
  await writeFileAtomic(folder.tree, newick(parts.merges, names));
  await writeReport(data, folder.report);
  await writePictures(data, folder.pictures, (message) => onEvent({ event: "warning", model: null, message }));
  await writeRunRecord(folder.runRecord, parts.record);
}

/** Null where nothing was predicted, or not on these texts; what cannot be read is a warning: the map is there without it. */
export async function predictionsOf(folder: RunFolder, { texts }: Pick<MapParts, "texts">, onEvent: OnEvent): Promise<StoredPredictions | null> {
  if (!existsSync(folder.predictions)) return null;
  try {
    const predictions = await readPredictions(folder.predictions);
    return predictions.metadata.textsHash === texts.hash ? predictions : null;
  } catch (error) {
    if (!(error instanceof LlmapError)) throw error;
    onEvent({ event: "warning", model: null, message: `The page is drawn without predictions: ${error.message}` });
    return null;
  }
}

function rowSum(values: Float64Array, row: number, columns: number): number {
  let sum = 0;
  for (let column = 0; column < columns; column++) sum += values[row * columns + column] ?? NaN;
  return sum;
}
