import { expect, it } from "vitest";
import { ellipseSeries, pathsOf, trajectorySeries } from "../../../../lib/report/chart/map-marks.js";
import { lightTheme } from "../../../../lib/report/chart/theme.js";
import { renderMapSvg } from "../../../../lib/report/map-svg.js";
import { familyReport } from "../sample-report.js";

it("a path joins its checkpoints in order of their steps; one checkpoint is no path", () => {
  const models = familyReport(4).models.map((model, i) => ({ ...model, trajectory: i === 3 ? { name: "alone", step: 1 } : { name: "main", step: [300, 20, 1000][i] ?? 0 } }));
  const place = (i: number): [number, number] => [models[i]?.x ?? NaN, models[i]?.y ?? NaN];
  expect(pathsOf(models)).toEqual([[place(1), place(0), place(2)]]);
  expect(trajectorySeries(models, lightTheme)).toHaveLength(1);
});

it("there are no series where there is nothing to draw", () => {
  const { models } = familyReport(4);
  expect(ellipseSeries(models, [], lightTheme)).toEqual([]);
  expect(trajectorySeries(models, lightTheme)).toEqual([]);
});

it("the picture has an outline for each ellipse and a line for each path, and says what ellipses are", () => {
  const report = familyReport();
  const plain = renderMapSvg(report);
  const models = report.models.map((model, i) => ({
    ...model,
    ellipse: i < 5 ? { major: 0.5, minor: 0.2, angle: 0.4 } : null,
    trajectory: i < 3 ? { name: "main", step: i } : null,
  }));
  const picture = renderMapSvg({ ...report, models });
  const count = (svg: string, pattern: RegExp): number => svg.match(pattern)?.length ?? 0;
  const faint = /fill-opacity="0\.1"/g;
  expect(count(plain, faint)).toBe(0);
  expect(count(picture, faint)).toBe(5);
  expect(count(picture, /stroke-width="1\.5"/g)).toBe(count(plain, /stroke-width="1\.5"/g) + 1);
  expect(picture).toContain("Ellipses: where 95 %");
  expect(plain).not.toContain("Ellipses");
});
