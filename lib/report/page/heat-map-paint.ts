/** Paints the matrix of divergences on a canvas: ECharts' own heat map takes seconds where this takes milliseconds. */
import { viridisColour, type ColourScale } from "../chart/colour-scale.js";
import { cellTextColour, leastCellForNumbers } from "../chart/heat-map-cells.js";
import type { Branch } from "../chart/dendrogram.js";
import { fontFamily } from "../chart/map-option.js";
import type { ChartTheme } from "../chart/theme.js";
import { formatKl, shortenName } from "../format.js";
import type { HeatMapSource } from "./heat-map-source.js";

export interface HeatMapLayout {
  /** Pixels kept for the names and the marks of selected models, left of the cells and above them. */
  names: number;
  /** Width and height of one cell, pixels; below 1 with many models. */
  cell: number;
  count: number;
  /** Width of the tree right of the cells. */
  tree: number;
}

const leastCellForNames = 12;
const markWidth = 6;
/** Height of a branch below which it is not drawn, pixels. */
const leastBranch = 1.5;
const font = `12px ${fontFamily}`;

export function heatMapLayout(width: number, count: number, longestName: number): HeatMapLayout {
  const tree = count > 2 ? Math.min(Math.max(width * 0.12, 36), 130) : 0;
  const withNames = Math.min(longestName + 16, width * 0.3, 196);
  const cell = Math.min((width - tree - withNames) / count, 56);
  if (cell >= leastCellForNames) return { names: withNames, cell, count, tree };
  const names = markWidth + 2;
  return { names, cell: Math.min((width - tree - names) / count, leastCellForNames), count, tree };
}

/** One pixel for each cell. */
export function matrixImage({ count, kl, isOverview }: HeatMapSource, scale: ColourScale): HTMLCanvasElement {
  const image = document.createElement("canvas");
  image.width = image.height = count;
  const context = image.getContext("2d");
  if (context === null || count === 0) return image;
  const colours = Uint32Array.from({ length: 256 }, (_, step) => {
    const [red, green, blue] = viridisColour(step / 255);
    return new Uint32Array(Uint8Array.of(red, green, blue, 255).buffer)[0] ?? 0;
  });
  const pixels = context.createImageData(count, count);
  const words = new Uint32Array(pixels.data.buffer);
  for (let row = 0; row < count; row++) {
    // The diagonal stays transparent: a model and itself are not a pair. Two models of one block are.
    for (let column = isOverview ? row : row + 1; column < count; column++) {
      const value = kl(row, column);
      if (Number.isNaN(value)) continue;
      words[row * count + column] = words[column * count + row] = colours[Math.round(scale.position(value) * 255)] ?? 0;
    }
  }
  context.putImageData(pixels, 0, 0);
  return image;
}

export interface HeatMapPicture {
  layout: HeatMapLayout;
  image: HTMLCanvasElement;
  source: HeatMapSource;
  /** Names of the rows; empty strings where a row stands for several models. */
  names: readonly string[];
  scale: ColourScale;
  theme: ChartTheme;
  tree: readonly Branch[];
  /** Rows of selected models, and the cell of the two that are compared. */
  marked: readonly number[];
  pair: { row: number; column: number } | null;
  /** Row and column under the pointer, or the row of the model under the pointer elsewhere. */
  cursor: { row: number; column: number | null } | null;
}

