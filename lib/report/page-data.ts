/** What the page embeds, packed: written by Node, read by the page (page/read-report.ts). */
import { heatMapOverview } from "./heat-map-overview.js";
import { KlTriangle } from "./kl-triangle.js";
import { columnError, logarithmicError, quantiseColumns, quantiseLogarithm, restoreRow, singlePrecision, type ColumnQuantised, type LogQuantised } from "./quantised.js";
import type { ReportData, ReportTexts } from "./report-data.js";
import type { Sample } from "./report.js";
import { treeOrder } from "./tree-order.js";

/** With more models the page holds the divergences of the nearest ones, and the heat map in blocks. */
export const mostModelsWithPairs = 2000;
/** With more models the divergences have 16 bits each. */
const mostModelsInSinglePrecision = 500;

export interface PageData {
  report: Omit<ReportData, "kl" | "sample" | "tokens">;
  /** {@link KlTriangle} of all pairs in 32 bits, or in 16; null where there are too many, or one model. */
  kl: Float32Array | LogQuantised | null;
  /** Largest relative error of these. */
  klError: number;
  /** Models in the order of their tree, or of the report where there is none. */
  order: Int32Array;
  /** In place of the pairs. */
  overview: { blocks: number; kl: LogQuantised } | null;
  /** Number of the texts that come with the page. */
  texts: number;
  /** 1 for each model whose tokens were recorded; null: none. */
  tokenModels: Uint8Array | null;
}

/** The texts, apart from the rest because they are needed late. */
export interface PageTexts extends Omit<ReportTexts, "logLikelihood"> {
  logLikelihoods: ColumnQuantised;
}

export function pageData({ kl, sample, tokens, ...report }: ReportData): PageData {
  const count = report.models.length;
  const order =
    report.tree === null || kl === null
      ? Int32Array.from({ length: count }, (_, model) => model)
      : treeOrder(count, report.tree, (i, j) => kl[i * count + j] ?? NaN);
  const common = { report, order, texts: sample.positions.length, tokenModels: tokens?.models ?? null };
  if (kl === null) return { ...common, kl: null, klError: 0, overview: null };
  if (count > mostModelsWithPairs) {
    const { blocks, kl: means } = heatMapOverview(kl, order);
    return { ...common, kl: null, klError: 0, overview: { blocks, kl: quantiseLogarithm(means) } };
  }
  const { values } = KlTriangle.fromMatrix(kl, count);
  if (count <= mostModelsInSinglePrecision) return { ...common, kl: values, klError: singlePrecision, overview: null };
  const quantised = quantiseLogarithm(values);
  return { ...common, kl: quantised, klError: logarithmicError(quantised), overview: null };
}

/** @param models K */
export function pageTexts({ logLikelihood, ...texts }: ReportTexts, models: number): PageTexts {
  return { ...texts, logLikelihoods: quantiseColumns(models, texts.positions.length, logLikelihood) };
}

/** The texts as the page works with them. */
export function sampleOf({ logLikelihoods, ...texts }: PageTexts): Sample {
  return { ...texts, logLikelihoods: (model) => restoreRow(logLikelihoods, model), error: columnError(logLikelihoods) };
}
