/** Gathers what the page shows from the parts of a run. */
import type { Merge } from "../map/linkage.js";
import type { MapCoordinates } from "../map/coordinates.js";
import type { KlDivergences } from "../matrix/kl-divergence.js";
import { klScale } from "../matrix/kl-scale.js";
import { leakageScreen } from "../matrix/leakage-screen.js";
import { formatInteger } from "../report/format.js";
import { mostModelsWithPairs } from "../report/page-data.js";
import type { ReportData, ReportMap, ReportModel, ReportNeighbours, ReportPrediction } from "../report/report-data.js";
import type { MapRow, NeighbourRow, SourceRow } from "../store/map-tables.js";
import type { ModelRow } from "../store/models-table.js";
import type { PredictionRow, StoredPredictions } from "../store/predictions-table.js";
import type { RunFolder } from "../store/run-folder.js";
import type { RunRecord } from "../store/run-record.js";
import { sourceOf, type TextSet } from "../texts/text-set.js";
import { noiseFloorOf } from "./compare.js";
import type { MapModel } from "./map-vectors.js";
import { reportSources, reportTexts } from "./report-texts.js";
import { reportTokens } from "./report-tokens.js";
import { relatedModel } from "./scale.js";

/** A map as it is written to the run folder. */
export interface MapParts {
  record: RunRecord;
  /** All rows of models.arrow, failed models included. */
  rows: readonly ModelRow[];
  /** The models of the map, in the order of `mapRows` and of the matrix. */
  models: readonly MapModel[];
  mapRows: readonly MapRow[];
  divergences: KlDivergences;
  /** The first is that of map.arrow; none with one model. */
  maps: readonly MapCoordinates[];
  merges: readonly Merge[];
  neighbours: readonly NeighbourRow[];
  sources: readonly SourceRow[];
  texts: TextSet;
  used: Int32Array;
}

/** @param predictions of models, those of the map among them; null where nothing was predicted @param folder with the tokens of the models; null: they are not shown */
export function reportData(parts: MapParts, predictions: StoredPredictions | null, folder: RunFolder | null): ReportData {
  const { record, rows, models, mapRows, divergences, maps, texts, used } = parts;
  const single = models.length === 1;
  const positions = new Map(models.map(({ row }, i) => [row.name, i]));
  const sample = reportTexts(models, texts, used);
  const predicted = new Map(predictions?.rows.map((row) => [row.model, row]));
  return {
    title: single ? `Scores of ${models[0]?.row.name ?? "one model"}` : `Map of ${formatInteger(models.length)} language models`,
    createdAt: record.updatedAt,
    versions: record.versions,
    settings: {
      "BOS policy": record.settings.bos,
      "Flash attention": record.settings.flashAttention,
      "KV cache": record.settings.kvCacheType,
      Scorer: distinct(models.map(({ scores }) => scores.key.settings.scorer)),
      "llama.cpp": distinct(models.map(({ scores }) => scores.key.settings.llamaCpp)),
      Backend: distinct(models.map(({ scores: { key } }) => backendOf(key.settings))),
      Batches: distinct(models.map(({ scores: { key: { settings } } }) => `${settings.sequences} texts, ${settings.batchTokens} tokens`)),
      ...mapSettings(record),
    },
    texts: {
      name: record.texts.name,
      count: used.length,
      leftOut: texts.texts.length - used.length,
      meanBytes: record.map?.meanBytes ?? texts.meanBytes,
      hash: texts.hash,
      sources: countSources(texts, used),
    },
    clip: divergences.clip,
    maps: maps.map((map, i) => reportMap(map, i === 0 ? mapRows : [])),
    models: models.map((model, i) => reportModel(model, mapRows[i], predicted.get(model.row.name))),
    kl: single ? null : divergences.kl.values,
    neighbours: reportNeighbours(parts.neighbours, positions),
    bootstrap: record.map?.bootstrap ?? null,
    noiseFloor: noiseFloorOf(record),
    relations: single || models.length > mostModelsWithPairs ? null : klScale(models.map(relatedModel), divergences.kl.values),
    sources: reportSources(parts.sources, positions),
    tree: single ? null : { linkage: record.map?.linkage ?? "average", ...treeArrays(parts.merges) },
    reference: record.map?.reference ?? null,
    predictions: predictions && reportPredictions(predictions),
    sample,
    tokens: folder && reportTokens(folder, models, sample),
    failed: rows
      .filter((row) => row.status === "failed")
      .map(({ name, path, error }) => ({ name, path, reason: error ?? "unknown" })),
    skipped: record.skipped,
  };
}

/** @param rows with the ellipses on this map; none: it has no ellipses */
function reportMap({ method, unit, explained, embedding, x, y, z }: MapCoordinates, rows: readonly MapRow[]): ReportMap {
  return {
    method,
    unit,
    explained,
    settings: embeddingSettings(embedding),
    x: Float32Array.from(x),
    y: Float32Array.from(y),
    z: z && Float32Array.from(z),
    ellipses: rows.some(({ ellipse }) => ellipse !== null) ? rows.map(({ ellipse }) => ellipse) : null,
  };
}

