import { expect, it } from "vitest";
import { trajectoryPaths } from "../../../../lib/report/chart/map-marks.js";
import { renderMapSvg } from "../../../../lib/report/map-svg.js";
import { familyReport } from "../sample-report.js";

it("a path joins its checkpoints in order of their steps; one checkpoint is no path", () => {
  const models = familyReport(4).models.map((model, i) => ({ ...model, trajectory: i === 3 ? { name: "alone", step: 1 } : { name: "main", step: [300, 20, 1000][i] ?? 0 } }));
  expect(trajectoryPaths(models)).toEqual([[1, 0, 2]]);
  expect(trajectoryPaths(familyReport(4).models)).toEqual([]);
});

it("the picture has an outline for each ellipse and a line for each path, and says what ellipses are", () => {
  const report = familyReport();
  const plain = renderMapSvg(report);
  const models = report.models.map((model, i) => ({
    ...model,
    trajectory: i < 3 ? { name: "main", step: i } : null,
  }));
  const ellipses = models.map((_, i) => (i < 5 ? { major: 0.5, minor: 0.2, angle: 0.4 } : null));
  const picture = renderMapSvg({ ...report, models, maps: report.maps.map((map) => ({ ...map, ellipses })) });
  const count = (svg: string, pattern: RegExp): number => svg.match(pattern)?.length ?? 0;
  const outlines = (svg: string): number =>
    Array.from(svg.matchAll(/<path d="([^"]*)"[^>]*fill-opacity="0\.1"/g)).reduce((sum, [, d = ""]) => sum + count(d, /M/g), 0);
  expect(outlines(plain)).toBe(0);
  expect(outlines(picture)).toBe(5);
  expect(count(picture, /stroke-width="1\.5"/g)).toBe(count(plain, /stroke-width="1\.5"/g) + 1);
  expect(picture).toContain("Ellipses: where 95 %");
  expect(plain).not.toContain("Ellipses");
});
