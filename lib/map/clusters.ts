/** Clusters of models: the tree, cut where the mean silhouette is highest. */
import { callAddon, type Matrix, type NativeOptions } from "../native/matrix.js";
import { cutTree, type Merge } from "./linkage.js";

/** With three models or fewer a cluster says nothing that the distances do not. */
const fewestModels = 4;
/** Below this mean silhouette there is no structure to speak of (Kaufman and Rousseeuw 1990, p. 88). */
const leastSilhouette = 0.25;
/**
 * How much farther two models are than a typical model from nine tenths of the others does not count: else the cut that parts one model far off, a
 * broken one for example, from all others would have the highest silhouette.
 */
const reachShare = 0.9;

/** The most clusters that are tried: 12, for many models twice the square root of their number. */
export function mostClusters(models: number): number {
  return Math.min(models - 1, Math.max(12, Math.ceil(2 * Math.sqrt(models))));
}

/**
 * The cut into 2 to {@link mostClusters} clusters of the highest mean silhouette (Rousseeuw 1987).
 * @param squaredDistances K x K, symmetric, zero diagonal, in any scale, that the tree was made from: KL divergences are such
 * @param merges the tree
 * Resolves with a cluster number from 0 for each model, all 0 where no cut has a mean silhouette above 0.25; null for fewer than four models.
 * Rejects with ERR_NUMERIC, ERR_ABORTED.
 */
export async function findClusters(squaredDistances: Matrix, merges: readonly Merge[], options: NativeOptions = {}): Promise<Int32Array | null> {
  const { rows: models, values } = squaredDistances;
  if (models < fewestModels) return null;
  const cap = Math.sqrt(await callAddon(options, (addon, native) => addon.medianReach(values, models, reachShare, native)));
  const tree = Int32Array.from(merges.flatMap(({ a, b }) => [a, b]));
  const silhouettes = await callAddon(options, (addon, native) => addon.cutSilhouettes(values, models, tree, mostClusters(models), cap, native));
  const highest = silhouettes.reduce((max, value) => Math.max(max, value), leastSilhouette);
  const best = silhouettes.indexOf(highest);
  return best === -1 ? new Int32Array(models) : cutTree(merges, models, best + 2);
}
