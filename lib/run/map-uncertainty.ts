/** How sure a map is: intervals of the nearest models and ellipses around the points, from resampled texts. */
import { bootstrapEllipses, ellipseResamples } from "../map/bootstrap-ellipses.js";
import type { MapCoordinates } from "../map/coordinates.js";
import type { Ellipse } from "../map/ellipse.js";
import type { BootstrapOptions } from "../matrix/bootstrap-options.js";
import { drawResamples, type Interval } from "../matrix/bootstrap.js";
import { klIntervals } from "../matrix/kl-intervals.js";
import { nearestModels } from "../matrix/neighbours.js";
import type { Matrix, NativeOptions } from "../native/matrix.js";
import type { NeighbourRow } from "../store/map-tables.js";
import type { MapRecord } from "../store/run-record.js";

/** How many of the nearest models neighbours.arrow names. */
export const nearestCount = 10;

export interface MapUncertainty {
  neighbours: NeighbourRow[];
  /** One for each model; null where there are none. */
  ellipses: Ellipse[] | null;
  record: MapRecord["bootstrap"];
}

/**
 * @param names of the K models
 * @param Q K x N double-centred coordinates, nats
 * @param kl K x K, bits per byte
 * @param bytes UTF-8 bytes of each of the N texts
 * @param bootstrap null: no intervals and no ellipses
 */
export async function mapUncertainty(
  { names, Q, kl, coordinates, bytes }: { names: readonly string[]; Q: Matrix; kl: Matrix; coordinates: MapCoordinates | null; bytes: Float64Array },
  bootstrap: BootstrapOptions | null,
  options: NativeOptions = {},
): Promise<MapUncertainty> {
  const nearest = names.map((_, row) => nearestModels(kl.values, names.length, row, nearestCount));
  const rows = (intervals: Map<number, Interval>): NeighbourRow[] =>
    nearest.flatMap((neighbours, row) =>
      neighbours.map(({ model, kl: distance }, i): NeighbourRow => {
        const interval = intervals.get(pairKey(row, model, names.length));
        return { model: names[row] ?? "", rank: i + 1, neighbour: names[model] ?? "", kl: distance, klLow: interval?.low ?? null, klHigh: interval?.high ?? null };
      }),
    );
  if (bootstrap === null || coordinates === null) return { neighbours: rows(new Map()), ellipses: null, record: null };

  const { resamples, confidence, seed } = bootstrap;
  const drawn = drawResamples(Q.columns, resamples, seed);
  const keys = [...new Set(nearest.flatMap((neighbours, row) => neighbours.map(({ model }) => pairKey(row, model, names.length))))];
  const pairs = Int32Array.from(keys.flatMap((key) => [Math.floor(key / names.length), key % names.length]));
  const intervals = await klIntervals(Q, pairs, bytes, drawn, confidence, options);
  const count = ellipseResamples(coordinates.method, names.length, drawn);
  return {
    neighbours: rows(new Map(intervals.map((interval, i) => [keys[i] ?? -1, interval]))),
    ellipses: count === 0 ? null : await bootstrapEllipses(Q, coordinates, bytes, drawn, count, confidence, options),
    record: { resamples, ellipseResamples: count, confidence, seed },
  };
}

/** One number for a pair in either order: a pair of mutual neighbours has one interval. */
function pairKey(one: number, other: number, count: number): number {
  return Math.min(one, other) * count + Math.max(one, other);
}
