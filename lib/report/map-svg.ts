/** map.svg: the map as a picture, drawn by ECharts without a browser. */
import { CustomChart, ScatterChart, type ScatterSeriesOption } from "echarts/charts";
import {
  GridComponent,
  LegendComponent,
  TitleComponent,
  type LegendComponentOption,
  type TitleComponentOption,
} from "echarts/components";
import { init, use } from "echarts/core";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";
import { LlmapError } from "../errors.js";
import { encodeColour, encodeShape, encodingChoices, type LegendEntry } from "./chart/encoding.js";
import { mapOption, mapPoints, plotSize, type Margins } from "./chart/map-option.js";
import { lightTheme } from "./chart/theme.js";
import { fitViewport } from "./chart/viewport.js";
import { reportFields } from "./fields.js";
import { formatFixed, formatInteger } from "./format.js";
import { wellFormedXml } from "./html.js";
import { mapStatement } from "./map-statement.js";
import type { ReportData } from "./report-data.js";

use([ScatterChart, CustomChart, GridComponent, TitleComponent, LegendComponent, LabelLayout, SVGRenderer]);

const size = { width: 1080, height: 776 };
const margins: Margins = { left: 64, right: 226, top: 68, bottom: 120 };
const theme = lightTheme;
const legendLeft = size.width - margins.right + 24;
const legendLine = 24;

/**
 * The map as an SVG document.
 * Errors: ERR_NOTHING_DONE where the report has no map (fewer than two models).
 */
export function renderMapSvg(data: ReportData): string {
  if (data.map === null) {
    throw new LlmapError("ERR_NOTHING_DONE", "A picture of the map needs at least two scored models. Add models and run again.");
  }
  const { models } = data;
  const choices = encodingChoices(reportFields(models), models);
  const colour = encodeColour(models, choices.firstColour, theme);
  const shape = encodeShape(models, choices.firstShape);
  const viewport = fitViewport(mapPoints(models), plotSize(size, margins));
  const map = mapOption(models, data.map.unit, colour, shape, { viewport, size, margins, theme });

  const colourLegend = legend(
    choices.firstColour?.title ?? "",
    margins.top,
    colour.legend.map((entry) => ({ ...entry, symbol: "circle", colour: entry.channel })),
  );
  const shapeLegend = legend(
    choices.firstShape?.title ?? "",
    margins.top + (colour.legend.length + 2) * legendLine,
    shape.legend.map((entry) => ({ ...entry, symbol: entry.channel, colour: theme.muted })),
  );

  const chart = init(null, null, { renderer: "svg", ssr: true, ...size });
  try {
    chart.setOption({
      ...map,
      backgroundColor: theme.background,
      title: [...heading(data), ...colourLegend.title, ...shapeLegend.title],
      legend: [...colourLegend.legend, ...shapeLegend.legend],
      series: [map.series, colourLegend.series, shapeLegend.series].flat(),
    });
    return wellFormedXml(chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
}

/** The title above the map and what a distance means below it. */
function heading(data: ReportData): TitleComponentOption[] {
  const { texts } = data;
  return [
    {
      text: data.title,
      left: 20,
      top: 12,
      textStyle: { color: theme.text, fontSize: 20, fontWeight: 600, width: size.width - 40, overflow: "truncate" },
      subtext: `${texts.name}: ${formatInteger(texts.count)} texts, mean ${formatFixed(texts.meanBytes, 1)} bytes`,
      subtextStyle: { color: theme.muted, fontSize: 13, width: size.width - 40, overflow: "truncate" },
    },
    {
      text: mapStatement(data).join("\n"),
      left: 20,
      bottom: 6,
      textStyle: { color: theme.muted, fontSize: 13, fontWeight: 400, lineHeight: 17 },
    },
  ];
}

/** ECharts draws legends for series, so each entry has one without points. Series are named by position: titles are untrusted. */
function legend(
  title: string,
  top: number,
  entries: (LegendEntry<string> & { symbol: string; colour: string })[],
): { title: TitleComponentOption[]; legend: LegendComponentOption[]; series: ScatterSeriesOption[] } {
  if (entries.length === 0) return { title: [], legend: [], series: [] };
  const name = (position: number): string => `${top}-${position}`;
  const texts = new Map(entries.map((entry, i) => [name(i), `${entry.title} (${entry.models})`]));
  const textStyle = { color: theme.text, fontSize: 13, width: margins.right - 62, overflow: "truncate" as const };
  return {
    title: [{ text: title, left: legendLeft, top, padding: 0, textStyle: { ...textStyle, fontWeight: 600, width: margins.right - 36 } }],
    legend: [
      {
        orient: "vertical",
        left: legendLeft,
        top: top + legendLine,
        padding: 0,
        itemGap: legendLine - 14,
        itemWidth: 12,
        itemHeight: 12,
        textStyle,
        data: entries.map(({ symbol }, i) => ({ name: name(i), icon: symbol })),
        formatter: (series) => texts.get(series) ?? "",
      },
    ],
    series: entries.map(({ symbol, colour }, i) => ({
      type: "scatter",
      name: name(i),
      symbol,
      itemStyle: { color: colour, opacity: 1 },
      data: [],
    })),
  };
}
