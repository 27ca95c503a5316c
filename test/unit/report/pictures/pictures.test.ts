import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { paretoFront } from "../../../../lib/matrix/pareto-front.js";
import { renderHeatMapSvg } from "../../../../lib/report/pictures/heat-map-svg.js";
import { indexedPng } from "../../../../lib/report/pictures/indexed-png.js";
import { paretoOfRun } from "../../../../lib/report/pictures/pareto-svg.js";
import { writePictures } from "../../../../lib/report/pictures/write-pictures.js";
import type { ReportData } from "../../../../lib/report/report-data.js";
import { treeOrder } from "../../../../lib/report/tree-order.js";
import { RunFolder } from "../../../../lib/store/run-folder.js";
import { temporaryFolder } from "../../../helpers/temporary-folder.js";
import { cloudReport, familyReport } from "../sample-report.js";

/** Writes all pictures; SVG by name, PNG as bytes. */
async function picturesOf(data: ReportData) {
  const folder = new RunFolder(temporaryFolder());
  const warnings: string[] = [];
  await writePictures(data, folder.pictures, (message) => warnings.push(message));
  const svg = (name: keyof RunFolder["pictures"]): string => readFileSync(folder.pictures[name], "utf8");
  const png = (name: keyof RunFolder["pictures"]): Buffer => readFileSync(folder.pictures[name]);
  return { folder, warnings, svg, png };
}

/** The report with a reference: divergences from the first model, sizes as they are. */
function withReference(data: ReportData): ReportData {
  const models = data.models.map((model, i) => ({ ...model, klToReference: data.kl?.[i] ?? null }));
  return { ...data, models, reference: data.models[0]?.name ?? null };
}

/** All points of the Pareto chart, as model and whether it is outlined. */
const paretoPoints = (data: ReportData) =>
  paretoOfRun(data, data.models.map(() => "#0072b2"))?.picture.groups.flatMap(({ points }) => points.map(({ id, strong }) => ({ id, strong }))).sort((a, b) => a.id - b.id);

const pngSize = (png: Buffer): { width: number; height: number } => {
  expect(png.subarray(0, 8)).toEqual(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]));
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
};

test.each([2, 3, 12])("pictures of %d models: each name is on the tree, sizes are those of the SVG twice", async (count) => {
  const { svg, png, warnings, folder } = await picturesOf(familyReport(count));
  for (const { name } of familyReport(count).models) expect(svg("tree.svg")).toContain(`>${name}</text>`);
  const [, width, height] = /^<svg width="(\d+)" height="(\d+)"/.exec(svg("map.svg")) ?? [];
  expect(pngSize(png("map.png"))).toEqual({ width: 2 * Number(width), height: 2 * Number(height) });
  expect(pngSize(png("heatmap.png")).width).toBeGreaterThan(600);
  expect(existsSync(folder.pictures["pareto.svg"])).toBe(false);
  expect(warnings).toEqual([]);
});

test("names are drawn into the PNG, not left out", async () => {
  const data = familyReport();
  const nameless = { ...data, models: data.models.map((model) => ({ ...model, name: "" })) };
  // What compresses worse has more in it.
  expect((await picturesOf(data)).png("map.png").length).toBeGreaterThan(1.1 * (await picturesOf(nameless)).png("map.png").length);
});

test("without a font there are no PNG files, and the warning says what to do", async () => {
  const { pictures } = new RunFolder(temporaryFolder());
  const warnings: string[] = [];
  await writePictures(familyReport(), pictures, (message) => warnings.push(message), { loadSystemFonts: false });
  expect(warnings).toEqual([expect.stringContaining("apt-get install fonts-dejavu-core")]);
  expect(Object.entries(pictures).map(([name, path]) => [name, existsSync(path)])).toEqual([
    ["map.svg", true],
    ["map.png", false],
    ["tree.svg", true],
    ["heatmap.png", false],
    ["pareto.svg", false],
  ]);
});

test("the tree of 1,000 models is cut to rows that have room, and all models are counted", async () => {
  const { svg, png } = await picturesOf(cloudReport(1000));
  const tree = svg("tree.svg");
  const names = Array.from(tree.matchAll(/>([^<]*-\d+-[^<]*)<\/text>/g), ([, name]) => name ?? "");
  expect(names.length).toBe(150);
  const counted = names.reduce((sum, name) => sum + 1 + Number(/ \+([\d,]+)$/.exec(name)?.[1]?.replaceAll(",", "") ?? 0), 0);
  expect(counted).toBe(1000);
  const rows = Array.from(tree.matchAll(/y="([\d.]+)"[^>]*>[^<]*-\d+-[^<]*<\/text>/g), ([, y]) => Number(y)).sort((a, b) => a - b);
  expect(rows).toHaveLength(150);
  rows.slice(1).forEach((y, i) => expect(y - (rows[i] ?? NaN)).toBeGreaterThanOrEqual(12));
  const { width, height } = pngSize(png("heatmap.png"));
  expect(Math.max(width, height)).toBeLessThan(3200);
});

