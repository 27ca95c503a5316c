/** export → import → map, and what other programs read. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../../lib/run/events.js";
import { exportRun } from "../../../lib/run/export.js";
import { exportables, exportFormats } from "../../../lib/run/export-choices.js";
import { importScoreFiles } from "../../../lib/run/import.js";
import { importScores } from "../../../lib/run/import-scores.js";
import { map, type MapResult } from "../../../lib/run/map.js";
import { normal, seededRandom } from "../../../lib/random.js";
import { makeTextSet } from "../../../lib/texts/text-set.js";
import { fixtureTexts } from "../../helpers/fixtures.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const names = ["plain", 'comma, "quote"', "=HYPERLINK(1)", "org/model"];
const unscored = 3;
const texts = makeTextSet("fixture", fixtureTexts().slice(0, 20).map(({ text, source }) => ({ content: text, source, columns: {} })));

/** A mapped run of four models; one has no scored token in one text, which the map leaves out. */
async function mappedRun(folder: string): Promise<MapResult & { out: string }> {
  const out = join(folder, "run");
  const random = seededRandom(7);
  const models = names.map((name) => ({
    name,
    logLikelihood: Float64Array.from({ length: 20 }, () => -800 + 90 * normal(random)),
    labels: { family: name === "plain" ? "-1" : "other" },
  }));
  const tokens = new Int32Array(20).fill(9);
  tokens[unscored] = 1;
  await importScores({ out, texts, models: models.map((model, i) => (i === 1 ? { ...model, tokens } : model)) });
  return { ...(await map({ out, bootstrap: 0 })), out };
}

