/** pareto.svg: size against divergence from the reference of the run, drawn by ECharts without a browser as on the page. */
import { LineChart, ScatterChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { init, setPlatformAPI, use } from "echarts/core";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";
import { pointGroups } from "../chart/map-marks.js";
import { emphasis } from "../chart/map-option.js";
import { paretoFigure, type ParetoFigure } from "../chart/pareto-picture.js";
import { scatterOption, type ScatterPoint } from "../chart/scatter-option.js";
import { shapes } from "../chart/shapes.js";
import { lightTheme as theme } from "../chart/theme.js";
import { formatInteger } from "../format.js";
import type { ReportData } from "../report-data.js";
import { fitText, heading, headingHeight, legendWidth, letterWidth, pictureColours, pictureMargin } from "./figure-parts.js";
import { svg, svgDocument, svgText, type Svg } from "./svg.js";

use([LineChart, ScatterChart, GridComponent, LabelLayout, SVGRenderer]);

// Without a canvas ECharts takes letters for narrow ones, so names would run into each other in other fonts.
setPlatformAPI({ measureText: (text, font = "12px") => ({ width: (text.length * letterWidth * parseFloat(/[\d.]+px/.exec(font)?.[0] ?? "12")) / 12 }) });

const chart = { width: 980, height: 600 };

/** What the picture shows; null without a reference, and where no other model has a size and a divergence. */
export function paretoOfRun({ models, reference }: ReportData, colours: readonly string[]): ParetoFigure | null {
  if (!models.some(({ name, bytes, klToReference }) => name !== reference && bytes > 0 && klToReference !== null)) return null;
  const discs = models.flatMap(() => shapes.slice(0, 1));
  const sizes = models.map(({ bytes }) => bytes);
  return paretoFigure(sizes, models.map(({ klToReference }) => klToReference ?? NaN), (place, label, isOnFront) => {
    const levels = models.map((_, model) => (isOnFront(model) ? emphasis.strong : emphasis.plain));
    return pointGroups(colours, discs, levels, () => true).map(({ colour, shape, models: members }) => ({
      colour,
      shape,
      points: members.flatMap((model): ScatterPoint[] => {
        const at = place(model);
        return at === null ? [] : [{ id: model, ...at, strong: isOnFront(model), label: label(model) ? (models[model]?.name ?? "") : null }];
      }),
    }));
  });
}

/** As an SVG document; null as {@link paretoOfRun}. */
export function renderParetoSvg(data: ReportData): string | null {
  const { colours, legend, legendHeight } = pictureColours(data);
  const figure = paretoOfRun(data, colours);
  if (figure === null) return null;
  const { front, picture, points } = figure;
  const width = chart.width + (legendHeight > 0 ? legendWidth : 0) + pictureMargin;
  const bottom = headingHeight + chart.height;
  const note = `Outlined and joined: no other model is both as small and as near (${formatInteger(front.length)} of ${formatInteger(points)}).`;
  return svgDocument({ width, height: bottom + 36 }, [
    ...heading(`Size and divergence from ${data.reference ?? ""}`, data, width),
    svg("g", { transform: `translate(0 ${headingHeight})` }, [drawn(scatterOption(picture, theme))]),
    svgText(fitText(note, width - 2 * pictureMargin), pictureMargin, bottom + 18, { fill: theme.muted }),
    ...legend(chart.width, headingHeight + 24),
  ]);
}

/** ECharts escapes the texts of its SVG itself. */
function drawn(option: ReturnType<typeof scatterOption>): Svg {
  const figure = init(null, null, { renderer: "svg", ssr: true, ...chart });
  try {
    figure.setOption(option);
    return { markup: figure.renderToSVGString() };
  } finally {
    figure.dispose();
  }
}
