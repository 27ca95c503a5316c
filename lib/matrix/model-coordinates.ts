/** From the log-likelihood matrix L to the model coordinates Q: clip, then double centring (docs/method.md). */
import { clip, doubleCentre, quantile, type CentringMeans, type Matrix, type NativeOptions } from "../native/matrix.js";

/** Where log-likelihoods are clipped: at a quantile of all entries, or at the stored threshold (nats) of a map that models join. */
export type ClipAt = { quantile: number } | { threshold: number };

export interface ModelCoordinates extends CentringMeans {
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
  L: Matrix,
  clipAt: ClipAt,
  options: NativeOptions & { weights?: Float64Array | undefined } = {},
): Promise<ModelCoordinates> {
  const threshold = "threshold" in clipAt ? clipAt.threshold : await quantile(L.values, clipAt.quantile, options);
  const clipped = await clip(L.values, threshold, options);
  const means = await doubleCentre(L, L, options);
  return { ...means, threshold, clippedShare: clipped / L.values.length };
}
