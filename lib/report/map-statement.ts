/** What a distance on the map means, in words. */
import { defaultConfidence } from "../matrix/bootstrap-options.js";
import { formatFixed, formatInteger, formatPercent } from "./format.js";
import type { ReportData } from "./report-data.js";

/** Short sentences; none where there is no map. */
export function mapStatement({ map, texts, models }: Pick<ReportData, "map" | "texts" | "models">): string[] {
  if (map === null) return [];
  const depth = map.dimensions === 3 ? ["This is the map from the front; its third axis is column z of map.arrow."] : [];
  if (map.explained === null) return [...neighbourhoods(map), ...depth];
  const [first = 0, second = 0] = map.explained;
  const meaning =
    map.method === "mds"
      ? "Classical scaling: the squared distance of two points approximates their KL divergence in bits/byte (1 apart: 1, 2 apart: 4)."
      : "Principal components: two points d nats apart have a KL divergence of about " +
        `d² / (2 · ${formatInteger(texts.count)} texts · ${formatFixed(texts.meanBytes, 1)} bytes · ln 2) bits/byte.`;
  const shown = first + second;
  const spread = models.some(({ ellipse }) => ellipse !== null)
    ? [`Ellipses: where ${formatInteger(100 * defaultConfidence)} % of the maps of resampled texts put a model.`]
    : [];
  if (shown > 0.9995) return [meaning, "Both axes have one scale, and together they show all of the distances.", ...spread, ...depth];
  return [
    meaning,
    `Both axes have one scale; they show ${formatPercent(shown)} of the sum of squared distances ` +
      `(${formatPercent(first)} across, ${formatPercent(second)} up).`,
    "So points can be farther apart than they look, never nearer.",
    ...spread,
    ...depth,
  ];
}

function neighbourhoods({ method, settings }: NonNullable<ReportData["map"]>): string[] {
  const name = method === "tsne" ? "t-SNE" : "UMAP";
  return [
    `${name} (${settings.join(", ")}) shows who is near to whom: models beside each other are alike.`,
    "The axes have no unit, and distances between groups, their sizes and their density cannot be read.",
    "How far apart two models are is in the table and in kl.arrow.",
  ];
}
