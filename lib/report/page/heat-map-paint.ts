/** Paints the matrix of divergences on a canvas: ECharts' own heat map takes seconds where this takes milliseconds. */
import { viridisColour, type ColourScale } from "../chart/colour-scale.js";
import type { ChartTheme } from "../chart/theme.js";
import { formatKl, shortenName } from "../format.js";
import type { KlTriangle } from "../kl-triangle.js";

export interface HeatMapLayout {
  /** Pixels kept for the names, left of the cells and above them. */
  names: number;
  /** Width and height of one cell, pixels; below 1 with many models. */
  cell: number;
  count: number;
}

const leastCellForNames = 12;
const leastCellForNumbers = 44;

export function heatMapLayout(width: number, count: number, longestName: number): HeatMapLayout {
  const withNames = Math.min(longestName + 10, width * 0.3, 190);
  const cell = Math.min((width - withNames) / count, 56);
  if (cell >= leastCellForNames) return { names: withNames, cell, count };
  return { names: 0, cell: Math.min(width / count, leastCellForNames), count };
}

/** One pixel per pair, rows and columns in `order`. */
export function matrixImage(kl: KlTriangle, order: readonly number[], scale: ColourScale): HTMLCanvasElement {
  const image = document.createElement("canvas");
  image.width = image.height = order.length;
  const context = image.getContext("2d");
  if (context === null) return image;
  const colours = Array.from({ length: 256 }, (_, step) => viridisColour(step / 255));
  const pixels = context.createImageData(order.length, order.length);
  order.forEach((model, row) => {
    order.forEach((other, column) => {
      const rgb = colours[Math.round(scale.position(kl.at(model, other)) * 255)];
      // The diagonal stays transparent: a model and itself are not a pair.
      if (rgb !== undefined && row !== column) pixels.data.set([...rgb, 255], (row * order.length + column) * 4);
    });
  });
  context.putImageData(pixels, 0, 0);
  return image;
}

export interface HeatMapPicture {
  layout: HeatMapLayout;
  image: HTMLCanvasElement;
  kl: KlTriangle;
  /** Models in the order of the rows, and their names in that order. */
  order: readonly number[];
  names: readonly string[];
  scale: ColourScale;
  theme: ChartTheme;
  /** Row and column under the pointer. */
  cursor: { row: number; column: number } | null;
}

/** @param context scaled to CSS pixels */
export function paintHeatMap(context: CanvasRenderingContext2D, picture: HeatMapPicture): void {
  const { layout, image, theme, cursor } = picture;
  const { names, cell, count } = layout;
  const side = cell * count;
  context.clearRect(0, 0, names + side, names + side);
  context.imageSmoothingEnabled = cell < 1;
  context.drawImage(image, names, names, side, side);
  if (names > 0) paintNames(context, picture);
  if (cell >= leastCellForNumbers) paintNumbers(context, picture);
  if (cursor !== null) {
    const width = Math.max(cell, 2);
    context.strokeStyle = theme.text;
    context.lineWidth = 1;
    context.strokeRect(names, names + cursor.row * cell, side, width);
    context.strokeRect(names + cursor.column * cell, names, width, side);
  }
}

function paintNames(context: CanvasRenderingContext2D, { layout, names: texts, theme, cursor }: HeatMapPicture): void {
  const { names, cell } = layout;
  context.textBaseline = "middle";
  texts.forEach((text, i) => {
    const shown = fitName(context, text, names - 10);
    const middle = names + (i + 0.5) * cell;
    context.fillStyle = cursor?.row === i ? theme.text : theme.muted;
    context.textAlign = "right";
    context.fillText(shown, names - 6, middle);
    context.save();
    context.translate(middle, names - 6);
    context.rotate(-Math.PI / 2);
    context.fillStyle = cursor?.column === i ? theme.text : theme.muted;
    context.textAlign = "left";
    context.fillText(shown, 0, 0);
    context.restore();
  });
}

function paintNumbers(context: CanvasRenderingContext2D, { layout, kl, order, scale }: HeatMapPicture): void {
  const { names, cell } = layout;
  context.textAlign = "center";
  context.textBaseline = "middle";
  order.forEach((model, row) => {
    order.forEach((other, column) => {
      if (row === column) return;
      const value = kl.at(model, other);
      context.fillStyle = scale.position(value) > 0.55 ? "#000000" : "#ffffff";
      context.fillText(formatKl(value), names + (column + 0.5) * cell, names + (row + 0.5) * cell);
    });
  });
}

/** The name, cut to fit into `width` pixels. */
function fitName(context: CanvasRenderingContext2D, name: string, width: number): string {
  // No letter of the font is narrower than 3 pixels on average, so longer ones need not be tried.
  let letters = Math.min(name.length, Math.ceil(width / 3));
  while (letters > 3 && context.measureText(shortenName(name, letters)).width > width) letters--;
  return shortenName(name, letters);
}
