import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { add } from "../../../lib/run/add.js";
import { extendMap } from "../../../lib/run/extend-map.js";
import { importScores } from "../../../lib/run/import-scores.js";
import { map } from "../../../lib/run/map.js";
import { findDraw } from "../../../lib/run/quick-models.js";
import { resample } from "../../../lib/run/resample.js";
import { runSite } from "../../../lib/serve/open-run.js";
import type { MapMethod } from "../../../lib/map/map-method.js";
import type { MapOptions } from "../../../lib/run/options.js";
import type { RunEvent } from "../../../lib/run/events.js";
import { normal, seededRandom } from "../../../lib/random.js";
import { readKl, readMap, readNeighbours, readSources } from "../../../lib/store/map-tables.js";
import { RunFolder } from "../../../lib/store/run-folder.js";
import { readResample } from "../../../lib/store/resample-table.js";
import { readRunRecord } from "../../../lib/store/run-record.js";
import { makeTextSet } from "../../../lib/texts/text-set.js";
import { embedded } from "../../helpers/embedded-report.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const count = 400;
const texts = makeTextSet("set", Array.from({ length: count }, (_, i) => ({ content: `text ${i}`, source: null, columns: {} })));

/** Vectors around two centres, in two directions mostly. */
function vectors(models: number): Float64Array[] {
  const random = seededRandom(9);
  const direction = () => Float64Array.from({ length: count }, () => normal(random));
  const [a, b] = [direction(), direction()];
  return Array.from({ length: models }, (_, i) => {
    const [x, y] = [(i % 2) * 6 + normal(random), normal(random)];
    return a.map((value, s) => -60 + x * value + y * (b[s] ?? NaN) + 0.5 * normal(random));
  });
}

async function mapOf(models: number, options: Omit<MapOptions, "out"> = {}): Promise<string> {
  const out = join(temporaryFolder(), "out");
  await importScores({ out, texts, models: vectors(models).map((logLikelihood, i) => ({ name: `m${i}`, logLikelihood })) });
  await map({ out, ...options });
  return out;
}

/** Imports what `add --quick` would have scored. */
async function importQuick(out: string, name: string, logLikelihood: Float64Array): Promise<void> {
  const folder = new RunFolder(out);
  const draw = await findDraw(folder, texts);
  if (draw === null) throw new Error("no draw");
  const drawn = Float64Array.from(draw.texts, (text) => logLikelihood[text] ?? NaN);
  await importScores({ out: folder.quickScores(draw.set.hash), texts: draw.set, models: [{ name, logLikelihood: drawn }] });
}

const thresholdOf = async (out: string): Promise<number | undefined> => (await readRunRecord(new RunFolder(out).runRecord))?.map?.clip?.threshold;

