import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PageData, PageTexts } from "../../../lib/report/page-data.js";
import { restoreRow } from "../../../lib/report/quantised.js";
import { importScores } from "../../../lib/run/import-scores.js";
import { map } from "../../../lib/run/map.js";
import { predict } from "../../../lib/run/predict.js";
import { readNeighbours, readSources } from "../../../lib/store/map-tables.js";
import { readPredictions } from "../../../lib/store/predictions-table.js";
import { RunFolder } from "../../../lib/store/run-folder.js";
import { embedded, embeddedTexts } from "../../helpers/embedded-report.js";
import { simulatedWorld } from "../../helpers/simulated-world.js";

const world = simulatedWorld({ models: 30, texts: 300, families: 5, seed: 2 });
const folder = new RunFolder(mkdtempSync(join(tmpdir(), "llmap-native-test-")));
afterAll(() => rmSync(folder.directory, { recursive: true }));
let page: PageData;
let texts: PageTexts;

beforeAll(async () => {
  const models = world.models.map((model, i) => ({ ...model, labels: { ...model.labels, score: String(50 + 10 * (model.theta[0] ?? 0) + (i % 3)) } }));
  await importScores({ out: folder.directory, texts: world.texts, models });
  await map({ out: folder.directory, map: ["mds", "tsne"], reference: models[4]?.name ?? null });
  await predict({ out: folder.directory, label: "score" });
  await map({ out: folder.directory, map: ["mds", "tsne"], reference: models[4]?.name ?? null });
  const html = readFileSync(folder.report, "utf8");
  page = embedded(html);
  texts = embeddedTexts(html);
});

describe("the page of a run", () => {
  it("has the neighbours and intervals of neighbours.arrow", async () => {
    const { neighbours, models } = page.report;
    const rows = await readNeighbours(folder.neighbours);
    expect(neighbours.models).toHaveLength(rows.length);
    const positions = new Map(models.map(({ name }, i) => [name, i]));
    for (const { model, rank, neighbour, kl, klLow, klHigh } of rows) {
      const at = (positions.get(model) ?? NaN) * neighbours.count + rank - 1;
      expect(models[neighbours.models[at] ?? -1]?.name).toBe(neighbour);
      expect([neighbours.kl[at], neighbours.low[at], neighbours.high[at]]).toEqual([kl, klLow, klHigh].map((value) => Math.fround(value ?? NaN)));
    }
  });

  it("has the results by source of sources.arrow", async () => {
    const { sources, models } = page.report;
    for (const { model, source, texts: count, bytes, bitsPerByte } of await readSources(folder.sources)) {
      const column = sources.names.indexOf(source);
      const row = models.findIndex(({ name }) => name === model);
      expect([sources.texts[column], sources.bytes[column]]).toEqual([count, bytes]);
      expect(sources.bitsPerByte[row * sources.names.length + column]).toBe(Math.fround(bitsPerByte));
    }
  });

  it("has every text with the log-likelihoods as they were scored, not clipped", () => {
    expect(Array.from(texts.positions)).toEqual(Array.from(world.texts.texts.keys()));
    expect(texts.contents).toEqual(world.texts.texts.map(({ content }) => content));
    world.models.forEach(({ logLikelihood }, model) => {
      restoreRow(texts.logLikelihoods, model).forEach((value, text) => {
        expect(Math.abs(value - (logLikelihood[text] ?? NaN))).toBeLessThanOrEqual((texts.logLikelihoods.steps[text] ?? 0) / 2 + 1e-9);
      });
    });
  });

  it("has both maps, the tree, the order of its leaves and the reference", () => {
    const { maps, tree, reference, models } = page.report;
    expect(maps.map(({ method }) => method)).toEqual(["mds", "tsne"]);
    expect(maps[0]?.ellipses?.every((ellipse) => ellipse !== null)).toBe(true);
    expect(maps[1]?.ellipses).toBeNull();
    expect(tree?.heights).toHaveLength(29);
    expect(Array.from(page.order).sort((a, b) => a - b)).toEqual(Array.from(models.keys()));
    expect(reference).toBe(world.models[4]?.name);
    expect(models[4]?.klToReference).toBe(0);
  });

  it("has the predicted scores, since `predict` was run before", async () => {
    const { rows, metadata } = await readPredictions(folder.predictions);
    expect(page.report.predictions).toEqual({ label: "score", family: metadata.family, leakageLimit: metadata.leakageLimit });
    expect(page.report.models.map(({ prediction }) => [prediction?.actual, prediction?.predicted])).toEqual(rows.map(({ label, prediction }) => [label, prediction]));
  });
});
