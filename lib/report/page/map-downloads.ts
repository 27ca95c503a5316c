/** Saving the map: as a picture of what is on the screen, or as a table of the models that are shown. */
import { init } from "echarts/core";
import { figureOption, figurePlot, figureSize, type FigureLegend } from "../chart/map-figure.js";
import type { MapPicture } from "../chart/map-option.js";
import type { Size, Viewport } from "../chart/viewport.js";
import { wellFormedXml } from "../html.js";
import { mapStatement } from "../map-statement.js";
import type { ReportMap } from "../report-data.js";
import { textSetStatement } from "../statements.js";
import type { PageContext } from "./page-context.js";
import { csvOf, saveFile } from "./save-file.js";

export interface MapOnScreen {
  picture: MapPicture;
  map: ReportMap;
  turned: boolean;
  legends: readonly FigureLegend[];
  viewport: Viewport;
  plot: Size;
}

/** Pixels of the PNG for each of the picture. */
const pngScale = 2;

export function saveMap(kind: "svg" | "png" | "csv", page: PageContext, screen: MapOnScreen): void {
  if (kind === "csv") {
    saveFile("models.csv", new Blob([csvOf(shownModels(page, screen.map))], { type: "text/csv" }));
    return;
  }
  const option = figureOption(
    {
      title: page.report.title,
      subtitle: textSetStatement(page.report.texts),
      statement: mapStatement(screen.map, page.report.texts, screen.turned),
      picture: screen.picture,
      legends: screen.legends,
      theme: page.theme.colours,
    },
    withinFigure(screen),
  );
  const chart = init(kind === "svg" ? null : document.createElement("div"), null, { renderer: kind === "svg" ? "svg" : "canvas", ssr: kind === "svg", ...figureSize });
  chart.setOption(option);
  if (kind === "svg") {
    saveFile("map.svg", new Blob([wellFormedXml(chart.renderToSVGString())], { type: "image/svg+xml" }));
    chart.dispose();
    return;
  }
  chart.renderToCanvas({ pixelRatio: pngScale }).toBlob((blob) => {
    if (blob !== null) saveFile("map.png", blob);
    chart.dispose();
  });
}

/** The part of the plane on the screen, in the plot of the figure. */
function withinFigure({ viewport, plot }: MapOnScreen): Viewport {
  const unitsPerPixel = viewport.unitsPerPixel * Math.max(plot.width / figurePlot.width, plot.height / figurePlot.height);
  return { ...viewport, unitsPerPixel };
}

/** The models that are shown, with their facts and places. */
function shownModels({ report, fields, shown }: PageContext, { x, y, z, method, unit }: ReportMap): (string | number | null)[][] {
  const axes = [x, y, ...(z === null ? [] : [z])];
  const header = ["model", ...axes.map((_, i) => `${method} ${"xyz"[i] ?? ""} (${unit})`), ...fields.map(({ title }) => title)];
  const rows = shown.models.map((model) => {
    const row = report.models[model];
    return [row?.name ?? "", ...axes.map((axis) => axis[model] ?? null), ...fields.map((field) => (row === undefined ? null : field.value(row)))];
  });
  return [header, ...rows];
}
