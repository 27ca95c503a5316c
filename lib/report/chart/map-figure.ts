/** The map as a picture that stands alone: title, what distances mean, legends. For map.svg and for what the page saves. */
import type { ScatterSeriesOption } from "echarts/charts";
import type { LegendComponentOption, TitleComponentOption } from "echarts/components";
import { formatInteger } from "../format.js";
import type { LegendEntry } from "./encoding.js";
import { mapOption, plotSize, type MapPicture, type Margins } from "./map-option.js";
import { shapePath, shapes, type Shape } from "./shapes.js";
import type { ChartTheme } from "./theme.js";
import { fitViewport, type Size, type Viewport } from "./viewport.js";

export interface FigureLegend {
  title: string;
  entries: (Pick<LegendEntry<unknown>, "title" | "models"> & { shape: Shape; colour: string })[];
}

export interface MapFigure {
  title: string;
  subtitle: string;
  /** Lines below the map. */
  statement: readonly string[];
  picture: MapPicture;
  legends: readonly FigureLegend[];
  theme: ChartTheme;
}

export const figureSize: Size = { width: 1080, height: 776 };
const margins: Margins = { left: 64, right: 226, top: 68, bottom: 120 };
const legendLeft = figureSize.width - margins.right + 24;
const legendLine = 24;

/** Size of the plot inside the figure. */
export const figurePlot: Size = plotSize(figureSize, margins);

/** @param viewport default: all models */
export function figureOption({ title, subtitle, statement, picture, legends, theme }: MapFigure, viewport: Viewport = fitViewport(picture.places, figurePlot)) {
  const map = mapOption(picture, { viewport, size: figureSize, margins, theme });
  let top = margins.top;
  const parts = legends
    .filter(({ entries }) => entries.length > 0)
    .map((legend) => {
      const part = legendOption(legend, top, theme);
      top += (legend.entries.length + 2) * legendLine;
      return part;
    });
  const width = figureSize.width - 40;
  return {
    ...map,
    backgroundColor: theme.background,
    title: [
      {
        text: title,
        left: 20,
        top: 12,
        textStyle: { color: theme.text, fontSize: 20, fontWeight: 600 as const, width, overflow: "truncate" as const },
        subtext: subtitle,
        subtextStyle: { color: theme.muted, fontSize: 13, width, overflow: "truncate" as const },
      },
      {
        text: statement.join("\n"),
        left: 20,
        bottom: 6,
        textStyle: { color: theme.muted, fontSize: 13, fontWeight: 400 as const, lineHeight: 17 },
      },
      ...parts.map((part) => part.title),
    ],
    legend: parts.map((part) => part.legend),
    series: [map.series, ...parts.map((part) => part.series)].flat(),
  };
}

/** ECharts draws legends for series, so each entry has one without points. Series are named by position: titles are untrusted. */
function legendOption(
  { title, entries }: FigureLegend,
  top: number,
  theme: ChartTheme,
): { title: TitleComponentOption; legend: LegendComponentOption; series: ScatterSeriesOption[] } {
  const name = (position: number): string => `${top}-${position}`;
  const texts = new Map(entries.map((entry, i) => [name(i), `${entry.title} (${formatInteger(entry.models.length)})`]));
  const textStyle = { color: theme.text, fontSize: 13, width: margins.right - 62, overflow: "truncate" as const };
  const icon = (shape: Shape): string => (shape === shapes[0] ? "circle" : `path://${shapePath(shape)}`);
  return {
    title: { text: title, left: legendLeft, top, padding: 0, textStyle: { ...textStyle, fontWeight: 600, width: margins.right - 36 } },
    legend: {
      orient: "vertical",
      left: legendLeft,
      top: top + legendLine,
      padding: 0,
      itemGap: legendLine - 14,
      itemWidth: 12,
      itemHeight: 12,
      textStyle,
      data: entries.map(({ shape }, i) => ({ name: name(i), icon: icon(shape) })),
      formatter: (series: string) => texts.get(series) ?? "",
    },
    series: entries.map(({ shape, colour }, i) => ({ type: "scatter" as const, name: name(i), symbol: icon(shape), itemStyle: { color: colour, opacity: 1 }, data: [] })),
  };
}
