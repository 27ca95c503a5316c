/** Two models compared with what the page holds: as `compare` does, from all texts or from the sample of them that the page has. */
import { defaultCompareResamples, defaultConfidence } from "../matrix/bootstrap-options.js";
import { drawResamples, percentileInterval, resampledMeanBytes, type Interval, type Resamples } from "../matrix/bootstrap.js";
import { comparePair, type PairComparison } from "../matrix/pair-comparison.js";
import { verdictOf, type Verdict } from "../matrix/verdict.js";
import { defaultSeed } from "../random.js";
import type { Report, Sample } from "./report.js";
import { clippedLogLikelihoods } from "./surprising-texts.js";

export interface PairOnPage {
  /** Of the texts of the page; its columns are their indices. */
  comparison: PairComparison;
  /** Bits/byte: percentile interval over resamples of the page's texts. */
  interval: Interval;
  verdict: Verdict;
  /** Whether these are all texts of the run, so that the numbers are those of `compare`. */
  allTexts: boolean;
}

/** Null where one of the models was not scored on all texts. */
export function comparePairOnPage(report: Report, sample: Sample, resamples: Resamples, [a, b]: readonly [number, number]): PairOnPage | null {
  const [one, other] = [clippedLogLikelihoods(report, sample, a), clippedLogLikelihoods(report, sample, b)];
  if (one.some(Number.isNaN) || other.some(Number.isNaN)) return null;
  const comparison = comparePair(one, other, sample.bytes, sample.sources);
  const differences = one.map((value, text) => value - (other[text] ?? NaN) - comparison.meanDifference);
  const interval = percentileInterval(resampledKl(differences, sample.bytes, resamples), defaultConfidence);
  // The divergence itself is exact where the page has it; log-likelihoods have 16 bits each.
  const kl = report.divergences.between(a, b)?.kl ?? comparison.kl;
  const allTexts = report.textCount === report.texts.count;
  return { comparison, interval, verdict: verdictOf(kl, interval, report.noiseFloor.bitsPerByte), allTexts };
}

/** The resamples of the texts of the page that `compare` would draw. */
export const pairResamples = (sample: Sample): Resamples => drawResamples(sample.positions.length, defaultCompareResamples, defaultSeed);

/**
 * Divergences of resampled texts, bits/byte: Var / (2 B ln 2), the variance and mean bytes of the drawn texts (docs/compare.md).
 * @param differences N, of the log-likelihoods of two models, nats @param bytes N @returns one for each resample
 */
function resampledKl(differences: Float64Array, bytes: ArrayLike<number>, drawn: Resamples): Float64Array {
  const { texts, counts } = drawn;
  return resampledMeanBytes(drawn, bytes).map((meanBytes, b) => {
    let [sum, squares] = [0, 0];
    for (let s = 0; s < texts; s++) {
      const weighted = (counts[b * texts + s] ?? 0) * (differences[s] ?? NaN);
      sum += weighted;
      squares += weighted * (differences[s] ?? NaN);
    }
    const variance = Math.max(0, squares / texts - (sum / texts) ** 2);
    return variance / (2 * meanBytes * Math.LN2);
  });
}
