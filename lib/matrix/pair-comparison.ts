/** Two models text by text: what their KL divergence is made of. */
import { sortedQuantile } from "./sorted-quantile.js";

/** The part of a KL divergence that comes from the texts of one source. */
export interface SourceShare {
  source: string;
  texts: number;
  bytes: number;
  /** Sum of the contributions of its texts, bits per byte: over all sources they add up to the KL divergence. */
  kl: number;
  /** kl over the whole KL divergence; 0 where that is 0. */
  share: number;
  /** Mean of L_a - L_b over its texts, nats per text: above 0 where the first model finds them likelier. */
  meanDifference: number;
}

/** The part of a KL divergence that comes from one text. */
export interface TextContribution {
  /** Column of the matrix. */
  column: number;
  /** (L_a - L_b) minus its mean over all texts, nats. */
  centredDifference: number;
  /** Its part of the KL divergence, bits per byte. */
  kl: number;
  share: number;
}

/** What `comparePair` gives. */
export interface PairComparison {
  /** Var over texts of (L_a - L_b), ddof 0, over 2 B ln 2: bits per byte. */
  kl: number;
  /** The same from the winsorised variance: few texts of large difference do not decide it. */
  robustKl: number;
  /** Variances behind both, nats squared. */
  variance: number;
  robustVariance: number;
  /** Mean of L_a - L_b, nats per text. */
  meanDifference: number;
  /** Largest share first. */
  sources: SourceShare[];
  /** All texts, largest contribution first. */
  contributions: TextContribution[];
}

/** Share of the differences at either end that the winsorised variance moves inwards. */
const winsorisedShare = 0.05;
/**
 * Variance of a standard normal winsorised at its 5 % and 95 % quantiles ±z: (1 - 2g) - 2 z phi(z) + 2 g z^2, with g = 0.05 and
 * z = 1.6448536269514722. Dividing by it makes the winsorised variance consistent for the normal.
 */
const normalWinsorisedVariance = 0.8312682811307568;

/**
 * The winsorised variance (Dixon and Tukey 1968, "Approximate behavior of the distribution of winsorized t"): values beyond the 5 % and
 * 95 % quantiles are moved to these, then the variance (ddof 0) is taken and divided by what this leaves of a normal's.
 */
export function winsorisedVariance(values: Float64Array): number {
  const sorted = values.slice().sort();
  const low = sortedQuantile(sorted, winsorisedShare);
  const high = sortedQuantile(sorted, 1 - winsorisedShare);
  const moved = sorted.map((value) => Math.min(high, Math.max(low, value)));
  return sumOfSquares(moved, mean(moved)) / moved.length / normalWinsorisedVariance;
}

/**
 * How far apart two models are, over all texts and by source and text. Nothing is thrown: the caller checks that the lengths agree.
 * @param a, b clipped log-likelihoods of the N texts under two models, nats
 * @param bytes UTF-8 bytes of each text
 * @param sources where each text comes from
 */
export function comparePair(
  a: Float64Array,
  b: Float64Array,
  bytes: ArrayLike<number>,
  sources: readonly string[],
): PairComparison {
  const texts = a.length;
  const differences = a.map((value, s) => value - (b[s] ?? NaN));
  const meanDifference = mean(differences);
  const centred = differences.map((value) => value - meanDifference);
  const squares = sumOfSquares(centred, 0);
  let allBytes = 0;
  for (let s = 0; s < texts; s++) allBytes += bytes[s] ?? 0;
  // Var / (2 B ln 2), with the N of the mean square and the N of the mean bytes taken out.
  const scale = 1 / (2 * allBytes * Math.LN2);
  const share = (part: number): number => (squares > 0 ? part / squares : 0);

  const bySource = new Map<string, SourceShare & { squares: number; sum: number }>();
  const contributions = Array.from(centred, (centredDifference, column): TextContribution => {
    const square = centredDifference * centredDifference;
    const source = sources[column] ?? "";
    const entry = bySource.get(source) ?? { source, texts: 0, bytes: 0, kl: 0, share: 0, meanDifference: 0, squares: 0, sum: 0 };
    bySource.set(source, entry);
    entry.texts++;
    entry.bytes += bytes[column] ?? 0;
    entry.squares += square;
    entry.sum += differences[column] ?? NaN;
    return { column, centredDifference, kl: square * scale, share: share(square) };
  });
  const robustVariance = winsorisedVariance(centred);
  return {
    kl: squares * scale,
    robustKl: robustVariance * texts * scale,
    variance: squares / texts,
    robustVariance,
    meanDifference,
    sources: Array.from(bySource.values(), ({ squares: part, sum, ...entry }) => ({
      ...entry,
      kl: part * scale,
      share: share(part),
      meanDifference: sum / entry.texts,
    })).sort((one, other) => other.share - one.share),
    contributions: contributions.sort((one, other) => other.kl - one.kl || one.column - other.column),
  };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function sumOfSquares(values: Float64Array, centre: number): number {
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
}
