/**
 * What is drawn on the map, as few elements each of which holds many marks: ten thousand elements would take ECharts a second, a dozen of
 * the same points take milliseconds.
 */
import type { CustomSeriesOption } from "echarts/charts";
import { graphic } from "echarts/core";
import { ellipseOutline, type Ellipse } from "../../map/ellipse.js";
import type { ReportModel } from "../report-data.js";
import { traceShape, type Pen, type Shape } from "./shapes.js";

export type MapElement = NonNullable<ReturnType<NonNullable<CustomSeriesOption["renderItem"]>>>;

/** Many marks of one shape: x, y, radius of each, pixels. */
const marksType = "llmapMarks";
/** Many lines: x and y of their corners, pixels; NaN between two lines. */
const linesType = "llmapLines";

interface MarksShape {
  shape: Shape;
  marks: Float32Array;
}

const Marks = graphic.extendShape({
  type: marksType,
  shape: { shape: { id: "", corners: [], hole: 0 }, marks: new Float32Array() } as MarksShape,
  buildPath: (pen: Pen, { shape, marks }: MarksShape): void => {
    for (let i = 0; i < marks.length; i += 3) traceShape(pen, shape, marks[i] ?? 0, marks[i + 1] ?? 0, marks[i + 2] ?? 0);
  },
});
const Lines = graphic.extendShape({
  type: linesType,
  shape: { corners: new Float32Array() },
  buildPath: (pen: Pen, { corners }: { corners: Float32Array }): void => {
    let drawing = false;
    for (let i = 0; i < corners.length; i += 2) {
      const [x, y] = [corners[i] ?? NaN, corners[i + 1] ?? NaN];
      if (Number.isNaN(x)) drawing = false;
      else if (drawing) pen.lineTo(x, y);
      else {
        pen.moveTo(x, y);
        drawing = true;
      }
    }
  },
});
graphic.registerShape(marksType, Marks);
graphic.registerShape(linesType, Lines);

/** Place of a model on the screen, pixels. */
export type PixelOf = (model: number) => readonly [number, number];

export function marksElement(shape: Shape, marks: Float32Array, style: object): MapElement {
  return { type: marksType, shape: { shape, marks }, style, silent: true } as unknown as MapElement;
}

export function linesElement(corners: Float32Array, style: object): MapElement {
  return { type: linesType, shape: { corners }, style, silent: true } as unknown as MapElement;
}

/** The models of one colour, shape and emphasis. */
export interface PointGroup {
  colour: string;
  shape: Shape;
  emphasis: number;
  models: number[];
}

/** @param emphasis of each model; models of a higher one come later, and so are drawn above the others */
export function pointGroups(colours: readonly string[], shapes: readonly Shape[], emphasis: ArrayLike<number>, isShown: (model: number) => boolean): PointGroup[] {
  const groups = new Map<string, PointGroup>();
  colours.forEach((colour, model) => {
    const shape = shapes[model];
    if (shape === undefined || !isShown(model)) return;
    const level = emphasis[model] ?? 0;
    const key = `${level} ${shape.id} ${colour}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { colour, shape, emphasis: level, models: [model] });
    else group.models.push(model);
  });
  return Array.from(groups.values()).sort((a, b) => a.emphasis - b.emphasis);
}

/** Outlines of the ellipses of some models, as corners on the screen. @param scale pixels per map unit */
export function ellipseCorners(ellipses: readonly (Ellipse | null)[], models: readonly number[], pixelOf: PixelOf, scale: number): Float32Array {
  const corners: number[] = [];
  for (const model of models) {
    const ellipse = ellipses[model] ?? null;
    if (ellipse === null) continue;
    const [x, y] = pixelOf(model);
    const outline = ellipseOutline([0, 0], ellipse);
    // Up is down on the screen. The first corner once more: the outline comes back to it.
    for (const [dx, dy] of [...outline, ...outline.slice(0, 1)]) corners.push(x + dx * scale, y - dy * scale);
    corners.push(NaN, NaN);
  }
  return Float32Array.from(corners);
}

/** Lines through models, one after the other. @param x and `y`: places of all models on the screen */
export function pathCorners(paths: readonly (readonly number[])[], { x, y }: { x: ArrayLike<number>; y: ArrayLike<number> }): Float32Array {
  const corners = new Float32Array(paths.reduce((sum, path) => sum + 2 * (path.length + 1), 0)).fill(NaN);
  let at = 0;
  for (const path of paths) {
    for (const model of path) {
      corners[at++] = x[model] ?? NaN;
      corners[at++] = y[model] ?? NaN;
    }
    at += 2;
  }
  return corners;
}

/** The models of each path of checkpoints, in order of their steps; paths of one are no path. */
export function trajectoryPaths(models: readonly ReportModel[]): number[][] {
  const paths = new Map<string, { model: number; step: number }[]>();
  models.forEach(({ trajectory }, model) => {
    if (trajectory === null) return;
    const path = paths.get(trajectory.name) ?? [];
    paths.set(trajectory.name, path);
    path.push({ model, step: trajectory.step });
  });
  return Array.from(paths.values(), (path) => path.sort((a, b) => a.step - b.step).map(({ model }) => model)).filter((path) => path.length > 1);
}
