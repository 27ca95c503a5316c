/** What is drawn beneath the points of the map: ellipses of where a model may lie, and lines along paths of checkpoints. */
import type { CustomSeriesOption } from "echarts/charts";
import { ellipseOutline } from "../../map/ellipse.js";
import type { ReportModel } from "../report-data.js";
import type { ChartTheme } from "./theme.js";

type Place = [number, number];
type RenderItem = NonNullable<CustomSeriesOption["renderItem"]>;

const beneath = { type: "custom", silent: true, clip: true, z: 1 } as const satisfies CustomSeriesOption;
const placeOf = ({ x, y }: ReportModel): Place => [x ?? 0, y ?? 0];

/** A faint disc in the colour of the model; no series where no model has an ellipse. */
export function ellipseSeries(models: readonly ReportModel[], colours: readonly string[], theme: ChartTheme): CustomSeriesOption[] {
  const ellipses = models.flatMap((model, i) =>
    model.ellipse === null ? [] : [{ outline: ellipseOutline(placeOf(model), model.ellipse), colour: colours[i] ?? theme.other }],
  );
  const renderItem: RenderItem = ({ dataIndex }, api) => {
    const { outline = [], colour = theme.other } = ellipses[dataIndex] ?? {};
    return {
      type: "polygon",
      shape: { points: outline.map((point) => api.coord(point)) },
      style: { fill: colour, fillOpacity: 0.1, stroke: colour, strokeOpacity: 0.35, lineWidth: 1 },
    };
  };
  return ellipses.length === 0 ? [] : [{ ...beneath, renderItem, data: ellipses.map(({ outline }) => outline[0] ?? [0, 0]) }];
}

/** A thin line through the checkpoints of each path, in order of their steps; no series where there is no path of two or more. */
export function trajectorySeries(models: readonly ReportModel[], theme: ChartTheme): CustomSeriesOption[] {
  const paths = pathsOf(models);
  const renderItem: RenderItem = ({ dataIndex }, api) => ({
    type: "polyline",
    shape: { points: (paths[dataIndex] ?? []).map((point) => api.coord(point)) },
    style: { stroke: theme.muted, opacity: 0.6, lineWidth: 1.5, fill: "none" },
  });
  return paths.length === 0 ? [] : [{ ...beneath, renderItem, data: paths.map((path) => path[0] ?? [0, 0]) }];
}

/** The places of the checkpoints of each path, in order of their steps; paths of one are no path. */
export function pathsOf(models: readonly ReportModel[]): Place[][] {
  const paths = new Map<string, { step: number; place: Place }[]>();
  for (const model of models) {
    if (model.trajectory === null) continue;
    const { name, step } = model.trajectory;
    const path = paths.get(name) ?? [];
    paths.set(name, path);
    path.push({ step, place: placeOf(model) });
  }
  return Array.from(paths.values(), (path) => path.sort((a, b) => a.step - b.step).map(({ place }) => place)).filter((path) => path.length > 1);
}
