/** heatmap.png: the divergences of all pairs in the order of the tree, as an SVG document to be rasterised. */
import { colourScale, viridisColour, type ColourScale } from "../chart/colour-scale.js";
import { dendrogram } from "../chart/dendrogram.js";
import { cellTextColour, leastCellForNumbers } from "../chart/heat-map-cells.js";
import { lightTheme as theme } from "../chart/theme.js";
import { formatInteger, formatKl } from "../format.js";
import { heatMapOverview, overviewKl } from "../heat-map-overview.js";
import type { ReportData, ReportTree } from "../report-data.js";
import { fitText, heading, headingHeight, legendWidth, pictureColours, pictureMargin, widestText } from "./figure-parts.js";
import { indexedPng } from "./indexed-png.js";
import { round, svg, svgDocument, svgLine, svgText, type Svg } from "./svg.js";

/** With more models there is no room for names. */
const mostNamed = 200;
const cellWithName = { least: 13, most: 56 };
const sideWithNames = 900;
const sideWithoutNames = 1000;
const widestName = 240;
const treeWidth = 120;
const stripWidth = 10;

interface Matrix {
  /** Rows and columns: one for each model, or for each block of models. */
  count: number;
  at: (row: number, column: number) => number;
  /** Two models of one block are a pair too. */
  hasDiagonal: boolean;
}

/** @param order of the models, by treeOrder @param kl K x K, bits/byte */
export function renderHeatMapSvg(data: ReportData & { tree: ReportTree; kl: Float64Array }, order: Int32Array): string {
  const { models } = data;
  const matrix = matrixOf(data.kl, order);
  const isNamed = models.length <= mostNamed;
  const cell = isNamed
    ? Math.min(Math.max(Math.floor(sideWithNames / matrix.count), cellWithName.least), cellWithName.most)
    : Math.max(1, Math.floor(sideWithoutNames / matrix.count));
  const side = cell * matrix.count;
  const names = isNamed ? Array.from(order, (model) => fitText(models[model]?.name ?? "", widestName)) : [];
  const nameWidth = isNamed ? widestText(names, widestName) + 8 : 0;
  const { colours, legend, legendHeight } = pictureColours(data);
  const left = pictureMargin + nameWidth + stripWidth + 4;
  const top = headingHeight + nameWidth;
  const legendLeft = left + side + 12 + treeWidth + 20;
  const width = Math.max(legendLeft + (legendHeight > 0 ? legendWidth : 0) + pictureMargin, 640);
  const scale = colourScale(valuesOf(matrix));
  const each = models.length / matrix.count;
  const blocks = each > 1 ? `; a pixel is the geometric mean over blocks of ${formatInteger(Math.floor(each))}${Number.isInteger(each) ? "" : ` or ${formatInteger(Math.ceil(each))}`} models` : "";
  return svgDocument({ width, height: Math.max(top + side + 76, headingHeight + legendHeight + pictureMargin) }, [
    ...heading(`KL divergence of ${formatInteger(models.length)} language models`, data, width),
    image(matrix, scale, left, top, side),
    ...names.flatMap((name, i) => {
      const middle = (i + 0.5) * cell;
      return [
        svgText(name, left - stripWidth - 8, top + middle + 4, { "text-anchor": "end" }),
        svgText(name, 0, 0, { transform: `translate(${round(left + middle + 4)} ${top - 6}) rotate(-90)` }),
      ];
    }),
    ...colourStrip(order, colours, left - stripWidth - 3, top, side),
    ...(cell >= leastCellForNumbers ? numbers(matrix, scale, left, top, cell) : []),
    tree(data.tree, order, left + side + 12, top, side),
    ...scaleLegend(scale, left, top + side + 22, Math.min(Math.max(side, 300), 420)),
    svgText(fitText(`Bits/byte, models in the order of the tree${blocks}`, width - left), left, top + side + 66, { fill: theme.muted }),
    ...legend(legendLeft, top + 8),
  ]);
}

function matrixOf(kl: Float64Array, order: Int32Array): Matrix {
  const count = order.length;
  if (count <= sideWithoutNames) return { count, at: (row, column) => kl[(order[row] ?? 0) * count + (order[column] ?? 0)] ?? NaN, hasDiagonal: false };
  const overview = heatMapOverview(kl, order);
  return { count: overview.blocks, at: (row, column) => overviewKl(overview, row, column), hasDiagonal: true };
}

