/** Maps by UMAP (McInnes, Healy and Melville 2018), as the package umap-js computes it, on our exact neighbours. */
import { setImmediate } from "node:timers/promises";
import { UMAP } from "umap-js";
import { throwIfAborted } from "../errors.js";
import { nearestModels } from "../matrix/neighbours.js";
import { principalCoordinates, type Matrix, type NativeOptions } from "../native/matrix.js";
import { defaultSeed, seededRandom } from "../random.js";
import { requireMethod } from "./map-method.js";
import { startCoordinates } from "./start.js";

/** Options of `umap`. */
export interface UmapOptions extends NativeOptions {
  /** 2 or 3; default 2. */
  dimensions?: number | undefined;
  /** Models that count as near, each itself included; default 15, or K - 1 with fewer than 16 models. */
  neighbours?: number | undefined;
  /** How close points may lie; default 0.1. */
  minDist?: number | undefined;
  /** Of the random numbers; default 42. */
  seed?: number | undefined;
}

/** What `umap` gives. */
export interface UmapMap {
  /** K x dimensions, row-major, without a unit. */
  coordinates: Float64Array;
  neighbours: number;
  minDist: number;
  epochs: number;
  seed: number;
}

const defaultNeighbours = 15;
/** Half the width that the map starts with, as in umap-learn. */
const startExtent = 10;
/** The event loop gets its turn after this much work. */
const turnMs = 20;

/**
 * UMAP of models whose squared distances are given. Starts from the principal coordinates, as umap-js has no spectral start. The event
 * loop turns between epochs.
 * @param squaredDistances K x K, symmetric, in any scale: KL divergences are such
 * Rejects with ERR_USAGE for fewer than four models, ERR_ABORTED.
 */
export async function umap(squaredDistances: Matrix, options: UmapOptions = {}): Promise<UmapMap> {
  const { dimensions = 2, minDist = 0.1, seed = defaultSeed, signal, threads, onProgress } = options;
  const models = squaredDistances.rows;
  requireMethod("umap", models);
  const neighbours = Math.min(options.neighbours ?? defaultNeighbours, models - 1);
  const random = seededRandom(seed);
  const principal = await principalCoordinates(squaredDistances, dimensions, { signal, threads, euclidean: true });
  const start = startCoordinates(principal, dimensions, (axis) => axis.reduce((most, x) => Math.max(most, Math.abs(x)), 0) / startExtent, random);

  const fit = new UMAP({ nComponents: dimensions, nNeighbors: neighbours, minDist, random });
  const { indices, distances } = await nearest(squaredDistances, neighbours, signal);
  fit.setPrecomputedKNN(indices, distances);
  // The points themselves are not looked at where neighbours are given.
  const epochs = fit.initializeFit(indices);
  const embedding = fit.getEmbedding();
  embedding.forEach((point, row) => {
    for (let d = 0; d < dimensions; d++) point[d] = start[row * dimensions + d] ?? 0;
  });
  let turn = performance.now();
  for (let epoch = 0; epoch < epochs; epoch++) {
    fit.step();
    if (performance.now() - turn < turnMs) continue;
    onProgress?.((epoch + 1) / epochs);
    await setImmediate();
    throwIfAborted(signal);
    turn = performance.now();
  }
  onProgress?.(1);
  return { coordinates: Float64Array.from(embedding.flat()), neighbours, minDist, epochs, seed };
}

/** Of each model itself and its nearest ones: positions, and distances. */
async function nearest(
  squaredDistances: Matrix,
  neighbours: number,
  signal: AbortSignal | undefined,
): Promise<{ indices: number[][]; distances: number[][] }> {
  const indices: number[][] = [];
  const distances: number[][] = [];
  let turn = performance.now();
  for (let row = 0; row < squaredDistances.rows; row++) {
    const found = nearestModels(squaredDistances.values, squaredDistances.rows, row, neighbours - 1);
    indices.push([row, ...found.map(({ model }) => model)]);
    distances.push([0, ...found.map(({ kl }) => Math.sqrt(kl))]);
    if (performance.now() - turn < turnMs) continue;
    await setImmediate();
    throwIfAborted(signal);
    turn = performance.now();
  }
  return { indices, distances };
}
