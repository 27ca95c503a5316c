/** Gathers what the page shows from the parts of a run. */
import type { KlDivergences } from "../matrix/kl-divergence.js";
import type { MapCoordinates } from "../map/coordinates.js";
import type { ReportData, ReportModel } from "../report/report-data.js";
import type { MapRow } from "../store/map-tables.js";
import type { ModelRow } from "../store/models-table.js";
import type { RunRecord } from "../store/run-record.js";
import { sourceOf, type TextSet } from "../texts/text-set.js";
import type { ScoredModel } from "./scored-run.js";

export function reportData(parts: {
  record: RunRecord;
  rows: readonly ModelRow[];
  models: readonly ScoredModel[];
  mapRows: readonly MapRow[];
  divergences: KlDivergences;
  coordinates: MapCoordinates | null;
  texts: TextSet;
  used: Int32Array;
}): ReportData {
  const { record, rows, models, mapRows, divergences, coordinates, texts, used } = parts;
  const single = models.length === 1;
  return {
    title: single ? `Scores of ${models[0]?.row.name ?? "one model"}` : `Map of ${models.length} language models`,
    createdAt: record.updatedAt,
    versions: record.versions,
    settings: {
      "BOS policy": record.settings.bos,
      "Flash attention": record.settings.flashAttention,
      "KV cache": record.settings.kvCacheType,
      Scorer: distinct(models.map(({ scores }) => scores.key.settings.scorer)),
      "llama.cpp": distinct(models.map(({ scores }) => scores.key.settings.llamaCpp)),
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
    map: coordinates && {
      method: coordinates.method,
      unit: coordinates.unit,
      dimensions: coordinates.z === null ? 2 : 3,
      explained: coordinates.explained,
      settings: embeddingSettings(coordinates.embedding),
    },
    models: models.map((model, i) => reportModel(model, mapRows[i])),
    kl: single ? [] : Array.from(divergences.kl.values),
    failed: rows
      .filter((row) => row.status === "failed")
      .map(({ name, path, error }) => ({ name, path, reason: error ?? "unknown" })),
    skipped: record.skipped,
  };
}

function reportModel({ row, scores }: ScoredModel, at: MapRow | undefined): ReportModel {
  const { settings } = scores.key;
  return {
    name: row.name,
    x: at?.x ?? null,
    y: at?.y ?? null,
    ellipse: at?.ellipse ?? null,
    trajectory: at?.trajectory ?? null,
    cluster: at?.cluster ?? null,
    meanLogLikelihood: at?.meanLogLikelihood ?? NaN,
    bitsPerByte: at?.bitsPerByte ?? NaN,
    labels: row.labels,
    architecture: row.facts?.architecture ?? "unknown",
    title: row.facts?.title ?? null,
    parameters: row.facts?.parameters ?? 0,
    quantization: row.facts?.quantization ?? null,
    bytes: row.facts?.bytes ?? 0,
    contextLength: row.facts?.contextLength ?? null,
    vocabularySize: row.facts?.vocabularySize ?? null,
    bosPolicy: row.bosPolicy ?? settings.bos,
    backend: settings.backend === "cpu" ? "CPU" : `${settings.backend} (${settings.device})`,
    truncatedTexts: row.truncatedTexts ?? 0,
    warnings: row.warnings,
  };
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

function distinct(values: readonly string[]): string {
  return [...new Set(values)].join(", ");
}
