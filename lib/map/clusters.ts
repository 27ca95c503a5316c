/** Clusters of models: the tree, cut where the mean silhouette is highest. */
import { cutTree, type Merge } from "./linkage.js";

/** With three models or fewer a cluster says nothing that the distances do not. */
const fewestModels = 4;
const mostClusters = 12;
/** Below this mean silhouette there is no structure to speak of (Kaufman and Rousseeuw 1990, p. 88). */
const leastSilhouette = 0.25;

/**
 * The cut into 2 to 12 clusters of the highest mean silhouette. Reads the distances once: coarser cuts join clusters of the finest one.
 * @param distances K x K, symmetric, that the tree was made from
 * @param merges the tree
 * @returns a cluster number from 0 for each model, all 0 where no cut is better than none; null for fewer than four models
 */
export function findClusters(distances: Float64Array, merges: readonly Merge[], count: number): Int32Array | null {
  if (count < fewestModels) return null;
  const finest = Math.min(mostClusters, count - 1);
  const fine = cutTree(merges, count, finest);
  const fineSums = sumsByCluster(distances, fine, finest);
  let best = new Int32Array(count);
  let highest = leastSilhouette;
  for (let clusters = 2; clusters <= finest; clusters++) {
    const labels = new Int32Array(cutTree(merges, count, clusters));
    const coarseOf = Int32Array.from({ length: finest }, (_, c) => labels[fine.indexOf(c)] ?? 0);
    const sums = new Float64Array(count * clusters);
    for (let i = 0; i < count; i++) {
      for (let c = 0; c < finest; c++) {
        const at = i * clusters + (coarseOf[c] ?? 0);
        sums[at] = (sums[at] ?? 0) + (fineSums[i * finest + c] ?? 0);
      }
    }
    const silhouette = silhouetteOf(sums, labels, clusters);
    if (silhouette > highest) {
      highest = silhouette;
      best = labels;
    }
  }
  return best;
}

/**
 * Mean of (b - a) / max(a, b) over the points, a the mean distance to the own cluster and b to the nearest other one; 0 for a point
 * alone in its cluster (Rousseeuw 1987).
 * @param distances K x K, symmetric
 */
export function meanSilhouette(distances: Float64Array, labels: Int32Array, clusters: number): number {
  return silhouetteOf(sumsByCluster(distances, labels, clusters), labels, clusters);
}

/** K x clusters: the sum of the distances from each point to the points of each cluster. */
function sumsByCluster(distances: Float64Array, labels: Int32Array, clusters: number): Float64Array {
  const count = labels.length;
  const sums = new Float64Array(count * clusters);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      const at = i * clusters + (labels[j] ?? 0);
      sums[at] = (sums[at] ?? 0) + (distances[i * count + j] ?? 0);
    }
  }
  return sums;
}

function silhouetteOf(sums: Float64Array, labels: Int32Array, clusters: number): number {
  const count = labels.length;
  const sizes = new Int32Array(clusters);
  for (const label of labels) sizes[label] = (sizes[label] ?? 0) + 1;
  let total = 0;
  for (let i = 0; i < count; i++) {
    const own = labels[i] ?? 0;
    const ownSize = sizes[own] ?? 0;
    if (ownSize === 1) continue;
    const within = (sums[i * clusters + own] ?? 0) / (ownSize - 1);
    let nearest = Infinity;
    for (let c = 0; c < clusters; c++) {
      if (c !== own) nearest = Math.min(nearest, (sums[i * clusters + c] ?? 0) / (sizes[c] ?? 1));
    }
    const larger = Math.max(within, nearest);
    if (larger > 0) total += (nearest - within) / larger;
  }
  return total / count;
}