describe("extendMap", () => {
  it.each(["mds", "pca"] as const)("a model that is there under another name lands on its point, on a map by %s", async (method) => {
    const out = await mapOf(7, { map: method });
    const before = await readMap(new RunFolder(out).map);
    await importScores({ out, texts, models: [{ name: "twin", logLikelihood: vectors(7)[3] ?? new Float64Array() }] });
    const { added, models, rows } = await extendMap({ out, models: ["twin"] });
    const [twin, original] = [added[0], before[3]];
    expect(twin).toMatchObject({ model: "twin", nearest: "m3", nearestKl: 0, added: true, approximate: false, estimated: false, cluster: original?.cluster });
    const extent = Math.max(...before.map(({ x }) => Math.abs(x ?? NaN)));
    expect(Math.abs((twin?.x ?? NaN) - (original?.x ?? NaN))).toBeLessThan(1e-9 * extent);
    expect(Math.abs((twin?.y ?? NaN) - (original?.y ?? NaN))).toBeLessThan(1e-9 * extent);
    expect(models).toEqual([...before.map(({ model }) => model), "twin"]);
    // The others stay where they are, to the bit.
    rows.slice(0, 7).forEach((row, i) => expect([row.x, row.y, row.added]).toEqual([before[i]?.x, before[i]?.y, false]));
    expect(await readMap(new RunFolder(out).map)).toEqual(rows);
  });

  it("has the divergences that a map with the stored threshold would have, and keeps those that are there to the bit", async () => {
    const out = await mapOf(6);
    const folder = new RunFolder(out);
    const old = (await readKl(folder.kl)).kl.values;
    const threshold = (await thresholdOf(out)) ?? NaN;
    const all = vectors(8);
    // Far below what is clipped, so that clipping matters.
    const outlier = (all[7] ?? new Float64Array()).map((value, s) => (s % 10 === 0 ? value - 500 : value));
    await importScores({ out, texts, models: [{ name: "outlier", logLikelihood: outlier }] });
    await extendMap({ out, models: ["outlier"] });
    const { kl } = await readKl(folder.kl);
    const clipped = [...all.slice(0, 6), outlier].map((vector) => vector.map((value) => Math.max(value, threshold)));
    const expected = (i: number, j: number): number => {
      const differences = (clipped[i] ?? new Float64Array()).map((value, s) => value - (clipped[j]?.[s] ?? NaN));
      const mean = differences.reduce((sum, d) => sum + d, 0) / count;
      return differences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / count / (2 * texts.meanBytes * Math.LN2);
    };
    for (let i = 0; i < 7; i++) {
      for (let j = 0; j < 7; j++) {
        const found = kl.values[i * 7 + j] ?? NaN;
        if (i < 6 && j < 6) expect(found).toBe(old[i * 6 + j]);
        expect(Math.abs(found - expected(i, j))).toBeLessThanOrEqual(1e-9 * expected(i, j));
      }
    }
    // Drawn anew, the map clips elsewhere, and says so.
    expect(await thresholdOf(out)).toBe(threshold);
    const events: RunEvent[] = [];
    await map({ out, onEvent: (event) => events.push(event) });
    const now = await thresholdOf(out);
    expect(events).toContainEqual({ event: "clip-threshold", before: threshold, now });
    expect(now).toBeLessThan(threshold);
    expect((await readMap(folder.map)).every(({ added }) => !added)).toBe(true);
  });

  it("keeps the tables of neighbours and sources complete, with the intervals that there are", async () => {
    const out = await mapOf(5);
    const folder = new RunFolder(out);
    const before = await readNeighbours(folder.neighbours);
    await importScores({ out, texts, models: [{ name: "twin", logLikelihood: vectors(5)[1] ?? new Float64Array() }] });
    await extendMap({ out, models: ["twin"] });
    const neighbours = await readNeighbours(folder.neighbours);
    expect(neighbours).toHaveLength(6 * 5);
    expect(neighbours.filter(({ model }) => model === "m1")[0]).toEqual({ model: "m1", rank: 1, neighbour: "twin", kl: 0, klLow: null, klHigh: null });
    const intervals = (rows: typeof before) => rows.filter(({ klLow }) => klLow !== null).map((row) => ({ ...row, rank: 0 }));
    expect(intervals(before)).toHaveLength(5 * 4);
    expect(intervals(neighbours)).toEqual(intervals(before));
    // What a map that is drawn anew says by source: unclipped, so it is the same.
    const sources = await readSources(folder.sources);
    await map({ out });
    expect(sources).toEqual(await readSources(folder.sources));
  });

  it("has a model among its neighbours on a map by t-SNE, marked approximate", async () => {
    const out = await mapOf(8, { map: "tsne" });
    const before = await readMap(new RunFolder(out).map);
    await importScores({ out, texts, models: [{ name: "twin", logLikelihood: vectors(8)[4] ?? new Float64Array() }, { name: "new", logLikelihood: vectors(9)[8] ?? new Float64Array() }] });
    const { added } = await extendMap({ out, models: ["twin", "new"] });
    expect(added).toMatchObject([
      { x: before[4]?.x, y: before[4]?.y, approximate: true, estimated: false },
      { approximate: true, estimated: false },
    ]);
    const range = before.map(({ x }) => x ?? NaN);
    expect(added[1]?.x).toBeGreaterThan(Math.min(...range));
    expect(added[1]?.x).toBeLessThan(Math.max(...range));
  });

  it("places models on the maps by every method, and keeps the others there, to the bit", async () => {
    const out = await mapOf(8, { map: ["mds", "pca", "tsne"], dimensions: 3 });
    const folder = new RunFolder(out);
    const before = await readMap(folder.map);
    expect(before.map(({ further }) => Object.keys(further))).toEqual(before.map(() => ["pca", "tsne"]));
    await importScores({ out, texts, models: [{ name: "twin", logLikelihood: vectors(8)[3] ?? new Float64Array() }] });
    const { rows } = await extendMap({ out, models: ["twin"] });
    const [original, twin] = [before[3], rows.at(-1)];
    expect(rows.slice(0, 8).map(({ further }) => further)).toEqual(before.map(({ further }) => further));
    expect(twin?.further["tsne"]).toEqual(original?.further["tsne"]);
    const extent = Math.max(...before.map(({ further }) => Math.abs(further["pca"]?.x ?? NaN)));
    for (const axis of ["x", "y", "z"] as const) {
      expect(Math.abs((twin?.further["pca"]?.[axis] ?? NaN) - (original?.further["pca"]?.[axis] ?? NaN))).toBeLessThan(1e-9 * extent);
    }
    expect(await readMap(folder.map)).toEqual(rows);
    const { report } = embedded(readFileSync(folder.report, "utf8"));
    expect(report.maps.map(({ method, x, z }) => [method, x.length, z?.length])).toEqual([["mds", 9, 9], ["pca", 9, 9], ["tsne", 9, 9]]);
  });

  it("refuses methods that there are not", async () => {
    await expect(mapOf(4, { map: [] })).rejects.toMatchObject({ code: "ERR_USAGE" });
    const unknown: string[] = ["mds", "isomap"];
    await expect(mapOf(4, { map: unknown as MapMethod[] })).rejects.toThrow("Expected mds, pca, tsne, umap for map (--map) but received isomap");
  });

  it("adds to maps of two and three models; one model has no map to join", async () => {
    for (const models of [2, 3]) {
      const out = await mapOf(models);
      const before = await readMap(new RunFolder(out).map);
      await importScores({ out, texts, models: [{ name: "twin", logLikelihood: vectors(models)[1] ?? new Float64Array() }] });
      const { added } = await extendMap({ out, models: ["twin"] });
      expect(added[0]?.x).toBeCloseTo(before[1]?.x ?? NaN, 9);
      expect(added[0]?.y).toBeCloseTo(before[1]?.y ?? NaN, 9);
      const { report } = embedded(readFileSync(new RunFolder(out).report, "utf8"));
      expect(report.models.at(-1)).toMatchObject({ name: "twin", added: true, warnings: ["Joined the map after it was drawn."] });
    }
    await expect(extendMap({ out: await mapOf(1), models: ["m0"] })).rejects.toMatchObject({ code: "ERR_NOTHING_DONE" });
    await expect(add({ to: await mapOf(1), models: ["x.gguf"] })).rejects.toThrow("has no map of two models or more to join");
  });

  it("changes nothing for models that are there, and refuses names that are not", async () => {
    const out = await mapOf(4);
    expect((await extendMap({ out, models: ["m2"] })).added).toEqual([]);
    await expect(extendMap({ out, models: ["m9"] })).rejects.toThrow("m9 has no complete scores");
    await expect(extendMap({ out, models: ["m9"], quick: true })).rejects.toThrow("m9 has no complete scores");
    await expect(add({ to: out, models: ["x.gguf"], quick: true })).rejects.toThrow("has no resampled texts (resample.arrow)");
  });
});

