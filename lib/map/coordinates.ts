/** Two-dimensional coordinates of the models. */
import { bitsPerBytePerSquaredDistance } from "../matrix/kl-divergence.js";
import { principalCoordinates, type Matrix, type NativeOptions } from "../native/matrix.js";
import type { MapMethod } from "./map-method.js";

export interface MapCoordinates {
  method: MapMethod;
  /** What distances between points are measured in. */
  unit: string;
  x: Float64Array;
  y: Float64Array;
  /** Share of the sum of squared distances that each axis shows. */
  explained: [number, number];
}

/**
 * @param kl K x K in bits per byte, K >= 2
 * @param texts N, and `meanBytes` B, of the log-likelihood matrix behind it
 */
export async function mapCoordinates(
  kl: Matrix,
  method: MapMethod,
  { texts, meanBytes }: { texts: number; meanBytes: number },
  options: NativeOptions = {},
): Promise<MapCoordinates> {
  const { coordinates, eigenvalues, positiveSum } = await principalCoordinates(kl, 2, { ...options, euclidean: true });
  const scale = method === "mds" ? 1 : 1 / Math.sqrt(bitsPerBytePerSquaredDistance(texts, meanBytes));
  const axis = (column: number): Float64Array =>
    Float64Array.from({ length: kl.rows }, (_, row) => (coordinates[row * 2 + column] ?? 0) * scale);
  const share = (column: number): number => (positiveSum > 0 ? Math.max(0, eigenvalues[column] ?? 0) / positiveSum : 0);
  return {
    method,
    unit: method === "mds" ? "sqrt(bits/byte)" : "nats",
    x: axis(0),
    y: axis(1),
    explained: [share(0), share(1)],
  };
}