function reportModel({ row, scores }: MapModel, at: MapRow | undefined, predicted: PredictionRow | undefined): ReportModel {
  const { settings } = scores.key;
  return {
    name: row.name,
    trajectory: at?.trajectory ?? null,
    cluster: at?.cluster ?? null,
    meanLogLikelihood: at?.meanLogLikelihood ?? NaN,
    bitsPerByte: at?.bitsPerByte ?? NaN,
    klToReference: at?.klToReference ?? null,
    pareto: at?.pareto ?? null,
    prediction: predicted === undefined ? null : reportPrediction(predicted),
    added: at?.added ?? false,
    estimated: at?.estimated ?? false,
    labels: row.labels,
    architecture: row.facts?.architecture ?? "unknown",
    title: row.facts?.title ?? null,
    parameters: row.facts?.parameters ?? 0,
    quantization: row.facts?.quantization ?? null,
    bytes: row.facts?.bytes ?? 0,
    contextLength: row.facts?.contextLength ?? null,
    vocabularySize: row.facts?.vocabularySize ?? null,
    bosPolicy: row.bosPolicy ?? settings.bos,
    backend: backendOf(settings),
    fallback: row.fallback,
    truncatedTexts: row.truncatedTexts ?? 0,
    warnings: row.warnings,
  };
}

function reportPredictions({ rows, metadata: { label, family, leakageLimit } }: StoredPredictions): ReportData["predictions"] {
  const screen = leakageScreen(rows.map(({ prediction }) => prediction), rows.map(({ meanLogLikelihood }) => meanLogLikelihood));
  return { label, family, leakageLimit, screen: screen && { intercept: screen.intercept, slope: screen.slope } };
}

function reportPrediction({ label, prediction, predictionSd, groupedPrediction, groupedPredictionSd, leakage, suspect }: PredictionRow): ReportPrediction {
  return { actual: label, predicted: prediction, predictedSd: predictionSd, grouped: groupedPrediction, groupedSd: groupedPredictionSd, leakage, suspect };
}

/** @param positions of the models by name */
function reportNeighbours(rows: readonly NeighbourRow[], positions: ReadonlyMap<string, number>): ReportNeighbours {
  const count = rows.reduce((most, { rank }) => Math.max(most, rank), 0);
  const numbers = (): Float32Array => new Float32Array(positions.size * count).fill(NaN);
  const found: ReportNeighbours = { count, models: new Int32Array(positions.size * count).fill(-1), kl: numbers(), low: numbers(), high: numbers() };
  for (const { model, rank, neighbour, kl, klLow, klHigh } of rows) {
    const at = (positions.get(model) ?? NaN) * count + rank - 1;
    found.models[at] = positions.get(neighbour) ?? -1;
    found.kl[at] = kl;
    found.low[at] = klLow ?? NaN;
    found.high[at] = klHigh ?? NaN;
  }
  return found;
}

function treeArrays(merges: readonly Merge[]): { children: Int32Array; heights: Float32Array } {
  return { children: Int32Array.from(merges.flatMap(({ a, b }) => [a, b])), heights: Float32Array.from(merges, ({ height }) => height) };
}

function countSources(texts: TextSet, used: Int32Array): { source: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const text of used) {
    const source = sourceOf(texts, text);
    counts.set(source, (counts.get(source) ?? 0) + 1);
  }
  return Array.from(counts, ([source, count]) => ({ source, count })).sort((a, b) => b.count - a.count);
}

function embeddingSettings(embedding: MapCoordinates["embedding"]): string[] {
  if (embedding === null) return [];
  const { seed } = embedding;
  if ("epochs" in embedding) return [`${embedding.neighbours} neighbours`, `least distance ${embedding.minDist}`, `seed ${seed}`];
  const squared = embedding.metric === "euclidean" ? [] : ["affinities from squared distances squared"];
  return [`perplexity ${Number(embedding.perplexity.toFixed(1))}`, `${embedding.iterations} iterations`, ...squared];
}

const backendOf = ({ backend, device }: { backend: string; device: string }): string => (backend === "cpu" ? "CPU" : `${backend} (${device})`);

function mapSettings({ map }: RunRecord): Record<string, string> {
  if (map === null || map.method === null) return {};
  const maps = [map, ...map.further].map(({ method, embedding }) => [method ?? "", ...embeddingSettings(embedding)].join(", "));
  const { bootstrap } = map;
  return {
    Map: maps.join("; "),
    "Tree linkage": map.linkage,
    Bootstrap: bootstrap === null ? "none" : `${bootstrap.resamples} resamples, ${100 * bootstrap.confidence} %, seed ${bootstrap.seed}`,
  };
}

function distinct(values: readonly string[]): string {
  return [...new Set(values)].join(", ");
}
