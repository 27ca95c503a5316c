import { expect, test } from "vitest";
import { encodeColour, encodeShape } from "../../../../lib/report/chart/encoding.js";
import { mapOption, mapPoints, plotSize } from "../../../../lib/report/chart/map-option.js";
import { lightTheme } from "../../../../lib/report/chart/theme.js";
import { fitViewport } from "../../../../lib/report/chart/viewport.js";
import { familyReport } from "../sample-report.js";

interface Axis {
  min: number;
  max: number;
  axisLabel: { customValues: number[]; formatter: (value: number) => string };
}

const size = { width: 900, height: 500 };
const margins = { left: 50, right: 10, top: 10, bottom: 40 };

test.each([2, 3, 12])("the option of %d models has their places and one scale on both axes", (count) => {
  const { models } = familyReport(count);
  const plot = plotSize(size, margins);
  const viewport = fitViewport(mapPoints(models), plot);
  const option = mapOption(models, "sqrt(bits/byte)", encodeColour(models, null, lightTheme), encodeShape(models, null), {
    viewport,
    size,
    margins,
    theme: lightTheme,
  });
  const x = option.xAxis as unknown as Axis;
  const y = option.yAxis as unknown as Axis;
  expect((x.max - x.min) / plot.width).toBeCloseTo((y.max - y.min) / plot.height, 12);

  const [series] = [option.series].flat();
  expect(series?.data).toEqual(models.map((model) => [model.x, model.y]));

  const [first = NaN, second = NaN] = x.axisLabel.customValues;
  for (const axis of [x, y]) {
    for (const value of axis.axisLabel.customValues) {
      expect(value).toBeGreaterThanOrEqual(axis.min);
      expect(value).toBeLessThanOrEqual(axis.max);
      expect(Number(axis.axisLabel.formatter(value))).toBeCloseTo(value, 9);
      const lines = value / (second - first);
      expect(lines).toBeCloseTo(Math.round(lines), 6);
    }
  }
});
