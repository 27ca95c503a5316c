/** Divergences of chosen models from the server of `llmap-native open`, for a page that holds no pairs of so many. */
import { KlTriangle } from "./kl-triangle.js";
import { rangesOf } from "./ranges.js";

/** Models in one answer of the server. */
export const mostServedModels = 1000;

/**
 * Of all pairs, in the order of `models`, bits/byte; null where the server has none, or is gone.
 * @param base address of the page @param models places on the page, in increasing order, at most {@link mostServedModels}
 */
export async function servedDivergences(base: string, models: readonly number[]): Promise<KlTriangle | null> {
  try {
    const answer = await fetch(new URL(`data/divergences?models=${rangesOf(models)}`, base));
    return answer.ok ? new KlTriangle(models.length, new Float32Array(await answer.arrayBuffer())) : null;
  } catch {
    return null; // the server is gone, as after --watch
  }
}
