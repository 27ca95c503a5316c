/** The report as the page works with it. */
import type { Divergences } from "./divergences.js";
import type { KlTriangle } from "./kl-triangle.js";
import type { ReportData, ReportTexts } from "./report-data.js";
import type { TextTokens } from "./text-pieces.js";

export interface Report extends Omit<ReportData, "kl" | "sample" | "tokens"> {
  divergences: Divergences;
  /** Largest relative error of a divergence that the page holds. */
  klError: number;
  /** Models in the order of their tree, in which relatives are neighbours. */
  order: Int32Array;
  /** In place of the pairs of many models: see {@link heatMapOverview}. */
  overview: { blocks: number; kl: Float32Array } | null;
  /** Divergences of chosen models that the page does not hold; null for a page from disk. See {@link servedDivergences}. */
  divergencesOf: ((models: readonly number[]) => Promise<KlTriangle | null>) | null;
  /** How many texts the page holds; the whole set has `texts.count`. */
  textCount: number;
  /** Unpacks the texts when they are first wanted. */
  sample: () => Promise<Sample>;
  /** Of single texts; null where no model's tokens were recorded. */
  tokens: RecordedTokens | null;
}

/** "unplaced": it is not known which bytes of the text the tokens stand for. "elsewhere": the page does not hold them, the run folder may. */
export type FoundTokens = TextTokens | "unplaced" | "elsewhere";

export interface RecordedTokens {
  /** 1 for each model that has some. */
  models: Uint8Array;
  /** @param text index of the page's texts @param position of the same in the text set */
  of: (model: number, text: number, position: number) => Promise<FoundTokens>;
}

/** The texts that the page holds, with the log-likelihoods of all models. */
export interface Sample extends Omit<ReportTexts, "logLikelihood"> {
  /** Log-likelihoods of the texts under a model, nats, not clipped; NaN where it was not scored. */
  logLikelihoods: (model: number) => Float64Array;
  /** Largest error of one, nats. */
  error: number;
}
