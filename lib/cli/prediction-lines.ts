/** Predicted scores, for the terminal. */
import { fewestForLeakageScreen } from "../matrix/leakage-screen.js";
import type { MeanAndSd } from "../matrix/mean-and-sd.js";
import { formatFixed, formatSignificant, nothing, shortenName } from "../report/format.js";
import type { PredictResult, ScorePrediction } from "../run/predict.js";
import type { PredictionRow } from "../store/predictions-table.js";
import { textTable } from "./text-table.js";

const mostRows = 20;

export function predictionLines(result: PredictResult): string[] {
  const { label, family, families, labelled, models, texts, folds, repeats, plain, grouped } = result;
  const schemes: [string, ScorePrediction][] = [["models", plain], ...(grouped === null ? [] : [[`families (${family}: ${families})`, grouped] as [string, ScorePrediction]])];
  return [
    `${label} of ${labelled} of ${models} models on ${texts} texts, predicted by fits without them (${folds} folds, mean ± sd of ${repeats} repetitions):`,
    ...textTable(
      ["held out", "Pearson", "Spearman", "penalty"],
      schemes.map(([name, { pearson, spearman, alphas }]) => [name, formatCorrelation(pearson), formatCorrelation(spearman), formatAlphas(alphas)]),
    ),
    ...unlabelledLines(result),
    "",
    ...leakageLines(result),
    "All models: predictions.arrow",
  ];
}

function formatCorrelation({ mean, sd }: MeanAndSd): string {
  return Number.isFinite(mean) ? `${formatFixed(mean, 3)} ± ${formatFixed(sd, 3)}` : nothing;
}

/** Which penalties were chosen how often: "1e5 (12), 1e6 (13)". */
function formatAlphas(alphas: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const alpha of alphas) counts.set(alpha, (counts.get(alpha) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a - b).map(([alpha, count]) => `${formatAlpha(alpha)} (${count})`).join(", ");
}

const formatAlpha = (alpha: number): string => alpha.toExponential().replace("e+", "e");

function unlabelledLines({ rows, label, plain, grouped }: PredictResult): string[] {
  const unlabelled = rows.filter((row) => row.label === null).sort((a, b) => b.prediction - a.prediction);
  if (unlabelled.length === 0) return [];
  const penalties = [plain, ...(grouped === null ? [] : [grouped])].map(({ finalAlpha }) => formatAlpha(finalAlpha)).join(" and ");
  const headings = grouped === null ? ["model", label] : ["model", `${label}, of a known family`, "of a new one"];
  return [
    "",
    `Models without ${label}, by fits to all others (penalty ${penalties}):`,
    ...firstRows(headings, unlabelled, (row) => [
      shortenName(row.model, 40), formatSignificant(row.prediction), ...(row.groupedPrediction === null ? [] : [formatSignificant(row.groupedPrediction)]),
    ]),
  ];
}

function leakageLines({ rows, leakage, leakageLimit, label }: PredictResult): string[] {
  if (leakage === null) return [`No leakage screen: it needs ${fewestForLeakageScreen} models whose likelihoods vary about what their scores let expect.`];
  const suspects = rows.filter((row) => row.suspect === true).sort((a, b) => (b.leakage ?? 0) - (a.leakage ?? 0));
  if (suspects.length === 0) return [`Leakage screen: no model's likelihood is more than ${leakageLimit} sd above what its predicted ${label} lets expect.`];
  return [
    `Leakage screen: likelihoods more than ${leakageLimit} sd above what the predicted ${label} lets expect (trained on the texts?):`,
    ...firstRows(["model", `predicted ${label}`, "mean log-likelihood", "sd above"], suspects, (row) => [
      shortenName(row.model, 40), formatSignificant(row.prediction), formatFixed(row.meanLogLikelihood, 1), formatFixed(row.leakage ?? NaN, 1),
    ]),
  ];
}

function firstRows(headings: readonly string[], rows: readonly PredictionRow[], cells: (row: PredictionRow) => string[]): string[] {
  const more = rows.length - mostRows;
  return [...textTable(headings, rows.slice(0, mostRows).map(cells)), ...(more > 0 ? [`and ${more} more`] : [])];
}
