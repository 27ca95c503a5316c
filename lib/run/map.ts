/** The second half of a run: from the scores in the folder to distances, map, page and picture. */
import { join } from "node:path";
import { LlmapError } from "../errors.js";
import { findClusters } from "../map/clusters.js";
import { mapCoordinates, type MapCoordinates } from "../map/coordinates.js";
import { klDivergences, type KlDivergences } from "../matrix/kl-divergence.js";
import { logLikelihoodMatrix } from "../matrix/log-likelihood-matrix.js";
import { nearestModels } from "../matrix/neighbours.js";
import { allocateMatrix } from "../native/matrix.js";
import { renderMapSvg } from "../report/map-svg.js";
import { writeReport } from "../report/write-report.js";
import { writeFileAtomic } from "../store/atomic-write.js";
import { acquireLock } from "../store/lock.js";
import { writeKl, writeMap, type MapRow } from "../store/map-tables.js";
import { readModels, type ModelRow } from "../store/models-table.js";
import { RunFolder } from "../store/run-folder.js";
import { readRunRecord, requireSameSettings, writeRunRecord, type RunRecord } from "../store/run-record.js";
import { readScoreFile, type StoredScores } from "../store/score-file.js";
import { readTexts } from "../store/texts-table.js";
import type { TextSet } from "../texts/text-set.js";
import type { OnEvent } from "./events.js";
import { mapOptions, type MapOptions } from "./options.js";
import { reportData } from "./report-data.js";

export interface MapResult {
  /** Names of the models, in the order of the rows of map.arrow and kl.arrow. */
  models: string[];
  rows: MapRow[];
  /** K x K row-major, bits per byte. */
  kl: Float64Array;
  /** Path of the page. */
  report: string;
}

/** A model whose scores are complete. */
export interface ScoredModel {
  row: ModelRow;
  scores: StoredScores;
}

/**
 * Maps every model of the folder whose scores are complete.
 * Errors: ERR_NOT_FOUND where there is no run, ERR_NOTHING_DONE where no model is scored, ERR_RUN_MISMATCH, ERR_RUN_FOLDER, ERR_LOCKED,
 * ERR_USAGE, ERR_ABORTED.
 */
export async function map(options: MapOptions): Promise<MapResult> {
  const { onEvent = () => undefined, signal } = options;
  const { clip, method, threads } = mapOptions(options);
  const started = performance.now();
  const folder = new RunFolder(options.out);
  const record = await readRunRecord(folder.runRecord);
  if (record === null) {
    throw new LlmapError("ERR_NOT_FOUND", `${folder.directory} holds no run (no run.json). Name the folder of a run with --out.`);
  }
  const lock = await acquireLock(join(folder.directory, ".map.lock"), `The map of ${folder.directory}`);
  try {
    const rows = await readModels(folder.models);
    const models = await readScoredModels(folder, rows, record, onEvent);
    const texts = await readTexts(folder.texts, record.texts.name);
    if (texts.hash !== record.texts.hash) {
      throw new LlmapError("ERR_RUN_FOLDER", `${folder.texts} does not hold the texts of this run. Run \`score\` again, which rewrites it.`);
    }
    const { L, texts: used, leftOut } = logLikelihoodMatrix(
      models.map(({ row, scores }) => ({ model: row.name, ...scores.rows })),
      texts.texts.length,
    );
    onEvent({ event: "mapping", models: models.length, texts: used.length, leftOutTexts: leftOut.length });
    const bytes = used.reduce((sum, text) => sum + (texts.texts[text]?.bytes ?? 0), 0);
    const meanBytes = bytes / used.length;
    const bitsPerByte = models.map((_, row) => -rowSum(L.values, row, L.columns) / (bytes * Math.LN2));

    const native = { ...(signal ? { signal } : {}), ...(threads ? { threads } : {}) };
    const single = models.length === 1;
    const divergences: KlDivergences = single
      ? { kl: allocateMatrix(1, 1), clip: null, meanLogLikelihood: Float64Array.of(rowSum(L.values, 0, L.columns) / used.length) }
      : await klDivergences(L, meanBytes, clip, native);
    const { kl } = divergences;
    const coordinates = single ? null : await mapCoordinates(kl, method, { texts: used.length, meanBytes }, native);
    const clusters = findClusters(kl.values.map(Math.sqrt), models.length);

    const mapRows = models.map(({ row }, i): MapRow => {
      const [nearest] = nearestModels(kl.values, models.length, i, 1);
      return {
        model: row.name,
        x: coordinates?.x[i] ?? null,
        y: coordinates?.y[i] ?? null,
        cluster: clusters?.[i] ?? null,
        meanLogLikelihood: divergences.meanLogLikelihood[i] ?? NaN,
        bitsPerByte: bitsPerByte[i] ?? NaN,
        nearest: nearest === undefined ? null : (models[nearest.model]?.row.name ?? null),
        nearestKl: nearest?.kl ?? null,
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
        seconds,
      },
    };
    await writeAll(folder, { record: finished, rows, models, mapRows, divergences, coordinates, texts, used });
    onEvent({ event: "map-done", report: folder.report, seconds });
    return { models: mapRows.map((row) => row.model), rows: mapRows, kl: kl.values, report: folder.report };
  } finally {
    await lock.release();
  }
}

async function writeAll(
  folder: RunFolder,
  parts: {
    record: RunRecord;
    rows: ModelRow[];
    models: ScoredModel[];
    mapRows: MapRow[];
    divergences: KlDivergences;
    coordinates: MapCoordinates | null;
    texts: TextSet;
    used: Int32Array;
  },
): Promise<void> {
  const data = reportData(parts);
  await writeMap(folder.map, parts.mapRows);
  await writeKl(
    folder.kl,
    parts.mapRows.map((row) => row.model),
    parts.divergences.kl,
  );
  await writeReport(data, folder.report);
  if (parts.coordinates !== null) await writeFileAtomic(folder.picture, renderMapSvg(data));
  await writeRunRecord(folder.runRecord, parts.record);
}

async function readScoredModels(
  folder: RunFolder,
  rows: readonly ModelRow[],
  record: RunRecord,
  onEvent: OnEvent,
): Promise<ScoredModel[]> {
  const models: ScoredModel[] = [];
  for (const row of rows) {
    if (row.status !== "complete" || row.fileName === null) continue;
    const path = folder.scoreFile(row.fileName);
    let scores: StoredScores;
    try {
      scores = await readScoreFile(path);
    } catch (error) {
      if (!(error instanceof LlmapError)) throw error;
      onEvent({ event: "warning", model: row.name, message: `Left out of the map: ${error.message}` });
      continue;
    }
    if (scores.key.textsHash !== record.texts.hash || scores.key.modelSha256 !== row.sha256) {
      throw new LlmapError("ERR_RUN_FOLDER", `${path} holds scores of another model or text set. Delete it and run again.`);
    }
    requireSameSettings(folder.directory, record.settings, scores.key.settings, row.name);
    models.push({ row, scores });
  }
  if (models.length === 0) {
    throw new LlmapError("ERR_NOTHING_DONE", `No model in ${folder.directory} has complete scores, so there is nothing to map. Run \`llmap-native score\` first.`);
  }
  return models;
}

function rowSum(values: Float64Array, row: number, columns: number): number {
  let sum = 0;
  for (let column = 0; column < columns; column++) sum += values[row * columns + column] ?? NaN;
  return sum;
}
