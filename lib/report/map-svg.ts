/** map.svg: the map as a picture, drawn by ECharts without a browser. */
import { CustomChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent, TitleComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { LlmapError } from "../errors.js";
import { encodeMarks, encodeSize, encodingChoices } from "./chart/encoding.js";
import { figureOption, figureSize } from "./chart/map-figure.js";
import { mapLegends } from "./chart/map-legends.js";
import { trajectoryPaths } from "./chart/map-marks.js";
import { axisUnit, emphasis } from "./chart/map-option.js";
import { lightTheme } from "./chart/theme.js";
import { reportFields } from "./fields.js";
import { wellFormedXml } from "./html.js";
import { klOfUnit, mapStatement } from "./map-statement.js";
import type { ReportData } from "./report-data.js";
import { textSetStatement } from "./statements.js";

use([ScatterChart, CustomChart, GridComponent, TitleComponent, LegendComponent, SVGRenderer]);

const theme = lightTheme;

/**
 * The map as an SVG document.
 * Errors: ERR_NOTHING_DONE where the report has no map (fewer than two models).
 */
export function renderMapSvg(data: ReportData): string {
  const { models, texts } = data;
  const [map] = data.maps;
  if (map === undefined) {
    throw new LlmapError("ERR_NOTHING_DONE", "A picture of the map needs at least two scored models. Add models and run again.");
  }
  const choices = encodingChoices(reportFields(data), models);
  const { colour, shape } = encodeMarks(models, choices.firstColour, choices.firstShape, theme);
  const figure = figureOption({
    title: data.title,
    subtitle: textSetStatement(texts),
    statement: mapStatement(map, texts),
    legends: mapLegends({ field: choices.firstColour, ...colour }, { field: choices.firstShape, ...shape }, theme),
    theme,
    picture: {
      names: models.map(({ name }) => name),
      places: map,
      unit: axisUnit(map),
      klOfUnit: klOfUnit(map, texts),
      colours: colour.colours,
      shapes: shape.shapes,
      radii: encodeSize(models, null).radii,
      emphasis: new Uint8Array(models.length).fill(emphasis.plain),
      shown: null,
      ellipses: map.ellipses,
      paths: trajectoryPaths(models),
      edges: [],
      labels: true,
    },
  });
  const chart = init(null, null, { renderer: "svg", ssr: true, ...figureSize });
  try {
    chart.setOption(figure);
    return wellFormedXml(chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
}
