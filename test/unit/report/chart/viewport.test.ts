import { expect, test } from "vitest";
import { axisRanges, fitViewport, gridStep, panBy, toPixel, zoomAt, type Places } from "../../../../lib/report/chart/viewport.js";

const size = { width: 800, height: 500 };
const points = [
  [-3, 1],
  [5, 2],
  [1, -4],
] as const;

const placesOf = (of: readonly (readonly [number, number])[]): Places => ({ x: of.map(([x]) => x), y: of.map(([, y]) => y) });

test("all points fit, and one unit is as long across as up", () => {
  const viewport = fitViewport(placesOf(points), size);
  const ranges = axisRanges(viewport, size);
  for (const point of points) {
    const [px, py] = toPixel(viewport, size, point);
    expect(px).toBeGreaterThan(0);
    expect(px).toBeLessThan(size.width);
    expect(py).toBeGreaterThan(0);
    expect(py).toBeLessThan(size.height);
  }
  expect((ranges.x[1] - ranges.x[0]) / size.width).toBeCloseTo((ranges.y[1] - ranges.y[0]) / size.height, 12);
});

test.each([[[[2, 3]]], [[[2, 3], [2, 3]]]] as [number, number][][][])("points in one place have a viewport around them", (same) => {
  const viewport = fitViewport(placesOf(same), size);
  expect(viewport.unitsPerPixel).toBeGreaterThan(0);
  expect(toPixel(viewport, size, [2, 3])).toEqual([400, 250]);
});

test("zooming leaves the point under the pointer where it is", () => {
  const viewport = fitViewport(placesOf(points), size);
  const before = toPixel(viewport, size, points[0]);
  const after = toPixel(zoomAt(viewport, size, before, 3), size, points[0]);
  expect(after[0]).toBeCloseTo(before[0], 9);
  expect(after[1]).toBeCloseTo(before[1], 9);
});

test("panning moves every point by as many pixels", () => {
  const viewport = fitViewport(placesOf(points), size);
  for (const point of points) {
    const [x, y] = toPixel(viewport, size, point);
    const [movedX, movedY] = toPixel(panBy(viewport, 30, -20), size, point);
    expect(movedX - x).toBeCloseTo(30, 9);
    expect(movedY - y).toBeCloseTo(-20, 9);
  }
});

test.each([
  [0.01, 1],
  [0.011, 2],
  [0.04, 5],
  [0.06, 10],
  [0.00002, 0.002],
])("at %d units per pixel grid lines 100 pixels apart or more are %d units apart", (unitsPerPixel, step) => {
  expect(gridStep({ x: 0, y: 0, unitsPerPixel }, 100)).toBeCloseTo(step, 12);
});
