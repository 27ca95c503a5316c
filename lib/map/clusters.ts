/** Clusters of models: the average-linkage tree, cut where the mean silhouette is highest. */
import { averageLinkage, cutTree } from "./linkage.js";

/** With three models or fewer a cluster says nothing that the distances do not. */
const fewestModels = 4;
const mostClusters = 12;
/** Below this mean silhouette there is no structure to speak of (Kaufman and Rousseeuw 1990, p. 88). */
const leastSilhouette = 0.25;

/**
 * @param distances K x K, symmetric, for example the square roots of KL divergences
 * @returns a cluster number from 0 for each model, all 0 where no cut is better than none; null for fewer than four models
 */
export function findClusters(distances: Float64Array, count: number): Int32Array | null {
  if (count < fewestModels) return null;
  const merges = averageLinkage(distances, count);
  let best = new Int32Array(count);
  let highest = leastSilhouette;
  for (let clusters = 2; clusters <= Math.min(mostClusters, count - 1); clusters++) {
    const labels = cutTree(merges, count, clusters);
    const silhouette = meanSilhouette(distances, labels, clusters);
    if (silhouette > highest) {
      highest = silhouette;
      best = new Int32Array(labels);
    }
  }
  return best;
}

/**
 * Mean of (b - a) / max(a, b) over the points, a the mean distance to the own cluster and b to the nearest other one; 0 for a point
 * alone in its cluster (Rousseeuw 1987).
 */
export function meanSilhouette(distances: Float64Array, labels: Int32Array, clusters: number): number {
  const count = labels.length;
  const sizes = new Int32Array(clusters);
  for (const label of labels) sizes[label] = (sizes[label] ?? 0) + 1;
  const sums = new Float64Array(clusters);
  let total = 0;
  for (let i = 0; i < count; i++) {
    const own = labels[i] ?? 0;
    const ownSize = sizes[own] ?? 0;
    if (ownSize === 1) continue;
    sums.fill(0);
    for (let j = 0; j < count; j++) sums[labels[j] ?? 0] = (sums[labels[j] ?? 0] ?? 0) + (distances[i * count + j] ?? 0);
    const within = (sums[own] ?? 0) / (ownSize - 1);
    let nearest = Infinity;
    for (let c = 0; c < clusters; c++) {
      if (c !== own) nearest = Math.min(nearest, (sums[c] ?? 0) / (sizes[c] ?? 1));
    }
    const larger = Math.max(within, nearest);
    if (larger > 0) total += (nearest - within) / larger;
  }
  return total / count;
}
