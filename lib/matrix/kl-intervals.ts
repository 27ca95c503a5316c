/** Bootstrap intervals of the KL divergences of many pairs. */
import { bootstrapPairVariances, type Matrix, type NativeOptions } from "../native/matrix.js";
import { percentileInterval, resampledMeanBytes, type Interval, type Resamples } from "./bootstrap.js";

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
