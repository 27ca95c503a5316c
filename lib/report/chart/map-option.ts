/** The ECharts option of the map: the one specification of the page and of map.svg. */
import type { CustomSeriesOption } from "echarts/charts";
import type { GridComponentOption } from "echarts/components";
import type { ComposeOption } from "echarts/core";
import type { Ellipse } from "../../map/ellipse.js";
import { formatSignificant } from "../format.js";
import type { ReportMap } from "../report-data.js";
import { labelPlace, mapLabels } from "./map-labels.js";
import { ellipseCorners, linesElement, marksElement, pathCorners, pointGroups, type MapElement } from "./map-marks.js";
import { PointGrid } from "./point-grid.js";
import type { Shape } from "./shapes.js";
import type { ChartTheme } from "./theme.js";
import { roundStep } from "./ticks.js";
import { axisRanges, gridStep, pixels, type Places, type Size, type Viewport } from "./viewport.js";

export type MapOption = ComposeOption<CustomSeriesOption | GridComponentOption>;

export interface Margins {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** How a model is drawn: behind the others, as usual, or outlined before them. */
export const emphasis = { faint: 0, plain: 1, strong: 2 } as const;

/** What the map shows. Arrays have a value for each model. */
export interface MapPicture {
  names: readonly string[];
  places: Places;
  /** Of both axes, for example "sqrt(bits/byte)"; null: they have none, and no numbers. */
  unit: string | null;
  /** KL divergence in bits/byte of two points 1 apart, for the scale bar; null: distances cannot be read. */
  klOfUnit: number | null;
  colours: readonly string[];
  shapes: readonly Shape[];
  radii: Float32Array;
  emphasis: Uint8Array;
  /** Models that are left out altogether have a 0; null: none. */
  shown: Uint8Array | null;
  ellipses: readonly (Ellipse | null)[] | null;
  /** Models on paths of checkpoints, in order. */
  paths: readonly (readonly number[])[];
  /** Pairs of models to be joined by a line. */
  edges: readonly (readonly [number, number])[];
  /** Names beside the points. */
  labels: boolean;
}

export interface MapView {
  viewport: Viewport;
  size: Size;
  margins: Margins;
  theme: ChartTheme;
}

/** Size of the plot inside a chart of `size`. */
export function plotSize(size: Size, margins: Margins): Size {
  return {
    width: Math.max(1, size.width - margins.left - margins.right),
    height: Math.max(1, size.height - margins.top - margins.bottom),
  };
}

/** The unit of a map's axes, if distances on it mean anything. */
export function axisUnit({ explained, unit, method }: Pick<ReportMap, "explained" | "unit" | "method">): string | null {
  return explained !== null || method === "mds" || method === "pca" ? unit : null;
}

/** Points on the screen, in pixels from the left upper corner of the plot. */
export function pointsOnScreen(places: Places, { viewport, size, margins }: Pick<MapView, "viewport" | "size" | "margins">): PointGrid {
  const plot = plotSize(size, margins);
  const [x, y] = pixels(viewport, plot, places);
  return new PointGrid(x, y, plot.width, plot.height);
}

/** @param grid of {@link pointsOnScreen}, where it is there already */
export function mapOption(picture: MapPicture, view: MapView, grid = pointsOnScreen(picture.places, view)): MapOption {
  const { viewport, size, margins, theme } = view;
  const plot = plotSize(size, margins);
  const ranges = axisRanges(viewport, plot);
  const step = gridStep(viewport, 70);
  const axis = ([min, max]: [number, number]) => {
    // ECharts would count a given interval from the edge of the plot; grid lines belong at multiples of it.
    const customValues = gridLines(min, max, step);
    return {
      type: "value" as const,
      min,
      max,
      axisLine: { show: picture.unit !== null, onZero: false, lineStyle: { color: theme.line } },
      axisTick: { show: false, customValues },
      axisLabel: { show: picture.unit !== null, color: theme.muted, customValues, formatter: (value: number) => tickText(value, step) },
      splitLine: { show: picture.unit !== null, lineStyle: { color: theme.line } },
    };
  };
  const elements = mapElements(picture, view, grid);
  return {
    animation: false,
    textStyle: { fontFamily },
    // The plot keeps the size that the scale was computed for, however wide the numbers beside it are.
    grid: { ...margins, outerBoundsMode: "none" },
    xAxis: {
      ...axis(ranges.x),
      name: picture.unit === null ? "no unit: only who is near to whom" : `${picture.unit}, both axes`,
      nameLocation: "middle",
      nameGap: picture.unit === null ? 12 : 26,
      nameTextStyle: { color: theme.muted, fontSize: 12 },
    },
    yAxis: axis(ranges.y),
    series: [
      {
        type: "custom",
        silent: true,
        clip: true,
        data: [[viewport.x, viewport.y]],
        renderItem: () => ({ type: "group", x: margins.left, y: margins.top, $mergeChildren: false, children: elements }) as unknown as MapElement,
      },
    ],
  };
}

export const fontFamily = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";

/** From back to front: lines, ellipses, points, names, the scale bar. */
function mapElements(picture: MapPicture, { viewport, size, margins, theme }: MapView, grid: PointGrid): MapElement[] {
  const { colours, shapes, radii, emphasis: levels, shown, names } = picture;
  const plot = plotSize(size, margins);
  const pixelOf = (model: number): [number, number] => [grid.x[model] ?? NaN, grid.y[model] ?? NaN];
  const isShown = (model: number): boolean => shown === null || shown[model] === 1;
  const groups = pointGroups(colours, shapes, levels, isShown);
  const elements: MapElement[] = [];
  const line = (paths: readonly (readonly number[])[], style: object): void => {
    const visible = shown === null ? paths : paths.filter((path) => path.every(isShown));
    if (visible.length > 0) elements.push(linesElement(pathCorners(visible, grid), { fill: "none", stroke: theme.muted, ...style }));
  };
  line(picture.edges, { opacity: 0.45, lineWidth: 0.8 });
  line(picture.paths, { opacity: 0.6, lineWidth: 1.5 });
  if (picture.ellipses !== null) {
    for (const { colour, models, emphasis: level } of groups) {
      if (level === emphasis.faint) continue;
      const corners = ellipseCorners(picture.ellipses, models, pixelOf, 1 / viewport.unitsPerPixel);
      if (corners.length > 0) elements.push(linesElement(corners, { fill: colour, fillOpacity: 0.1, stroke: colour, strokeOpacity: 0.35, lineWidth: 1 }));
    }
  }
  for (const { colour, shape, emphasis: level, models } of groups) {
    const visible = models.filter((model) => isNear(grid.x[model] ?? NaN, grid.y[model] ?? NaN, radii[model] ?? 0, plot));
    const marks = new Float32Array(visible.length * 3);
    visible.forEach((model, i) => {
      marks[3 * i] = grid.x[model] ?? NaN;
      marks[3 * i + 1] = grid.y[model] ?? NaN;
      marks[3 * i + 2] = radii[model] ?? 0;
    });
    const outline =
      level === emphasis.strong
        ? { stroke: theme.text, lineWidth: 1.5 }
        : names.length <= mostOutlined
          ? { stroke: theme.background, lineWidth: 1 }
          : {};
    elements.push(marksElement(shape, marks, { fill: colour, opacity: level === emphasis.faint ? faintOpacity : 0.9, ...outline }));
  }
  if (picture.labels) {
    const named = Array.from(names.keys()).filter((model) => levels[model] !== emphasis.faint && isShown(model));
    const order = [...named.filter((model) => levels[model] === emphasis.strong), ...named.filter((model) => levels[model] !== emphasis.strong)];
    for (const { point, text, side } of mapLabels(names, grid, radii, plot, order)) {
      const [x, y] = pixelOf(point);
      elements.push({
        type: "text",
        silent: true,
        x: labelPlace(x, radii[point] ?? 0, side),
        y,
        style: {
          text,
          align: side === "right" ? "left" : "right",
          verticalAlign: "middle",
          fill: theme.text,
          stroke: theme.background,
          lineWidth: 3,
          font: `12px ${fontFamily}`,
        },
      });
    }
  }
  if (picture.klOfUnit !== null) elements.push(...scaleBar(picture.klOfUnit, viewport, plot, theme));
  return elements;
}

const faintOpacity = 0.25;
/** Of more points the edges would be most of the picture, and of the time. */
const mostOutlined = 300;

const isNear = (x: number, y: number, radius: number, { width, height }: Size): boolean =>
  x > -2 * radius && y > -2 * radius && x < width + 2 * radius && y < height + 2 * radius;

/** A bar with the divergence of two points that far apart: 1, 2 or 5 times a power of ten. */
function scaleBar(klOfUnit: number, { unitsPerPixel }: Viewport, plot: Size, theme: ChartTheme): MapElement[] {
  const kl = roundStep((80 * unitsPerPixel) ** 2 * klOfUnit);
  const length = Math.sqrt(kl / klOfUnit) / unitsPerPixel;
  const [left, bottom] = [10, plot.height - 10];
  const corners = Float32Array.of(left, bottom - 4, left, bottom, left + length, bottom, left + length, bottom - 4, NaN, NaN);
  return [
    linesElement(corners, { fill: "none", stroke: theme.text, lineWidth: 1.5 }),
    {
      type: "text",
      silent: true,
      x: left,
      y: bottom - 8,
      style: {
        text: `KL ${formatSignificant(kl)} bits/byte`,
        align: "left",
        verticalAlign: "bottom",
        fill: theme.text,
        stroke: theme.background,
        lineWidth: 3,
        font: `12px ${fontFamily}`,
      },
    },
  ];
}

/** Multiples of `step` in a range. */
function gridLines(min: number, max: number, step: number): number[] {
  const first = Math.ceil(min / step);
  const count = Math.max(0, Math.floor(max / step) - first + 1);
  return Array.from({ length: count }, (_, i) => (first + i) * step);
}

/** As many decimals as tell two grid lines apart. */
function tickText(value: number, step: number): string {
  const decimals = Math.min(Math.max(0, -Math.floor(Math.log10(step))), 20);
  return value.toFixed(decimals).replace(/^-(?=0(\.0*)?$)/, "");
}
