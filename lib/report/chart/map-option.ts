/** The ECharts option of the map: the one specification of the page and of map.svg. */
import type { ScatterSeriesOption } from "echarts/charts";
import type { GridComponentOption } from "echarts/components";
import type { ComposeOption } from "echarts/core";
import { formatSignificant } from "../format.js";
import type { ReportModel } from "../report-data.js";
import type { ColourEncoding, ShapeEncoding } from "./encoding.js";
import { mapLabels } from "./map-labels.js";
import type { ChartTheme } from "./theme.js";
import { axisRanges, gridStep, toPixel, type Size, type Viewport } from "./viewport.js";

export type MapOption = ComposeOption<ScatterSeriesOption | GridComponentOption>;

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
  );
  const ranges = axisRanges(viewport, plot);
  const step = gridStep(viewport, 70);
  const axis = (name: string, [min, max]: [number, number], nameGap: number) => ({
    type: "value" as const,
    name,
    nameLocation: "middle" as const,
    nameGap,
    nameTextStyle: { color: theme.muted, fontSize: 12 },
    min,
    max,
    interval: step,
    axisLine: { show: true, onZero: false, lineStyle: { color: theme.line } },
    axisTick: { show: false },
    axisLabel: { color: theme.muted, showMinLabel: false, showMaxLabel: false, formatter: tickText },
    splitLine: { lineStyle: { color: theme.line } },
  });
  return {
    animation: false,
    textStyle: { fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif" },
    grid: { ...margins, containLabel: false },
    xAxis: axis(unit, ranges.x, 26),
    yAxis: axis(unit, ranges.y, 38),
    series: [
      {
        type: "scatter",
        data: points,
        symbolSize: models.length > 300 ? 7 : 11,
        symbol: (_value, { dataIndex }) => symbols[dataIndex] ?? "circle",
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
          distance: 6,
          color: theme.text,
          fontSize: 12,
          textBorderColor: theme.background,
          textBorderWidth: 3,
          width: 190,
          overflow: "truncate",
          formatter: ({ dataIndex }) => labels[dataIndex] ?? "",
        },
        labelLayout: ({ rect, labelRect }) =>
          labelRect.x + labelRect.width > size.width
            ? { hideOverlap: true, x: rect.x - 6, align: "right" }
            : { hideOverlap: true },
      },
    ],
  };
}

/** Grid lines near zero come out as 1e-17. */
function tickText(value: number): string {
  return formatSignificant(Number(value.toPrecision(10)));
}