/** @param context scaled to CSS pixels */
export function paintHeatMap(context: CanvasRenderingContext2D, picture: HeatMapPicture): void {
  const { layout, image, theme, cursor, pair } = picture;
  const { names, cell, count, tree } = layout;
  const side = cell * count;
  context.clearRect(0, 0, names + side + tree, names + side);
  context.font = font;
  context.imageSmoothingEnabled = cell < 1;
  context.drawImage(image, names, names, side, side);
  if (cell >= leastCellForNames) paintNames(context, picture);
  if (cell >= leastCellForNumbers) paintNumbers(context, picture);
  paintMarks(context, picture);
  if (tree > 0) paintTree(context, picture);
  const band = Math.max(cell, 2);
  context.strokeStyle = theme.text;
  context.lineWidth = 1;
  if (cursor !== null) {
    context.strokeRect(names, names + cursor.row * cell, side, band);
    if (cursor.column !== null) context.strokeRect(names + cursor.column * cell, names, band, side);
  }
  if (pair !== null) {
    const size = Math.max(cell, 6);
    context.lineWidth = 2;
    for (const [row, column] of [[pair.row, pair.column], [pair.column, pair.row]] as const) {
      context.strokeRect(names + (column + 0.5) * cell - size / 2, names + (row + 0.5) * cell - size / 2, size, size);
    }
  }
}

function paintNames(context: CanvasRenderingContext2D, { layout, names: texts, theme, cursor }: HeatMapPicture): void {
  const { names, cell } = layout;
  const gap = markWidth + 4;
  context.textBaseline = "middle";
  texts.forEach((text, i) => {
    const shown = fitName(context, text, names - gap - 4);
    const middle = names + (i + 0.5) * cell;
    context.fillStyle = cursor?.row === i ? theme.text : theme.muted;
    context.textAlign = "right";
    context.fillText(shown, names - gap, middle);
    context.save();
    context.translate(middle, names - gap);
    context.rotate(-Math.PI / 2);
    context.fillStyle = cursor?.column === i ? theme.text : theme.muted;
    context.textAlign = "left";
    context.fillText(shown, 0, 0);
    context.restore();
  });
}

function paintNumbers(context: CanvasRenderingContext2D, { layout, source, scale }: HeatMapPicture): void {
  const { names, cell, count } = layout;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < count; column++) {
      if (row === column) continue;
      const value = source.kl(row, column);
      context.fillStyle = cellTextColour(scale.position(value));
      context.fillText(formatKl(value), names + (column + 0.5) * cell, names + (row + 0.5) * cell);
    }
  }
}

/** A bar beside the row and above the column of each selected model. */
function paintMarks(context: CanvasRenderingContext2D, { layout: { names, cell }, marked, theme }: HeatMapPicture): void {
  context.fillStyle = theme.text;
  const length = Math.max(cell - 2, 1);
  for (const row of marked) {
    const from = names + row * cell + (cell > 3 ? 1 : 0);
    context.fillRect(names - markWidth, from, markWidth - 2, length);
    context.fillRect(from, names - markWidth, length, markWidth - 2);
  }
}

/** Where a height of the tree is across the picture. */
export const treePlace = ({ names, cell, count, tree }: HeatMapLayout, height: number): number => names + cell * count + 5 + height * (tree - 8);

function paintTree(context: CanvasRenderingContext2D, { layout, tree, theme }: HeatMapPicture): void {
  const { names, cell } = layout;
  context.strokeStyle = theme.muted;
  context.lineWidth = layout.count > 300 ? 0.6 : 1;
  context.beginPath();
  for (const { height, childHeights, ends } of tree) {
    const x = treePlace(layout, height);
    const [from, to] = ends.map((end) => names + (end + 0.5) * cell) as [number, number];
    // Thousands of merges within a pixel would be one dark bar.
    if (Math.abs(to - from) < leastBranch) continue;
    context.moveTo(treePlace(layout, childHeights[0]), from);
    context.lineTo(x, from);
    context.lineTo(x, to);
    context.lineTo(treePlace(layout, childHeights[1]), to);
  }
  context.stroke();
}

/** The name, cut to fit into `width` pixels. */
function fitName(context: CanvasRenderingContext2D, name: string, width: number): string {
  // No letter of the font is narrower than 3 pixels on average, so longer ones need not be tried.
  let letters = Math.min(name.length, Math.ceil(width / 3));
  while (letters > 3 && context.measureText(shortenName(name, letters)).width > width) letters--;
  return shortenName(name, letters);
}
