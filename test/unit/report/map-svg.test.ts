import { expect, test } from "vitest";
import { renderMapSvg } from "../../../lib/report/map-svg.js";
import { cloudReport, familyReport } from "./sample-report.js";

/** Outlines of the points. */
const markers = (svg: string): number =>
  Array.from(svg.matchAll(/<path d="([^"]*)" transform="[^"]*" fill="#(?:0072b2|d55e00)" fill-opacity="0\.9"/g)).reduce((sum, [, d = ""]) => sum + (d.match(/M/g)?.length ?? 0), 0);

test.each([2, 3, 12])("a picture of %d models names every one that stands alone", (count) => {
  const data = familyReport(count);
  const svg = renderMapSvg(data);
  expect(svg).toMatch(/^<svg /);
  expect(svg).toContain(data.title);
  expect(svg).toContain("squared distance");
  expect(svg).toContain("base-f16");
  if (count === 12) {
    for (const name of ["gpt2b-f16", "gpt2b-ft-french-f16", "small-f16", "base-seed2-q8_0"]) expect(svg).toContain(`>${name}<`);
    expect(markers(svg)).toBeGreaterThanOrEqual(12);
  }
});

test("one model has no picture, and the error says why", () => {
  expect(() => renderMapSvg(familyReport(1))).toThrow("at least two scored models");
});

test("labels of 400 models do not lie on one another", () => {
  const svg = renderMapSvg(cloudReport(400));
  const places = Array.from(
    svg.matchAll(/<text [^>]*text-anchor="(start|end)"[^>]*transform="translate\(([\d.]+) ([\d.]+)\)"[^>]*>([^<]*-Q\d[^<]*)</g),
    ([, anchor, x, y, text]) => {
      const width = (text ?? "").length * 5;
      const left = Number(x) - (anchor === "end" ? width : 0);
      return { left, right: left + width, y: Number(y) };
    },
  );
  expect(places.length).toBeGreaterThan(5);
  places.forEach((a, i) => {
    for (const b of places.slice(i + 1)) expect(Math.abs(a.y - b.y) > 9 || a.right < b.left || b.right < a.left).toBe(true);
  });
});
