/** What the cells of the heat map stand for: pairs of models, or of blocks of models where there are too many. */
import { blockStart, overviewKl } from "../heat-map-overview.js";
import type { KlTriangle } from "../kl-triangle.js";
import type { Report } from "../report.js";

export interface HeatMapSource {
  /** Cells per side. */
  count: number;
  /** Bits/byte; NaN where there is none. */
  kl: (row: number, column: number) => number;
  /** The models of a row, one unless it stands for a block. */
  models: (row: number) => number[];
  /** Row of a model, with a part of a row where it stands for a block; null where it is not shown. */
  rowOf: (model: number) => number | null;
  isOverview: boolean;
}

/** Divergences that came from the server, of the given models. */
export interface ServedPairs {
  models: readonly number[];
  pairs: KlTriangle;
}

/** @param shown 1 for each model that is shown; an overview has all @param served of just these models */
export function heatMapSource({ divergences, overview, order, models }: Report, shown: Uint8Array, served: ServedPairs | null): HeatMapSource {
  const pairs = served?.pairs ?? divergences.pairs;
  if (pairs !== null) {
    const rows = order.filter((model) => shown[model] === 1);
    const places = new Map(Array.from(rows, (model, row) => [model, row]));
    const among = served === null ? null : new Map(served.models.map((model, place) => [model, place]));
    const placeOf = (row: number): number => among?.get(rows[row] ?? 0) ?? rows[row] ?? 0;
    return {
      count: rows.length,
      kl: (row, column) => pairs.at(placeOf(row), placeOf(column)),
      models: (row) => [rows[row] ?? 0],
      rowOf: (model) => places.get(model) ?? null,
      isOverview: false,
    };
  }
  const shownBlocks = overview ?? { blocks: 0, kl: new Float32Array() };
  const { blocks } = shownBlocks;
  const count = models.length;
  const places = new Float32Array(count);
  order.forEach((model, place) => (places[model] = (place * blocks) / count));
  return {
    count: blocks,
    kl: (row, column) => overviewKl(shownBlocks, row, column),
    models: (row) => Array.from(order.subarray(blockStart(row, blocks, count), blockStart(row + 1, blocks, count))),
    rowOf: (model) => places[model] ?? null,
    isOverview: true,
  };
}
