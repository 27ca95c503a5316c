/**
 * Bootstrap over texts (Efron 1979): what KL divergences would have been on other samples of texts of the same kind. A resample draws N of the
 * N texts with replacement, each with its bytes, so that the mean bytes B vary with them; only the clip threshold stays.
 */
import { bootstrapPairVariances, type Matrix, type NativeOptions } from "../native/matrix.js";
import { randomIndex, seededRandom } from "../random.js";

/** How often each text was drawn in each resample. */
export interface Resamples {
  resamples: number;
  texts: number;
  /** resamples x texts; each row adds up to `texts`. One byte is enough: a count has mean 1, and more than 255 are never seen. */
  counts: Uint8Array<ArrayBuffer>;
}

export function drawResamples(texts: number, resamples: number, seed: number): Resamples {
  const random = seededRandom(seed);
  const counts = new Uint8Array(resamples * texts);
  for (let start = 0; start < counts.length; start += texts) {
    for (let draw = 0; draw < texts; draw++) {
      const at = start + randomIndex(random, texts);
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }
  return { resamples, texts, counts };
}

/** Mean UTF-8 bytes of the texts of each resample. */
export function resampledMeanBytes({ resamples, texts, counts }: Resamples, bytes: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: resamples }, (_, b) => {
    let sum = 0;
    for (let s = 0; s < texts; s++) sum += (counts[b * texts + s] ?? 0) * (bytes[s] ?? 0);
    return sum / texts;
  });
}

export interface Interval {
  low: number;
  high: number;
}

/** Pairs of one native call: bounds the memory of their resampled variances. */
const pairsAtOnce = 4096;

/**
 * Percentile intervals of KL divergences, in bits per byte.
 * @param L K x N log-likelihoods, clipped, nats; Q does as well, since centring changes no variance
 * @param pairs two rows of L for each pair
 * @param bytes UTF-8 bytes of each of the N texts
 * Resolves with one interval for each pair; [0, 0] for identical rows.
 */
export async function klIntervals(
  L: Matrix,
  pairs: Int32Array,
  bytes: ArrayLike<number>,
  drawn: Resamples,
  confidence: number,
  options: NativeOptions = {},
): Promise<Interval[]> {
  const scales = resampledMeanBytes(drawn, bytes).map((meanBytes) => 1 / (2 * meanBytes * Math.LN2));
  const intervals: Interval[] = [];
  for (let start = 0; start < pairs.length; start += 2 * pairsAtOnce) {
    const some = pairs.slice(start, start + 2 * pairsAtOnce);
    const variances = await bootstrapPairVariances(L, some, drawn.counts, drawn.resamples, options);
    for (let pair = 0; pair < some.length / 2; pair++) {
      const kl = scales.map((scale, b) => (variances[pair * drawn.resamples + b] ?? NaN) * scale);
      intervals.push(percentileInterval(kl, confidence));
    }
  }
  return intervals;
}

/** The central share `confidence` of the values (Efron's percentile interval); sorts them in place. */
export function percentileInterval(values: Float64Array, confidence: number): Interval {
  values.sort();
  return { low: sortedQuantile(values, (1 - confidence) / 2), high: sortedQuantile(values, (1 + confidence) / 2) };
}

/** Quantile q in [0, 1] of ascending values, linear interpolation as numpy's default. */
export function sortedQuantile(sorted: ArrayLike<number>, q: number): number {
  const rank = q * (sorted.length - 1);
  const below = Math.floor(rank);
  const low = sorted[below] ?? NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? NaN;
  return low + (rank - below) * (high - low);
}
