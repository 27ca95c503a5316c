/** Of which texts the page holds the tokens: those that it shows first. */
import { comparePair } from "../matrix/pair-comparison.js";
import type { Divergences } from "./divergences.js";
import type { ReportTokens } from "./report-data.js";
import type { Report, Sample } from "./report.js";
import { CentredTexts, clippedLogLikelihoods } from "./surprising-texts.js";

/** The most tokens in the page, of all models and texts together. */
export const mostTokens = 500_000;
/** Texts that the panels of one model (either way) and of two models list. */
export const surprisingTextsShown = 3;
export const distinguishingTextsShown = 10;
/** Pairs with farther models are not prepared for. */
const farthestRank = 30;

/**
 * The most surprising texts of each model, then for each model and its nearest, second nearest, ... the texts that tell the two apart; until the page is full.
 * @returns for each model the texts (indices of the page's)
 */
export function chooseTokenTexts(
  report: Pick<Report, "models" | "clip">,
  divergences: Divergences,
  sample: Sample,
  { models: recorded, count }: Pick<ReportTokens, "models" | "count">,
  most = mostTokens,
): Set<number>[] {
  const chosen = report.models.map(() => new Set<number>());
  let left = most;
  /** Whether all of them are in, now or before. */
  const take = (text: number, models: readonly number[]): boolean => {
    const fresh = models.filter((model) => chosen[model]?.has(text) === false);
    const tokens = fresh.reduce((sum, model) => sum + count(model, text), 0);
    if (tokens > left) return false;
    left -= tokens;
    for (const model of fresh) chosen[model]?.add(text);
    return true;
  };
  const able = report.models.flatMap((_, model) => (recorded[model] === 1 ? [model] : []));
  if (able.length === 0 || report.models.length < 2) return chosen;
  const centred = new CentredTexts(report, sample);
  for (const model of able) {
    const { below, above } = centred.farthest(model, surprisingTextsShown);
    for (const { text } of [...below, ...above]) if (!take(text, [model])) return chosen;
  }
  const nearest = able.map((model) => divergences.nearest(model, Math.min(farthestRank, report.models.length - 1)).map((entry) => entry.model).filter((other) => recorded[other] === 1));
  const clipped = new Map<number, Float64Array>();
  const rowOf = (model: number): Float64Array => {
    const known = clipped.get(model) ?? clippedLogLikelihoods(report, sample, model);
    clipped.set(model, known);
    return known;
  };
  const ranks = Math.max(0, ...nearest.map(({ length }) => length));
  const seen = new Set<number>();
  for (let rank = 0; rank < ranks; rank++) {
    for (const [i, model] of able.entries()) {
      const other = nearest[i]?.[rank];
      const pair = other === undefined ? NaN : Math.min(model, other) * report.models.length + Math.max(model, other);
      if (other === undefined || seen.has(pair)) continue;
      seen.add(pair);
      const { contributions } = comparePair(rowOf(model), rowOf(other), sample.bytes, sample.sources);
      for (const { column } of contributions.slice(0, distinguishingTextsShown)) if (!take(column, [model, other])) return chosen;
    }
  }
  return chosen;
}
