/**
 * Bootstrap over texts (Efron 1979): what KL divergences would have been on other samples of texts of the same kind. A resample draws N of the
 * N texts with replacement, each with its bytes, so that the mean bytes B vary with them; only the clip threshold stays. Runs in a browser too.
 */
import { randomIndex, seededRandom } from "../random.js";
import { sortedQuantile } from "./sorted-quantile.js";

/** How often each text was drawn in each resample. */
export interface Resamples {
  resamples: number;
  texts: number;
  /** resamples x texts; each row adds up to `texts`. One byte is enough: a count has mean 1, and more than 255 are never seen. */
  counts: Uint8Array<ArrayBuffer>;
}

/** Draws the texts of each resample with replacement. The same seed draws the same texts on every machine. */
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

/** Ends of an interval, in the unit of what it is of. */
export interface Interval {
  low: number;
  high: number;
}

/** The central share `confidence` of the values (Efron's percentile interval); sorts them in place. */
export function percentileInterval(values: Float64Array, confidence: number): Interval {
  values.sort();
  return { low: sortedQuantile(values, (1 - confidence) / 2), high: sortedQuantile(values, (1 + confidence) / 2) };
}
