import { expect, test } from "vitest";
import { emphasis, mapOption, plotSize, type MapOption } from "../../../../lib/report/chart/map-option.js";
import { lightTheme } from "../../../../lib/report/chart/theme.js";
import { fitViewport, toPixel } from "../../../../lib/report/chart/viewport.js";
import { cloudReport, familyReport, plainPicture } from "../sample-report.js";

interface Axis {
  min: number;
  max: number;
  axisLabel: { customValues: number[]; formatter: (value: number) => string };
}

interface Element {
  shape?: { marks?: Float32Array };
  style: { opacity?: number; stroke?: string; text?: string };
}

function elementsOf({ series }: MapOption): Element[] {
  const [custom] = [series].flat();
  const render = custom?.renderItem as unknown as () => { children: Element[] };
  return render().children;
}

const size = { width: 900, height: 500 };
const margins = { left: 50, right: 10, top: 10, bottom: 40 };

test.each([2, 3, 12])("the option of %d models has their places and one scale on both axes", (count) => {
  const picture = plainPicture(familyReport(count));
  const plot = plotSize(size, margins);
  const viewport = fitViewport(picture.places, plot);
  const option = mapOption(picture, { viewport, size, margins, theme: lightTheme });
  const x = option.xAxis as unknown as Axis;
  const y = option.yAxis as unknown as Axis;
  expect((x.max - x.min) / plot.width).toBeCloseTo((y.max - y.min) / plot.height, 12);

  const marks = elementsOf(option).flatMap(({ shape }) => Array.from(shape?.marks ?? []));
  expect(marks).toHaveLength(3 * count);
  picture.names.forEach((_, model) => {
    const [px, py] = toPixel(viewport, plot, [picture.places.x[model] ?? NaN, picture.places.y[model] ?? NaN]);
    expect(marks[3 * model]).toBeCloseTo(px, 3);
    expect(marks[3 * model + 1]).toBeCloseTo(py, 3);
  });

  const [first = NaN, second = NaN] = x.axisLabel.customValues;
  for (const axis of [x, y]) {
    expect(axis.axisLabel.customValues.length).toBeGreaterThanOrEqual(2);
    for (const value of axis.axisLabel.customValues) {
      expect(value).toBeGreaterThanOrEqual(axis.min);
      expect(value).toBeLessThanOrEqual(axis.max);
      expect(Number(axis.axisLabel.formatter(value))).toBeCloseTo(value, 9);
      const lines = value / (second - first);
      expect(lines).toBeCloseTo(Math.round(lines), 6);
    }
  }
});

test("emphasised models are outlined and drawn last, models in the background are faint and have no names, others are left out", () => {
  const picture = plainPicture(familyReport(12));
  picture.emphasis.fill(emphasis.faint);
  picture.emphasis[3] = emphasis.strong;
  picture.shown = new Uint8Array(12).fill(1);
  picture.shown[5] = 0;
  const viewport = fitViewport(picture.places, plotSize(size, margins));
  const elements = elementsOf(mapOption(picture, { viewport, size, margins, theme: lightTheme }));
  const marks = elements.filter(({ shape }) => shape?.marks !== undefined);
  expect(marks.map(({ shape }) => (shape?.marks?.length ?? 0) / 3)).toEqual([10, 1]);
  expect(marks.map(({ style }) => style.opacity)).toEqual([0.25, 0.9]);
  expect(marks[1]?.style.stroke).toBe(lightTheme.text);
  const texts = elements.flatMap(({ style }) => style.text ?? []);
  expect(texts.filter((text) => !text.startsWith("KL "))).toEqual([expect.stringContaining("base-q4_0") as string]);
});

test("the scale bar is as long as two models of its divergence are apart", () => {
  const picture = { ...plainPicture(familyReport(12)), labels: false };
  const viewport = fitViewport(picture.places, plotSize(size, margins));
  const elements = elementsOf(mapOption(picture, { viewport, size, margins, theme: lightTheme }));
  const [bar] = elements.flatMap(({ shape }) => (shape as { corners?: Float32Array } | undefined)?.corners ?? []);
  const text = elements.flatMap(({ style }) => style.text ?? [])[0] ?? "";
  const kl = Number(/^KL ([\d.]+) bits/.exec(text)?.[1]);
  const length = ((bar?.[4] ?? NaN) - (bar?.[2] ?? NaN)) * viewport.unitsPerPixel;
  expect(length ** 2 / kl).toBeCloseTo(1, 2);
});

test("thousands of models are drawn as few elements", () => {
  const picture = plainPicture(cloudReport(3000));
  const viewport = fitViewport(picture.places, plotSize(size, margins));
  const elements = elementsOf(mapOption(picture, { viewport, size, margins, theme: lightTheme }));
  expect(elements.length).toBeLessThan(100);
  expect(elements.flatMap(({ shape }) => Array.from(shape?.marks ?? []))).toHaveLength(9000);
});
