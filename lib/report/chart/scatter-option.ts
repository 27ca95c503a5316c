/** The ECharts option of scatter charts: sizes against divergences, texts under two models, scores against predictions. */
import type { LineSeriesOption, ScatterSeriesOption } from "echarts/charts";
import type { GridComponentOption } from "echarts/components";
import type { ComposeOption } from "echarts/core";
import { fontFamily } from "./map-option.js";
import { shapePath, type Shape } from "./shapes.js";
import type { ChartTheme } from "./theme.js";
import { linearTicks, logarithmicTicks } from "./ticks.js";

export type ScatterOption = ComposeOption<ScatterSeriesOption | LineSeriesOption | GridComponentOption>;

export interface ScatterAxis {
  name: string;
  logarithmic: boolean;
  format: (value: number) => string;
}

export interface ScatterPoint {
  /** What it stands for: a model, or a text. */
  id: number;
  x: number;
  y: number;
  /** Outlined, larger, and before the others. */
  strong: boolean;
  /** Name beside the point where there is room; null: none. */
  label: string | null;
}

/** Points of one colour and shape. */
export interface ScatterGroup {
  colour: string;
  shape: Shape;
  points: ScatterPoint[];
}

export interface ScatterLine {
  corners: [x: number, y: number][];
  dashed: boolean;
  /** Across from point to point and up at its end, as the edge of a front. */
  stepped: boolean;
}

export interface ScatterPicture {
  x: ScatterAxis;
  y: ScatterAxis;
  groups: ScatterGroup[];
  lines: ScatterLine[];
  /** Both axes have the same range, so that equal values lie on the diagonal. */
  square: boolean;
}

/** Room on either side of the values, as a share of their range. */
const room = 0.06;
const mostTicks = 7;

export function scatterOption({ x, y, groups, lines, square }: ScatterPicture, theme: ChartTheme): ScatterOption {
  const points = groups.flatMap((group) => group.points);
  const all = { x: [...points, ...lineCorners(lines)].map((point) => point.x), y: [...points, ...lineCorners(lines)].map((point) => point.y) };
  const [xScale, yScale] = square ? [axisScale(x, [...all.x, ...all.y]), axisScale(y, [...all.x, ...all.y])] : [axisScale(x, all.x), axisScale(y, all.y)];
  const small = points.length > 500;
  // A name beside a corner of the line would lie on it.
  const aboveLine = lines.some(({ stepped }) => stepped) ? -9 : 0;
  return {
    animation: false,
    textStyle: { fontFamily },
    grid: { left: 74, right: 22, top: 14, bottom: 48, outerBoundsMode: "none" },
    xAxis: { ...axisOption(xScale, theme), name: x.name, nameLocation: "middle", nameGap: 28, nameTextStyle: { color: theme.muted, fontSize: 12 } },
    yAxis: { ...axisOption(yScale, theme), name: y.name, nameLocation: "middle", nameGap: 56, nameTextStyle: { color: theme.muted, fontSize: 12 } },
    series: [
      ...lines.map(({ corners, dashed, stepped }): LineSeriesOption => ({
        type: "line",
        silent: true,
        symbol: "none",
        step: stepped ? "end" : false,
        // Among thousands of points a line below them would not be seen; a front has none before it.
        lineStyle: { color: small && !stepped ? theme.text : theme.muted, width: small && !stepped ? 1.6 : 1.2, type: dashed ? "dashed" : "solid" },
        data: corners.map(([a, b]) => [xScale.place(a), yScale.place(b)]),
        z: small && !stepped ? 3 : 1,
      })),
      ...groups.map(({ colour, shape, points: members }): ScatterSeriesOption => ({
        type: "scatter",
        symbol: `path://${shapePath(shape)}`,
        symbolSize: small ? 7 : 11,
        itemStyle: { color: colour, opacity: 0.85 },
        labelLayout: { hideOverlap: true, dy: aboveLine },
        data: members.map((point) => ({
          value: [xScale.place(point.x), yScale.place(point.y)],
          id: String(point.id),
          name: point.label ?? "",
          ...(point.strong ? { symbolSize: small ? 12 : 16, itemStyle: { borderColor: theme.text, borderWidth: 1.5, opacity: 1 } } : {}),
          label: {
            show: point.label !== null,
            formatter: "{b}",
            // Where the plot ends the name stands before the point.
            position: xScale.place(point.x) > xScale.min + 0.5 * (xScale.max - xScale.min) ? ("left" as const) : ("right" as const),
            color: theme.text,
            fontSize: 12,
            fontFamily,
            textBorderColor: theme.background,
            textBorderWidth: 3,
            overflow: "truncate" as const,
            width: 170,
            minMargin: 3,
          },
        })),
        z: 2,
      })),
    ],
  };
}

const lineCorners = (lines: readonly ScatterLine[]): { x: number; y: number }[] => lines.flatMap(({ corners }) => corners.map(([x, y]) => ({ x, y })));

interface AxisScale {
  /** Where a value stands; zeros of a logarithmic axis stand at its lower end. */
  place: (value: number) => number;
  min: number;
  max: number;
  ticks: number[];
  tickText: (place: number) => string;
}

function axisScale({ logarithmic, format }: ScatterAxis, values: readonly number[]): AxisScale {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value) || (logarithmic && value <= 0)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (high === -Infinity) [low, high] = [1, 1];
  const along = logarithmic ? Math.log10 : (value: number): number => value;
  const back = (place: number): number => (logarithmic ? 10 ** place : place);
  const span = along(high) - along(low) || (logarithmic ? 1 : Math.abs(high) || 1);
  const [min, max] = [along(low) - room * span, along(high) + room * span];
  const place = (value: number): number => (logarithmic && value <= 0 ? min : along(value));
  const ticks = logarithmic ? logarithmicTicks(back(min), back(max)).map(along) : linearTicks(min, max, mostTicks);
  return { place, min, max, ticks, tickText: (at) => format(Number(back(at).toPrecision(12))) };
}

function axisOption({ min, max, ticks, tickText }: AxisScale, theme: ChartTheme) {
  return {
    type: "value" as const,
    min,
    max,
    axisLine: { show: true, onZero: false, lineStyle: { color: theme.line } },
    axisTick: { show: false, customValues: ticks },
    axisLabel: { color: theme.muted, customValues: ticks, formatter: tickText, hideOverlap: true },
    splitLine: { show: true, lineStyle: { color: theme.line } },
  };
}
