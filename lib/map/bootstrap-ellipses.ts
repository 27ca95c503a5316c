/** Where each model might lie on the map, had the texts been others of the same kind: the map drawn anew from resampled texts. */
import { throwIfAborted } from "../errors.js";
import { resampledMeanBytes, type Resamples } from "../matrix/bootstrap.js";
import { principalCoordinates, squaredDistances, type Matrix, type NativeOptions } from "../native/matrix.js";
import { Scatter, type Ellipse } from "./ellipse.js";
import type { MapMethod } from "./map-method.js";
import { alignedTo } from "./procrustes.js";

/** Only these maps are linear in the data and can be turned onto each other; others move for reasons of their own. */
const linearMethods: readonly MapMethod[] = ["mds", "pca"];
/** Bound of the work, resamples x models^2 x texts: some ten seconds on two cores. */
const mostWork = 1e11;
/** With fewer the covariance of a position says too little. */
const fewestResamples = 50;

/**
 * How many of the resamples the ellipses of a map are made from: all for 223 models and fewer at 10,000 texts and 200 resamples, 50 up to 447 models, none
 * for more.
 */
export function ellipseResamples(method: MapMethod, models: number, { texts, resamples }: Resamples): number {
  if (models < 2 || !linearMethods.includes(method)) return 0;
  const affordable = Math.min(resamples, Math.floor(mostWork / (models * models * texts)));
  return affordable < Math.min(fewestResamples, resamples) ? 0 : affordable;
}

/**
 * For every resample the first two principal coordinates of the distances on its texts, turned onto the map (Procrustes); from the covariance of
 * each model's positions the ellipse that holds the share `confidence` of them.
 * @param Q K x N double-centred coordinates, nats
 * @param map positions of the models on the map
 * @param bytes UTF-8 bytes of each of the N texts
 * @param count resamples to use, the first ones of `drawn`
 * Resolves with one ellipse for each model, in the unit of the map.
 */
export async function bootstrapEllipses(
  Q: Matrix,
  map: { method: MapMethod; x: Float64Array; y: Float64Array },
  bytes: ArrayLike<number>,
  drawn: Resamples,
  count: number,
  confidence: number,
  options: NativeOptions = {},
): Promise<Ellipse[]> {
  const { rows, columns } = Q;
  const target = Float64Array.from({ length: 2 * rows }, (_, i) => (i % 2 === 0 ? map.x : map.y)[i >> 1] ?? 0);
  const meanBytes = resampledMeanBytes(drawn, bytes);
  const buffer = new Float64Array(rows * columns);
  const scatters = Array.from({ length: rows }, () => new Scatter());
  for (let b = 0; b < count; b++) {
    throwIfAborted(options.signal);
    // PCA is in nats; classical scaling in sqrt(bits/byte).
    const unit = map.method === "pca" ? 1 : 1 / (2 * columns * (meanBytes[b] ?? NaN) * Math.LN2);
    const drawnTexts = weightedTexts(Q, drawn.counts.subarray(b * columns, (b + 1) * columns), unit, buffer);
    const { coordinates } = await principalCoordinates(await squaredDistances(drawnTexts, options), 2, options);
    const positions = alignedTo(coordinates, target);
    scatters.forEach((scatter, i) => scatter.add(positions[2 * i] ?? 0, positions[2 * i + 1] ?? 0));
  }
  return scatters.map((scatter) => scatter.ellipse(confidence));
}

/** The drawn texts, rows centred over the draws, each column times sqrt(unit x its count): distances of its rows are those on the resample. */
function weightedTexts({ rows, columns, values }: Matrix, counts: Uint8Array, unit: number, buffer: Float64Array<ArrayBuffer>): Matrix {
  const drawn = Int32Array.from(counts.keys()).filter((s) => counts[s] !== 0);
  const roots = Float64Array.from(drawn, (s) => Math.sqrt(unit * (counts[s] ?? 0)));
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (const s of drawn) sum += (counts[s] ?? 0) * (values[i * columns + s] ?? NaN);
    const mean = sum / columns;
    for (let k = 0; k < drawn.length; k++) {
      buffer[i * drawn.length + k] = ((values[i * columns + (drawn[k] ?? 0)] ?? NaN) - mean) * (roots[k] ?? 0);
    }
  }
  return { rows, columns: drawn.length, values: buffer.subarray(0, rows * drawn.length) };
}
