/** What a distance on a map means, in words. */
import { defaultConfidence } from "../matrix/bootstrap-options.js";
import { formatFixed, formatInteger, formatPercent } from "./format.js";
import type { ReportData, ReportMap } from "./report-data.js";

/** Short sentences. @param turned whether a map of three dimensions is seen from elsewhere than the front */
export function mapStatement(map: ReportMap, texts: Pick<ReportData["texts"], "count" | "meanBytes">, turned = false): string[] {
  const view = turned ? "The map is turned: what is across and up is a mixture of its three axes." : "This is the map from the front; its third axis goes into the depth.";
  const depth = map.z === null ? [] : [view];
  if (map.explained === null) return [...neighbourhoods(map), ...depth];
  const [first = 0, second = 0] = map.explained;
  const meaning =
    map.method === "mds"
      ? "Classical scaling: the squared distance of two points approximates their KL divergence in bits/byte (1 apart: 1, 2 apart: 4)."
      : "Principal components: two points d nats apart have a KL divergence of about " +
        `d² / (2 · ${formatInteger(texts.count)} texts · ${formatFixed(texts.meanBytes, 1)} bytes · ln 2) bits/byte.`;
  const shown = first + second;
  if (turned) return [meaning, "So points can be farther apart than they look, never nearer.", ...depth];
  const spread =
    map.ellipses === null ? [] : [`Ellipses: where ${formatInteger(100 * defaultConfidence)} % of the maps of resampled texts put a model.`];
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

/** The names of the methods, as the page shows them. */
export const methodTitles = { mds: "MDS", pca: "PCA", tsne: "t-SNE", umap: "UMAP" } as const;

function neighbourhoods({ method, settings }: ReportMap): string[] {
  return [
    `${methodTitles[method]} (${settings.join(", ")}) shows who is near to whom: models beside each other are alike.`,
    "The axes have no unit, and distances between groups, their sizes and their density cannot be read.",
    "How far apart two models are is in the table and in kl.arrow.",
  ];
}

/** KL divergence in bits/byte of two points 1 apart; null where distances cannot be read. */
export function klOfUnit({ method }: Pick<ReportMap, "method">, { count, meanBytes }: Pick<ReportData["texts"], "count" | "meanBytes">): number | null {
  if (method === "mds") return 1;
  return method === "pca" ? 1 / (2 * count * meanBytes * Math.LN2) : null;
}
