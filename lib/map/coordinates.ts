/** Coordinates of the models in two or three dimensions. */
import { bitsPerBytePerSquaredDistance } from "../matrix/kl-divergence.js";
import { principalCoordinates, type Matrix, type NativeOptions } from "../native/matrix.js";
import type { MapMethod, TsneMetric } from "./map-method.js";
import { tsne } from "./tsne.js";
import { umap } from "./umap.js";

/** Models on a map: one coordinate per model and axis. */
export interface MapCoordinates {
  method: MapMethod;
  /** What distances between points are measured in. */
  unit: string;
  x: Float64Array;
  y: Float64Array;
  /** Null in two dimensions. */
  z: Float64Array | null;
  /** Share of the sum of squared distances that each axis shows; null for t-SNE and UMAP, whose distances say nothing. */
  explained: number[] | null;
  /** How a map by t-SNE or UMAP was made; null for the others. */
  embedding: TsneRecord | UmapRecord | null;
}

/** How a map by t-SNE was made. */
export interface TsneRecord {
  seed: number;
  perplexity: number;
  metric: TsneMetric;
  /** Iterations that were run. */
  iterations: number;
  /** KL divergence of the map from the affinities, nats. */
  kl: number;
}

/** How a map by UMAP was made. */
export interface UmapRecord {
  seed: number;
  neighbours: number;
  minDist: number;
  epochs: number;
}

/** Options of `mapCoordinates`. */
export interface CoordinateOptions extends NativeOptions {
  /** 2 or 3; default 2. */
  dimensions?: number | undefined;
  /** Default 42. */
  seed?: number | undefined;
  /** Of t-SNE; see {@link tsne}. */
  perplexity?: number | undefined;
  metric?: TsneMetric | undefined;
  iterations?: number | undefined;
}

/**
 * Places models on a map by one method.
 * @param kl K x K in bits per byte, K >= 2 (t-SNE and UMAP: K >= 4)
 * @param texts N, and `meanBytes` B, of the log-likelihood matrix behind it
 * Rejects with ERR_USAGE where the method cannot be used for so many models, ERR_NUMERIC, ERR_ABORTED.
 */
export async function mapCoordinates(
  kl: Matrix,
  method: MapMethod,
  { texts, meanBytes }: { texts: number; meanBytes: number },
  options: CoordinateOptions = {},
): Promise<MapCoordinates> {
  const { dimensions = 2 } = options;
  const axes = (coordinates: Float64Array, scale = 1): Pick<MapCoordinates, "x" | "y" | "z"> => {
    const axis = (column: number): Float64Array =>
      Float64Array.from({ length: kl.rows }, (_, row) => (coordinates[row * dimensions + column] ?? 0) * scale);
    return { x: axis(0), y: axis(1), z: dimensions === 3 ? axis(2) : null };
  };
  if (method === "tsne") {
    const { coordinates, seed, perplexity, metric, iterations, kl: divergence } = await tsne(kl, options);
    const embedding = { seed, perplexity, metric, iterations, kl: divergence };
    return { method, unit: unitOf(method), ...axes(coordinates), explained: null, embedding };
  }
  if (method === "umap") {
    const { coordinates, ...embedding } = await umap(kl, options);
    return { method, unit: unitOf(method), ...axes(coordinates), explained: null, embedding };
  }
  // A map of few models has fewer axes than were asked for; the others are 0.
  const components = Math.min(dimensions, kl.rows);
  const { coordinates, eigenvalues, positiveSum } = await principalCoordinates(kl, components, { ...options, euclidean: true });
  const full = new Float64Array(kl.rows * dimensions);
  coordinates.forEach((value, at) => (full[Math.floor(at / components) * dimensions + (at % components)] = value));
  const scale = method === "mds" ? 1 : 1 / Math.sqrt(bitsPerBytePerSquaredDistance(texts, meanBytes));
  const share = (column: number): number => (positiveSum > 0 ? Math.max(0, eigenvalues[column] ?? 0) / positiveSum : 0);
  return {
    method,
    unit: unitOf(method),
    ...axes(full, scale),
    explained: Array.from({ length: dimensions }, (_, column) => share(column)),
    embedding: null,
  };
}

/** What distances on a map of this method are measured in. */
export function unitOf(method: MapMethod): string {
  const units = { mds: "sqrt(bits/byte)", pca: "nats", tsne: "arbitrary unit", umap: "arbitrary unit" };
  return units[method];
}
