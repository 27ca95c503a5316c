/** What the cells of the heat map stand for: pairs of models, or of blocks of models where there are too many. */
import { blockStart, overviewKl } from "../heat-map-overview.js";
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

/** @param shown 1 for each model that is shown; an overview has all */
export function heatMapSource({ divergences: { pairs }, overview, order, models }: Report, shown: Uint8Array): HeatMapSource {
  if (pairs !== null) {
    const rows = order.filter((model) => shown[model] === 1);
    const places = new Map(Array.from(rows, (model, row) => [model, row]));
    return {
      count: rows.length,
      kl: (row, column) => pairs.at(rows[row] ?? 0, rows[column] ?? 0),
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