/** A block of one model has no pair. */
function valuesOf({ count, at, hasDiagonal }: Matrix): Float64Array {
  const values = new Float64Array((count * (count + (hasDiagonal ? 1 : -1))) / 2);
  let next = 0;
  for (let row = 0; row < count; row++) {
    for (let column = hasDiagonal ? row : row + 1; column < count; column++) values[next++] = at(row, column);
  }
  return values.filter((value) => !Number.isNaN(value));
}

/** Neighbours of one colour are one mark. */
function colourStrip(order: Int32Array, colours: readonly string[], x: number, top: number, side: number): Svg[] {
  const marks: Svg[] = [];
  for (let from = 0, to = 0; from < order.length; from = to) {
    const fill = colours[order[from] ?? 0] ?? theme.other;
    while (to < order.length && (colours[order[to] ?? 0] ?? theme.other) === fill) to++;
    const [y, end] = [top + (from * side) / order.length, top + (to * side) / order.length];
    marks.push(svg("rect", { x, y, width: stripWidth, height: end - y, fill, "shape-rendering": "crispEdges" }));
  }
  return marks;
}

const colourSteps = 255;

function image({ count, at, hasDiagonal }: Matrix, scale: ColourScale, x: number, y: number, side: number): Svg {
  const indices = new Uint8Array(count * count).fill(colourSteps); // the background, where there is no pair
  for (let row = 0; row < count; row++) {
    for (let column = hasDiagonal ? row : row + 1; column < count; column++) {
      const value = at(row, column);
      if (Number.isNaN(value)) continue;
      indices[row * count + column] = indices[column * count + row] = Math.round(scale.position(value) * (colourSteps - 1));
    }
  }
  const background = [255, 255, 255] as const;
  const palette = [...Array.from({ length: colourSteps }, (_, step) => viridisColour(step / (colourSteps - 1))), background];
  const href = `data:image/png;base64,${indexedPng(count, count, indices, palette).toString("base64")}`;
  return svg("image", { x, y, width: side, height: side, preserveAspectRatio: "none", "image-rendering": "optimizeSpeed", "xlink:href": href });
}

function numbers({ count, at }: Matrix, scale: ColourScale, left: number, top: number, cell: number): Svg[] {
  return Array.from({ length: count * count }, (_, i) => [Math.floor(i / count), i % count] as const)
    .filter(([row, column]) => row !== column)
    .map(([row, column]) => {
      const value = at(row, column);
      return svgText(formatKl(value), left + (column + 0.5) * cell, top + (row + 0.5) * cell + 4, { "text-anchor": "middle", "font-size": 11, fill: cellTextColour(scale.position(value)) });
    });
}

function tree(of: ReportTree, order: Int32Array, left: number, top: number, side: number): Svg {
  const count = order.length;
  const places = new Int32Array(count);
  order.forEach((model, place) => (places[model] = place));
  const y = (place: number): number => round(top + ((place + 0.5) * side) / count);
  const x = (height: number): number => round(left + height * treeWidth);
  const lines = dendrogram(of, count, (model) => places[model] ?? 0).map(
    ({ height, childHeights: [a, b], ends: [from, to] }) => `M${x(a)},${y(from)}H${x(height)}V${y(to)}H${x(b)}`,
  );
  return svgLine(lines.join(""), { "stroke-width": count > mostNamed ? 0.6 : 1 });
}

function scaleLegend(scale: ColourScale, left: number, top: number, width: number): Svg[] {
  const steps = 64;
  const bars = Array.from({ length: steps }, (_, i) =>
    svg("rect", { x: left + (i * width) / steps, y: top, width: width / steps + 0.5, height: 10, fill: `rgb(${viridisColour((i + 0.5) / steps).join(",")})` }),
  );
  const ticks = scale.ticks.map((tick) => {
    const at = scale.position(tick);
    const anchor = at < 0.05 ? "start" : at > 0.95 ? "end" : "middle";
    return svgText(formatKl(tick), left + at * width, top + 25, { "text-anchor": anchor, fill: theme.muted });
  });
  return [...bars, ...ticks];
}