test("the heat map of more models than it has rows has no colour where a block is one model", () => {
  const data = cloudReport(1100);
  const { kl, tree } = data;
  if (kl === null || tree === null) throw new Error("divergences and a tree");
  const order = treeOrder(1100, tree, (i, j) => kl[i * 1100 + j] ?? NaN);
  const [, base64 = ""] = /data:image\/png;base64,([^"]+)"/.exec(renderHeatMapSvg({ ...data, kl, tree }, order)) ?? [];
  const png = Buffer.from(base64, "base64");
  expect(pngSize(png)).toEqual({ width: 1000, height: 1000 });
  const at = png.indexOf("IDAT");
  const pixels = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
  const background = 255;
  const blank = Array.from({ length: 1000 }, (_, row) => row).filter((row) => pixels[row * 1001 + 1 + row] === background);
  // 100 of the 1,000 blocks are of two models.
  expect(blank).toHaveLength(900);
  expect(pixels.filter((value, i) => value === background && i % 1001 > 0)).toHaveLength(900);
});

test("the Pareto chart has every model, outlines the front, and names it", async () => {
  const data = withReference(familyReport());
  const front = paretoFront(data.models.map(({ bytes }) => bytes), data.models.map(({ klToReference }) => klToReference ?? NaN));
  expect(front.length).toBeGreaterThan(1);
  expect(front.length).toBeLessThan(12);
  expect(paretoPoints(data)).toEqual(data.models.map((_, id) => ({ id, strong: front.includes(id) })));
  const chart = (await picturesOf(data)).svg("pareto.svg");
  for (const model of front) expect(chart).toContain(`>${data.models[model]?.name ?? ""}</text>`);
  expect(chart).not.toMatch(/NaN|Infinity|undefined/);
});

test("equal models, models without a size and a single other one make a chart too", async () => {
  const data = withReference(familyReport(3));
  const [, second, third] = data.models;
  if (second === undefined || third === undefined) throw new Error("three models");
  second.klToReference = 0;
  third.bytes = 0;
  expect(paretoPoints(data)?.map(({ id }) => id)).toEqual([0, 1]);
  expect((await picturesOf(data)).svg("pareto.svg")).not.toMatch(/NaN|Infinity|undefined/);
});

test("a picture that the report no longer has is removed", async () => {
  const folder = new RunFolder(temporaryFolder());
  for (const path of Object.values(folder.pictures)) writeFileSync(path, "of an earlier run");
  await writePictures(familyReport(1), folder.pictures, () => undefined);
  for (const path of Object.values(folder.pictures)) expect([path, existsSync(path)]).toEqual([path, false]);
});

test("names from models make no markup and no broken XML", async () => {
  const attack = `</text><script>x()</script>"'><image href="x" onload="x()"/>\u0000\ud800`;
  const data = withReference(familyReport());
  data.models = data.models.map((model) => ({ ...model, name: `${attack}${model.name}`, labels: { [attack]: `${attack}${model.name}` } }));
  data.reference = data.models[0]?.name ?? null;
  data.texts.name = attack;
  const { svg, png } = await picturesOf(data);
  for (const name of ["tree.svg", "pareto.svg", "map.svg"] as const) {
    expect(svg(name)).not.toMatch(/<script|<image|onload="/);
    expect(svg(name).includes("\u0000") || svg(name).includes("\ud800")).toBe(false);
    expect(svg(name)).toContain("&lt;/text&gt;");
  }
  pngSize(png("heatmap.png"));
});

test("an indexed PNG holds its pixels", () => {
  const indices = Uint8Array.of(0, 1, 2, 2, 1, 0);
  const png = indexedPng(3, 2, indices, [[255, 0, 0], [0, 255, 0], [0, 0, 255]]);
  expect(pngSize(png)).toEqual({ width: 3, height: 2 });
  const at = png.indexOf("IDAT");
  const rows = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
  expect(Array.from(rows)).toEqual([0, 0, 1, 2, 0, 2, 1, 0]);
});
