import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { normal, seededRandom } from "../../../lib/random.js";
import { importScores, type ImportedModel } from "../../../lib/run/import-scores.js";
import { map } from "../../../lib/run/map.js";
import { readArrowFile } from "../../../lib/store/arrow-file.js";
import { RunFolder } from "../../../lib/store/run-folder.js";
import { readRunRecord } from "../../../lib/store/run-record.js";
import { makeTextSet } from "../../../lib/texts/text-set.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const count = 150;
const texts = makeTextSet("many", Array.from({ length: count }, (_, i) => ({ content: `Text ${i}`.padEnd(300, "."), source: i % 2 === 0 ? "code" : "prose", columns: {} })));

/** Models that stray from a common vector by so many nats a text. */
function modelsOf(strays: Record<string, number>, more: (name: string) => Partial<ImportedModel> = () => ({})): ImportedModel[] {
  const random = seededRandom(4);
  const common = Float64Array.from({ length: count }, () => -700 + 60 * normal(random));
  return Object.entries(strays).map(([name, stray]) => ({ name, logLikelihood: common.map((value) => value + stray * normal(random)), ...more(name) }));
}

async function mapped(models: ImportedModel[], options: Omit<Parameters<typeof map>[0], "out"> = {}) {
  const out = join(temporaryFolder(), "out");
  await importScores({ out, texts, models });
  const folder = new RunFolder(out);
  const result = await map({ out, ...options });
  const rowsOf = async (path: string): Promise<Record<string, unknown>[]> => (await readArrowFile(path)).toArray().map((row) => ({ ...(row as Record<string, unknown>) }));
  return { ...result, record: (await readRunRecord(folder.runRecord))?.map, neighbours: await rowsOf(folder.neighbours), sources: await rowsOf(folder.sources), table: await rowsOf(folder.map) };
}

describe("neighbours.arrow", () => {
  it("holds the nearest models of each with an interval around the KL divergence, one interval for a pair", async () => {
    const { neighbours, kl, models } = await mapped(modelsOf({ a: 1, b: 2, c: 4, d: 8 }));
    expect(neighbours).toHaveLength(12);
    for (const { model, rank, neighbour, kl: distance, kl_low: low, kl_high: high } of neighbours) {
      expect(distance).toBe(kl[models.indexOf(String(model)) * 4 + models.indexOf(String(neighbour))]);
      expect(low).toBeLessThan(Number(distance));
      expect(high).toBeGreaterThan(Number(distance));
      expect(rank).toBeLessThanOrEqual(3);
      expect(neighbours.find((row) => row["model"] === neighbour && row["neighbour"] === model)).toMatchObject({ kl_low: low, kl_high: high });
    }
  });

  it("has no intervals and no ellipses with bootstrap 0", async () => {
    const { neighbours, rows, record } = await mapped(modelsOf({ a: 1, b: 2 }), { bootstrap: 0 });
    expect(neighbours).toMatchObject([{ model: "a", neighbour: "b", kl_low: null, kl_high: null }, { model: "b" }]);
    expect(rows.map(({ ellipse }) => ellipse)).toEqual([null, null]);
    expect(record?.bootstrap).toBeNull();
  });

  it("is empty with one model, which has no ellipse", async () => {
    const { neighbours, rows } = await mapped(modelsOf({ a: 1 }));
    expect(neighbours).toEqual([]);
    expect(rows[0]?.ellipse).toBeNull();
  });
});

describe("ellipses", () => {
  it("lie on the line with two models, and in the plane with three", async () => {
    const two = await mapped(modelsOf({ a: 1, b: 2 }));
    for (const { ellipse } of two.rows) {
      expect(ellipse?.major).toBeGreaterThan(0);
      expect(ellipse?.minor).toBeCloseTo(0, 12);
    }
    const three = await mapped(modelsOf({ a: 1, b: 2, c: 3 }));
    for (const { ellipse } of three.rows) expect(ellipse?.minor).toBeGreaterThan(0);
    expect(three.record?.bootstrap).toEqual({ resamples: 200, ellipseResamples: 200, confidence: 0.95, seed: 42 });
  });

  it("are points where the models do not differ", async () => {
    const [model] = modelsOf({ a: 1 });
    if (model === undefined) throw new Error("no model");
    const { rows } = await mapped([model, { ...model, name: "twin" }, { ...model, name: "third" }]);
    for (const { ellipse } of rows) expect(ellipse).toMatchObject({ major: 0, minor: 0 });
  });

  it("say the same on the PCA map, in its unit", async () => {
    const models = modelsOf({ a: 1, b: 2, c: 3 });
    const [mds, pca] = [await mapped(models), await mapped(models, { map: "pca" })];
    const unit = Number(pca.rows[0]?.x) / Number(mds.rows[0]?.x);
    // All texts have one length, so the mean bytes do not vary.
    pca.rows.forEach(({ ellipse }, i) => expect(Number(ellipse?.major) / unit).toBeCloseTo(Number(mds.rows[i]?.ellipse?.major), 9));
  });
});

describe("trajectories", () => {
  const labels = (name: string): Partial<ImportedModel> => ({ labels: { path: "main", at: name.slice(1) } });

  it("come from the labels that are named", async () => {
    const { table } = await mapped(modelsOf({ s20: 1, s3: 2 }, labels), { trajectory: "path", step: "at" });
    expect(table).toMatchObject([{ trajectory: "main", step: 20 }, { trajectory: "main", step: 3 }]);
  });

  it("refuse a label that no model has, and a step that is no number", async () => {
    await expect(mapped(modelsOf({ s20: 1 }, labels), { trajectory: "run" })).rejects.toThrow("No model has the label run (--trajectory). Labels of the run: path, at.");
    await expect(mapped(modelsOf({ sx: 1 }, labels), { trajectory: "path", step: "at" })).rejects.toThrow('Expected a number for the label at of sx but found "x"');
  });
});

describe("nearness for size", () => {
  it("marks the Pareto front: no other model is both as small and as near", async () => {
    const size: Record<string, number> = { f16: 1000, q8: 500, q5: 400, q4: 300, q4far: 300, unknown: 0 };
    const models = modelsOf({ f16: 0, q8: 1, q5: 8, q4: 4, q4far: 6, unknown: 2 }, (name) => ({ facts: { bytes: size[name] ?? 0 } }));
    const { table, kl } = await mapped(models, { reference: "f16" });
    expect(table.map((row) => row["pareto"])).toEqual([true, true, false, true, false, null]);
    expect(table.map((row) => row["kl_to_reference"])).toEqual(Array.from(kl.subarray(0, 6)));
    await expect(mapped(models, { reference: "none" })).rejects.toThrow("No scored model is named none");
  });
});

describe("sources.arrow", () => {
  it("adds up to the bits per byte of the whole", async () => {
    const { sources, rows } = await mapped(modelsOf({ a: 1, b: 2 }));
    expect(sources).toHaveLength(4);
    for (const { model, bitsPerByte } of rows) {
      const own = sources.filter((row) => row["model"] === model);
      const bytes = own.reduce((sum, row) => sum + Number(row["bytes"]), 0);
      expect(own.reduce((sum, row) => sum + Number(row["bits_per_byte"]) * Number(row["bytes"]), 0) / bytes).toBeCloseTo(bitsPerByte, 12);
    }
  });
});