describe("extendMap of quick models", () => {
  it("estimates divergences from the drawn texts, about as well as resample says; map does not take them for whole", async () => {
    const out = await mapOf(8);
    const { errors } = await resample({ out, draws: 200 });
    const all = vectors(9);
    const joining = all[8] ?? new Float64Array();
    await importQuick(out, "quick", joining);
    const { added, kl, models } = await extendMap({ out, models: ["quick"], quick: true });
    expect(added[0]).toMatchObject({ model: "quick", added: true, approximate: true, estimated: true });
    const estimates = Array.from(kl.slice(8 * 9, 8 * 9 + 8));

    // The server has what there is of it: log-likelihoods of the drawn texts.
    const served = await runSite(new RunFolder(out))(`data/model/${models.indexOf("quick")}`, new URLSearchParams());
    if (served === null || !("body" in served)) throw new Error("no answer");
    const bytes = Buffer.from(served.body as Uint8Array);
    const values = Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(8 * i));
    const drawnTexts = new Set((await readResample(new RunFolder(out).resample)).texts);
    expect(values.map((value, text) => (drawnTexts.has(text) ? value : NaN))).toEqual(values);
    expect(values.filter((value) => !Number.isNaN(value))).toEqual(Array.from(joining).filter((_, text) => drawnTexts.has(text)));
    // A full model that joins now keeps the quick one.
    await importScores({ out, texts, models: [{ name: "whole", logLikelihood: joining }] });
    const both = await extendMap({ out, models: ["whole"] });
    expect(both.models).toEqual([...models, "whole"]);
    const exact = Array.from(both.kl.slice(9 * 10, 9 * 10 + 8));
    const relative = estimates.map((value, i) => Math.abs(value / (exact[i] ?? NaN) - 1)).sort((a, b) => a - b);
    // The estimates of one model share a draw, so they may all be off together: five sd.
    const { mean, sd } = errors.medianRelative;
    expect(relative[4]).toBeLessThan(mean + 5 * sd);
    // The same vector, of which the quick one has a part.
    expect(both.kl[9 * 10 + 8]).toBe(0);
    expect(both.added[0]?.estimated).toBe(false);

    expect((await map({ out })).models).toEqual(["m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "whole"]);
  });

  it("a model of the map, scored on the draw of all texts once, is at its own place", async () => {
    const out = await mapOf(5);
    const before = await readMap(new RunFolder(out).map);
    await resample({ out, draws: 4000, method: "uniform", repeats: 2 });
    await importQuick(out, "twin", vectors(5)[2] ?? new Float64Array());
    const { added } = await extendMap({ out, models: ["twin"], quick: true });
    expect(added[0]).toMatchObject({ nearest: "m2", nearestKl: 0 });
    // Its distances to the others are estimates, with standard errors of some sqrt(2 / 4,000) = 2 %, and so is its place.
    const extent = Math.max(...before.map(({ x }) => Math.abs(x ?? NaN)));
    expect(Math.abs((added[0]?.x ?? NaN) - (before[2]?.x ?? NaN))).toBeLessThan(0.1 * extent);
  });

  it("gives way to its whole scores, and to another draw", async () => {
    const out = await mapOf(4);
    await resample({ out, draws: 100, repeats: 2 });
    await importQuick(out, "late", vectors(5)[4] ?? new Float64Array());
    await extendMap({ out, models: ["late"], quick: true });
    await importScores({ out, texts, models: [{ name: "late", logLikelihood: vectors(5)[4] ?? new Float64Array() }] });
    const { rows } = await extendMap({ out, models: ["late"] });
    expect(rows.map(({ model, estimated }) => [model, estimated])).toContainEqual(["late", false]);

    await importQuick(out, "quick", vectors(6)[5] ?? new Float64Array());
    await extendMap({ out, models: ["quick"], quick: true });
    await resample({ out, draws: 50, seed: 1, repeats: 2 });
    const events: RunEvent[] = [];
    const { models } = await extendMap({ out, models: ["m0"], onEvent: (event) => events.push(event) });
    expect(models).not.toContain("quick");
    expect(events.filter(({ event }) => event === "warning")).toMatchObject([{ model: "quick" }]);
  });

  it("says that resample.arrow is damaged", async () => {
    const out = await mapOf(3);
    await resample({ out, draws: 10, repeats: 2 });
    writeFileSync(new RunFolder(out).resample, "ARROW1 no more");
    await expect(add({ to: out, models: ["x.gguf"], quick: true })).rejects.toMatchObject({ code: "ERR_RUN_FOLDER" });
  });
});
