/** From the log-likelihood matrix L to the model coordinates Q: clip, then double centring (docs/method.md). */
import { doubleCentre, quantile, type Centring, type FloatMatrix, type NativeOptions } from "../native/matrix.js";

/** Where log-likelihoods are clipped: at a quantile of all entries, or at the stored threshold (nats) of a map that models join. */
export type ClipAt = { quantile: number } | { threshold: number };

/** What `modelCoordinates` did to L, which holds Q afterwards. */
export interface ModelCoordinates extends Pick<Centring, "rowMeans" | "columnMeans"> {
  /** Nats. */
  threshold: number;
  /** Share of the entries of L that were below the threshold. */
  clippedShare: number;
}

/**
 * Clips and double-centres L in place, so that it holds Q afterwards. `rowMeans` are the mean clipped log-likelihoods per text.
 * @param L K x N log-likelihoods, nats
 * @param options.weights one non-negative weight per text for the row means; default: equal
 * Rejects with ERR_NUMERIC for values that are not finite.
 */
export async function modelCoordinates(
  L: FloatMatrix,
  clipAt: ClipAt,
  options: NativeOptions & { weights?: Float64Array | undefined } = {},
): Promise<ModelCoordinates> {
  const threshold = "threshold" in clipAt ? clipAt.threshold : await quantile(L.values, clipAt.quantile, options);
  const { rowMeans, columnMeans, clipped } = await doubleCentre(L, L, { ...options, least: threshold });
  return { rowMeans, columnMeans, threshold, clippedShare: clipped / L.values.length };
}
