/** The ECharts option of the map: the one specification of the page and of map.svg. */
import type { CustomSeriesOption, ScatterSeriesOption } from "echarts/charts";
import type { GridComponentOption } from "echarts/components";
import type { ComposeOption } from "echarts/core";
import type { ReportModel } from "../report-data.js";
import type { ColourEncoding, ShapeEncoding } from "./encoding.js";
import { labelGap, mapLabels } from "./map-labels.js";
import { ellipseSeries, trajectorySeries } from "./map-marks.js";
import type { ChartTheme } from "./theme.js";
import { axisRanges, gridStep, toPixel, type Size, type Viewport } from "./viewport.js";

export type MapOption = ComposeOption<ScatterSeriesOption | CustomSeriesOption | GridComponentOption>;

export interface Margins {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** A model on the map. Position in the series is position among the models. */
export function mapPoints(models: readonly ReportModel[]): [number, number][] {
  return models.map(({ x, y }) => [x ?? 0, y ?? 0]);
}

/** Size of the plot inside a chart of `size`. */
export function plotSize(size: Size, margins: Margins): Size {
  return {
    width: Math.max(1, size.width - margins.left - margins.right),
    height: Math.max(1, size.height - margins.top - margins.bottom),
  };
}

/** @param unit of both axes, for example "sqrt(bits/byte)" */
export function mapOption(
  models: readonly ReportModel[],
  unit: string,
  { colours }: ColourEncoding,
  { symbols }: ShapeEncoding,
  view: { viewport: Viewport; size: Size; margins: Margins; theme: ChartTheme },
): MapOption {
  const { viewport, size, margins, theme } = view;
  const plot = plotSize(size, margins);
  const points = mapPoints(models);
  const labels = mapLabels(
    models.map((model) => model.name),
    points.map((point) => toPixel(viewport, plot, point)),
    plot.width,
  );
  const ranges = axisRanges(viewport, plot);
  const step = gridStep(viewport, 70);
  const axis = ([min, max]: [number, number]) => {
    // ECharts would count a given interval from the edge of the plot; grid lines belong at multiples of it.
    const customValues = gridLines(min, max, step);
    return {
      type: "value" as const,
      min,
      max,
      axisLine: { show: true, onZero: false, lineStyle: { color: theme.line } },
      axisTick: { show: false, customValues },
      axisLabel: { color: theme.muted, customValues, formatter: (value: number) => tickText(value, step) },
      splitLine: { lineStyle: { color: theme.line } },
    };
  };
  const scatter: ScatterSeriesOption = {
    type: "scatter",
    data: points,
    symbolSize: models.length > 300 ? 7 : 11,
    symbol: (_value, { dataIndex }) => symbols[dataIndex] ?? "circle",
    symbolKeepAspect: true,
    itemStyle: {
      color: ({ dataIndex }) => colours[dataIndex] ?? theme.other,
      borderColor: theme.background,
      borderWidth: 1,
      opacity: 0.9,
    },
    clip: true,
    label: {
      show: true,
      position: "right",
      distance: labelGap,
      color: theme.text,
      fontSize: 12,
      textBorderColor: theme.background,
      textBorderWidth: 3,
      formatter: ({ dataIndex }) => labels[dataIndex]?.text ?? "",
    },
    labelLayout: ({ dataIndex, rect }) => {
      if (labels[dataIndex ?? -1]?.side !== "left") return { hideOverlap: true };
      return { hideOverlap: true, x: rect.x - labelGap, y: rect.y + rect.height / 2, align: "right", verticalAlign: "middle" };
    },
  };
  return {
    animation: false,
    textStyle: { fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif" },
    // The plot keeps the size that the scale was computed for, however wide the numbers beside it are.
    grid: { ...margins, outerBoundsMode: "none" },
    xAxis: {
      ...axis(ranges.x),
      name: `${unit}, both axes`,
      nameLocation: "middle",
      nameGap: 26,
      nameTextStyle: { color: theme.muted, fontSize: 12 },
    },
    yAxis: axis(ranges.y),
    series: [scatter, ...ellipseSeries(models, colours, theme), ...trajectorySeries(models, theme)],
  };
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
