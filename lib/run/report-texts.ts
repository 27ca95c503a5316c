/** The texts and sources that the page shows. */
import type { ReportSources, ReportTexts } from "../report/report-data.js";
import { sampleTexts, textLimits } from "../report/text-sample.js";
import type { SourceRow } from "../store/map-tables.js";
import { sourceOf, type TextSet } from "../texts/text-set.js";
import type { MapModel } from "./map-vectors.js";

/** The most sources on the page, and the most figures (models x sources). */
const mostSources = 40;
const mostSourceFigures = 400_000;

/** All used texts or a sample of them. Models that were scored on resampled texts alone have no log-likelihoods here. */
export function reportTexts(models: readonly MapModel[], texts: TextSet, used: Int32Array): ReportTexts {
  const shown = Array.from(used, (text) => shownContent(texts.texts[text]?.content ?? ""));
  const sources = Array.from(used, (text) => sourceOf(texts, text));
  const sample = sampleTexts(sources, shown.map((content) => Buffer.byteLength(content)), models.length);
  const positions = sample.map((column) => used[column] ?? -1);
  const contents = Array.from(sample, (column) => shown[column] ?? "");
  return {
    positions,
    contents,
    cut: contents.map((content, i) => content.length < (texts.texts[positions[i] ?? -1]?.content.length ?? 0)),
    sources: Array.from(sample, (column) => sources[column] ?? ""),
    bytes: positions.map((text) => texts.texts[text]?.bytes ?? 0),
    logLikelihood: (model, text) => {
      const of = models[model];
      return of === undefined || of.quick ? NaN : (of.scores.rows.logLikelihood[positions[text] ?? -1] ?? NaN);
    },
  };
}

/** The beginning of a long text, no character of it halved. */
function shownContent(content: string): string {
  if (content.length <= textLimits.charactersPerText) return content;
  return content.slice(0, textLimits.charactersPerText).replace(/[\uD800-\uDBFF]$/, "");
}

/** @param positions of the models by name */
export function reportSources(rows: readonly SourceRow[], positions: ReadonlyMap<string, number>): ReportSources {
  const sizes = new Map<string, { texts: number; bytes: number }>();
  for (const { source, texts, bytes } of rows) if (!sizes.has(source)) sizes.set(source, { texts, bytes });
  const sorted = Array.from(sizes).sort(([, a], [, b]) => b.texts - a.texts);
  const kept = sorted.slice(0, Math.min(mostSources, Math.floor(mostSourceFigures / Math.max(1, positions.size))));
  const columns = new Map(kept.map(([source], column) => [source, column]));
  const bitsPerByte = new Float32Array(positions.size * kept.length).fill(NaN);
  for (const row of rows) {
    const column = columns.get(row.source);
    const model = positions.get(row.model);
    if (column !== undefined && model !== undefined) bitsPerByte[model * kept.length + column] = row.bitsPerByte;
  }
  return {
    names: kept.map(([source]) => source),
    texts: Int32Array.from(kept, ([, { texts }]) => texts),
    bytes: Float64Array.from(kept, ([, { bytes }]) => bytes),
    bitsPerByte,
    leftOut: sorted.length - kept.length,
  };
}