describe("exportRun", () => {
  it.each(exportFormats)("gives the same divergences to the bit when scores are imported again: %s", async (format) => {
    const folder = temporaryFolder();
    const { out, kl } = await mappedRun(folder);
    const { files } = await exportRun({ out, to: join(folder, "to"), format, what: ["scores", "texts"] });
    expect(files.map(({ what, rows, columns }) => [what, rows, columns])).toEqual([["scores", 4, 19], ["texts", 20, null]]);
    const again = join(folder, "again");
    const { models } = await importScoreFiles({ out: again, files: [join(folder, "to", `scores.${format}`)], texts: join(folder, "to", "texts.jsonl"), bos: "auto" });
    expect(models.map(({ model, texts: count, warnings }) => [model, count, warnings])).toEqual(names.map((name) => [name, 19, []]));
    const mapped = await map({ out: again, bootstrap: 0 });
    expect(mapped.models).toEqual(names);
    expect(Array.from(mapped.kl)).toEqual(Array.from(kl));
  });

  it("writes Q and D of the map: D / (2 N B ln 2) is the map's KL, rows and columns of Q have mean 0", async () => {
    const folder = temporaryFolder();
    const { out, kl } = await mappedRun(folder);
    await exportRun({ out, to: folder, format: "npy", what: ["q", "d", "kl"] });
    const read = (name: string): number[] => {
      const bytes = readFileSync(join(folder, name));
      return Array.from({ length: (bytes.length - 128) / 8 }, (_, i) => bytes.readDoubleLE(128 + 8 * i));
    };
    expect(read("kl.npy")).toEqual(Array.from(kl));
    const used = texts.texts.filter((_, text) => text !== unscored);
    const B = used.reduce((sum, { bytes }) => sum + bytes, 0) / used.length;
    read("d.npy").forEach((distance, i) => expect(distance / (2 * 19 * B * Math.LN2)).toBeCloseTo(kl[i] ?? NaN, 14));
    const q = read("q.npy");
    for (let row = 0; row < 4; row++) expect(q.slice(row * 19, (row + 1) * 19).reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 9);
    for (let column = 0; column < 19; column++) expect(names.reduce((sum, _, row) => sum + (q[row * 19 + column] ?? NaN), 0)).toBeCloseTo(0, 9);
    expect(JSON.parse(readFileSync(join(folder, "q.json"), "utf8"))).toEqual({ models: names, texts: [...Array(20).keys()].filter((text) => text !== unscored) });
    expect(JSON.parse(readFileSync(join(folder, "d.json"), "utf8"))).toEqual({ models: names });
  });

  it("writes tables that DuckDB reads alike as CSV and as Parquet", async () => {
    const folder = temporaryFolder();
    const { out, rows } = await mappedRun(folder);
    const warnings: string[] = [];
    const onEvent = (event: RunEvent): void => {
      if (event.event === "warning") warnings.push(event.message);
    };
    await exportRun({ out, to: join(folder, "csv"), format: "csv", what: exportables, onEvent });
    await exportRun({ out, to: join(folder, "parquet"), format: "parquet", what: exportables });
    expect(warnings.find((message) => message.includes("map.csv"))).toContain('such as "=HYPERLINK(1)"');
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const query = async (sql: string): Promise<unknown[][]> => (await connection.runAndReadAll(sql)).getRowsJS();
    const places = rows.map(({ model, x, y, bitsPerByte }) => [model, x, y, bitsPerByte]);
    for (const source of [`read_csv('${folder}/csv/map.csv', header = true)`, `'${folder}/parquet/map.parquet'`]) {
      expect(await query(`SELECT model, x, y, bits_per_byte FROM ${source}`)).toEqual(places);
    }
    expect(await query(`SELECT family FROM '${folder}/parquet/models.parquet'`)).toEqual([["-1"], ["other"], ["other"], ["other"]]);
    const [scores] = await query(`SELECT * EXCLUDE model FROM read_csv('${folder}/csv/scores.csv', header = true)`);
    const [lists] = await query(`SELECT log_likelihood FROM '${folder}/parquet/scores.parquet'`);
    expect(scores).toEqual(lists?.[0]);
    expect(readFileSync(join(folder, "csv", "tree.nwk"))).toEqual(readFileSync(join(out, "tree.nwk")));
    connection.closeSync();
  });

  it("does not overwrite without being told to, nor write into the run folder, nor without a map what needs one", async () => {
    const folder = temporaryFolder();
    const { out } = await mappedRun(folder);
    const options = { out, to: join(folder, "to"), format: "csv" as const };
    await exportRun(options);
    const path = join(folder, "to", "kl.csv");
    writeFileSync(path, "mine");
    await expect(exportRun({ ...options, what: ["kl"] })).rejects.toMatchObject({ code: "ERR_USAGE", message: /kl\.csv exists already.*--force/ });
    expect(readFileSync(path, "utf8")).toBe("mine");
    await exportRun({ ...options, what: ["kl"], force: true });
    expect(readFileSync(path, "utf8")).toMatch(/^model,plain,/);
    const link = join(folder, "link");
    symlinkSync(out, link);
    for (const to of [out, join(out, "scores"), join(out, "new", "folder"), link]) {
      await expect(exportRun({ ...options, to, force: true })).rejects.toThrow("is the run folder, or lies in it");
    }
    await expect(exportRun({ ...options, to: path })).rejects.toThrow("Expected a folder for --to");
    await expect(exportRun({ ...options, what: ["scroes" as "scores"] })).rejects.toThrow("for what (--what) but received scroes");
    await expect(exportRun({ ...options, force: true, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ERR_ABORTED" });
    rmSync(join(out, "kl.arrow"));
    await expect(exportRun({ ...options, what: ["kl"], force: true })).rejects.toMatchObject({ code: "ERR_NOT_FOUND", message: /llmap-native map/ });
  });
});

it("of a run without a map writes nothing where one is needed, and what needs none", async () => {
  const out = join(temporaryFolder(), "run");
  await importScores({ out, texts, models: [{ name: "a", logLikelihood: new Float64Array(20).fill(-5) }] });
  const to = join(temporaryFolder(), "to", "deep");
  await expect(exportRun({ out, to, format: "csv" })).rejects.toMatchObject({ code: "ERR_NOT_FOUND", message: /no map yet, so there is no kl, map.*Nothing was written/ });
  expect(existsSync(to)).toBe(false);
  expect((await exportRun({ out, to, format: "csv", what: ["scores", "models"] })).files).toHaveLength(2);
});

it("to a place that takes no folders ends with an error", { timeout: 20_000 }, async () => {
  const { out } = await mappedRun(temporaryFolder());
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  await expect(exportRun({ out, to: join(file, "below"), format: "csv" })).rejects.toMatchObject({ code: "ERR_USAGE" });
  if (process.platform === "linux") await expect(exportRun({ out, to: "/proc/none", format: "csv" })).rejects.toMatchObject({ code: "ERR_RUN_FOLDER" });
});

const python = "/usr/bin/python3";
const hasPandas = spawnSync(python, ["-c", "import numpy, pandas"]).status === 0;

describe.skipIf(!hasPandas)(`numpy and pandas (${hasPandas ? python : "skipped: install python3-pandas"})`, () => {
  it("read the same numbers and names from NPY and CSV, and write what is imported again", async () => {
    const folder = temporaryFolder();
    const { out, kl } = await mappedRun(folder);
    await exportRun({ out, to: folder, format: "npy", what: ["scores", "texts", "kl", "map"] });
    await exportRun({ out, to: folder, format: "csv", what: ["scores", "kl"] });
    const program = [
      "import json, sys, numpy as np, pandas as pd",
      "scores, names = np.load('scores.npy'), json.load(open('scores.json'))",
      "frame = pd.read_csv('scores.csv', index_col=0, float_precision='round_trip')",
      "assert scores.dtype == np.float64 and scores.flags.c_contiguous",
      "assert np.array_equal(frame.values, scores) and list(frame.index) == names['models'] and [int(c) for c in frame.columns] == names['texts']",
      "kl = pd.read_csv('kl.csv', index_col=0, float_precision='round_trip')",
      "assert list(kl.columns) == names['models'] and np.array_equal(kl.values, np.load('kl.npy'))",
      "assert list(pd.read_csv('map.csv')['model']) == names['models']",
      "frame.to_csv('frame.csv')",
      "np.save('fortran.npy', np.asfortranarray(scores))",
    ].join("\n");
    const { status, stderr } = spawnSync(python, ["-c", program], { cwd: folder, encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const again = join(folder, "again");
    await importScoreFiles({ out: again, files: [join(folder, "frame.csv")], texts: join(folder, "texts.jsonl") });
    expect(Array.from((await map({ out: again, bootstrap: 0 })).kl)).toEqual(Array.from(kl));
  });
});
