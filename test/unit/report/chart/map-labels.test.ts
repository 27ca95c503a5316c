import { expect, test } from "vitest";
import { mapLabels, type MapLabel } from "../../../../lib/report/chart/map-labels.js";
import { PointGrid } from "../../../../lib/report/chart/point-grid.js";

const size = { width: 800, height: 400 };

function labelsOf(names: string[], pixels: [number, number][], order: number[] = [...names.keys()]): MapLabel[] {
  const grid = new PointGrid(pixels.map(([x]) => x), pixels.map(([, y]) => y), size.width, size.height);
  return mapLabels(names, grid, new Float32Array(names.length).fill(3), size, order);
}
const texts = (names: string[], pixels: [number, number][], order?: number[]): string[] => labelsOf(names, pixels, order).map((label) => label.text);

test("points that fall on one another share a label that counts them", () => {
  expect(texts(["base", "q8", "q5", "other"], [[100, 100], [101, 100], [99, 103], [300, 100]])).toEqual(["base +2", "other"]);
});

test("a point counts for one label only", () => {
  expect(texts(["a", "b", "c"], [[100, 100], [106, 100], [112, 100]])).toEqual(["a +1", "c"]);
});

test("a label that would cover the points on its right stands on the left", () => {
  const [label] = labelsOf(["long-name"], [[780, 100]]);
  expect(label?.side).toBe("left");
  const crowd: [number, number][] = [[300, 100], [320, 100], [330, 100], [340, 100]];
  expect(labelsOf(["long-name", "b", "c", "d"], crowd)[0]?.side).toBe("left");
});

test("in a crowd a name that covers others on both sides is left out", () => {
  const crowd: [number, number][] = [[300, 100], [320, 100], [335, 100], [280, 100], [265, 100]];
  expect(texts(["long-name", "b", "c", "d", "e"], crowd)).not.toContain("long-name");
});

test("long names are cut in the middle and keep their count", () => {
  const name = "a-very-long-family-name-that-goes-on-and-on-Q4_K_M";
  const [label] = texts([name, "b"], [[100, 100], [100, 100]]);
  expect(label).toMatch(/^a-very.*….*Q4_K_M \+1$/);
});

test("names do not lie on one another, and those that come first in the order are given out first", () => {
  const pixels: [number, number][] = [[300, 100], [310, 112], [290, 88]];
  const names = ["first-of-the-names", "second-of-the-names", "third-of-the-names"];
  const placed = (order: number[]): number[] => labelsOf(names, pixels, order).map(({ point }) => point);
  expect(placed([2, 1, 0])[0]).toBe(2);
  for (const order of [[0, 1, 2], [1, 0, 2]]) {
    const labels = labelsOf(names, pixels, order);
    expect(labels.length).toBeGreaterThanOrEqual(2);
    const boxes = labels.map(({ point, side, text }) => {
      const [x, y] = pixels[point] ?? [NaN, NaN];
      const width = text.length * 6;
      return side === "right" ? { left: x, right: x + width, y } : { left: x - width, right: x, y };
    });
    for (const [i, a] of boxes.entries()) {
      for (const b of boxes.slice(i + 1)) expect(Math.abs(a.y - b.y) >= 12 || a.right <= b.left || b.right <= a.left).toBe(true);
    }
  }
});
