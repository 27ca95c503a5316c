/** Log-likelihoods of other programs in a run folder. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { importScoreFiles, type ImportOptions } from "../../../lib/run/import.js";
import { importScores } from "../../../lib/run/import-scores.js";
import { map } from "../../../lib/run/map.js";
import { readScoredRun } from "../../../lib/run/scored-run.js";
import type { RunEvent } from "../../../lib/run/events.js";
import { readModels, writeModels } from "../../../lib/store/models-table.js";
import { RunFolder } from "../../../lib/store/run-folder.js";
import { readRunRecord } from "../../../lib/store/run-record.js";
import { makeTextSet } from "../../../lib/texts/text-set.js";
import { pythonFiles } from "../../helpers/score-files.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const contents = ["One text.", "Another.", "The same.", "The same."];
const texts = makeTextSet("four", contents.map((content) => ({ content, source: null, columns: {} })));
const scores = [-9.25, -5.5, -8, -8.5];

const modelmap = (values: readonly number[], change: (record: Record<string, unknown>, index: number) => object = (record) => record): string =>
  values.map((value, index) => JSON.stringify(change({ index, "num-tokens": 3, "log-likelihood": value, "token-log-probs": [value / 2, value / 2] }, index))).join("\n");
const lmEval = (values: readonly number[], content: (index: number) => string | undefined = (index) => contents[index]): string =>
  values.map((value, doc_id) => JSON.stringify({ doc_id, doc: {}, arguments: [[content(doc_id)]], resps: [[value]], filtered_resps: [String(value)] })).join("\n");

function put(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

describe("importScoreFiles", () => {
  it("puts files of the method's authors and of lm-evaluation-harness beside scored models, with what is not alike told", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "run");
    await importScores({ out, texts, models: [{ name: "scored", logLikelihood: Float64Array.of(-9, -5, -8, -8) }] });
    const events: RunEvent[] = [];
    const files = [
      put(folder, "meta-llama--Llama-2-7b-hf_float16.jsonl", modelmap(scores)),
      put(folder, "org__model/samples_four_2026-01-01T00-00-00.jsonl", lmEval([-7, -6, -5, -4])),
    ];
    const { models } = await importScoreFiles({ out, files, onEvent: (event) => events.push(event) });
    const differs = "It was scored with the BOS policy always, the run with auto. Where one model's first token is scored and another's is not, they are farther apart by that much.";
    expect(models).toEqual([
      { model: "meta-llama/Llama-2-7b-hf", file: files[0], format: "modelmap", texts: 4, meanLogLikelihood: -7.8125, warnings: [] },
      { model: "org/model", file: files[1], format: "lm-eval", texts: 4, meanLogLikelihood: -5.5, warnings: [differs] },
    ]);
    expect(events.filter(({ event }) => event === "warning")).toEqual([{ event: "warning", model: files[1], message: differs }]);
    expect(events.filter(({ event }) => event === "resolving").at(-1)).toMatchObject({ step: "read", bytes: expect.any(Number) as number });
    const { models: read } = await readScoredRun(new RunFolder(out));
    expect(read.map(({ row, scores: { rows } }) => [row.name, row.path, row.warnings, Array.from(rows.logLikelihood), Array.from(rows.tokens)])).toEqual([
      ["scored", "", [], [-9, -5, -8, -8], [2, 2, 2, 2]],
      ["meta-llama/Llama-2-7b-hf", files[0], [], scores, [3, 3, 3, 3]],
      ["org/model", files[1], [differs], [-7, -6, -5, -4], [2, 2, 2, 2]],
    ]);
    expect((await map({ out })).models).toHaveLength(3);
  });

  it("finds a text of a sample by what it is, not by its number, equal texts in order", async () => {
    const folder = temporaryFolder();
    const shuffled = ["The same.", "Another.", "The same.", "One text."];
    const file = put(folder, "model.jsonl", lmEval([-1, -2, -3, -4], (index) => shuffled[index]));
    await importScoreFiles({ out: join(folder, "run"), files: [file], texts });
    const [model] = (await readScoredRun(new RunFolder(join(folder, "run")))).models;
    expect(model?.row.name).toBe("model");
    expect(Array.from(model?.scores.rows.logLikelihood ?? [])).toEqual([-4, -2, -1, -3]);
  });

  it("makes a folder with the policy of the files, and keeps a text without a scored token out of the map", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "run");
    await importScoreFiles({ out, texts, files: [put(folder, "a.jsonl", lmEval(scores))] });
    expect((await readRunRecord(new RunFolder(out).runRecord))?.settings.bos).toBe("always");
    const file = put(folder, "b.jsonl", modelmap([0, -5, -8, -8], (record, index) => (index === 0 ? { ...record, "num-tokens": 1, "token-log-probs": [] } : record)));
    const { models } = await importScoreFiles({ out, files: [file] });
    expect(models[0]).toMatchObject({ texts: 3, meanLogLikelihood: -7 });
    expect(Array.from((await readScoredRun(new RunFolder(out))).leftOut)).toEqual([0]);
  });

  it("reads matrices of numpy and pandas, with names in the file, beside it, or in one of their own", async () => {
    const folder = temporaryFolder();
    const { npy, csv, models: names, rows } = pythonFiles;
    const named = put(folder, "named.csv", csv.named);
    const saved = put(folder, "saved.npy", Buffer.from(npy.saved, "base64"));
    const plain = put(folder, "plain.csv", csv.savetxt);
    put(folder, "saved.json", JSON.stringify({ models: ["x", "y", "z"], texts: [3, 2, 1, 0] }));
    const read = async (options: Omit<ImportOptions, "out" | "texts">): Promise<[string, number[]][]> => {
      const out = join(temporaryFolder(), "run");
      await importScoreFiles({ out, texts, bos: "auto", ...options });
      return (await readScoredRun(new RunFolder(out))).models.map(({ row, scores: { rows: found } }) => [row.name, Array.from(found.logLikelihood)]);
    };
    expect(await read({ files: [named] })).toEqual(names.map((name, row) => [name, rows[row]]));
    expect(await read({ files: [saved] })).toEqual(["x", "y", "z"].map((name, row) => [name, rows[row]?.toReversed()]));
    expect(await read({ files: [plain, saved], names: put(folder, "names.txt", "a\nb\r\nc\nd\ne\nf\n") })).toHaveLength(6);
    await expect(read({ files: [plain] })).rejects.toMatchObject({ code: "ERR_SCORES", message: /line 1: expected a name for each model/ });
    await expect(read({ files: [plain], names: ["a", "b"] })).rejects.toThrow("Expected 3 names (--names)");
    await expect(read({ files: [named, named] })).rejects.toThrow(/named\.csv line 2: expected a name of its own.*"?base again, after .*named\.csv line 2/);
  });

  it("names file, line and what is wrong, and writes nothing then", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "run");
    const attempt = async (name: string, content: string | Uint8Array): Promise<unknown> =>
      await importScoreFiles({ out, texts, files: [put(folder, name, content)], bos: "auto" });
    const wrong = async (name: string, content: string | Uint8Array, message: string | RegExp): Promise<void> => {
      await expect(attempt(name, content)).rejects.toMatchObject({ code: "ERR_SCORES" });
      await expect(attempt(name, content)).rejects.toThrow(message);
    };
    await wrong("a.jsonl", modelmap(scores.slice(0, 3)), "a.jsonl: expected a record for each of the 4 texts of four, found none for 1 of them, the first being text 3");
    await wrong("a.jsonl", `${modelmap(scores)}\n${modelmap(scores.slice(0, 1))}`, "a.jsonl line 5: expected one record per text, found text 0 again, after line 1");
    await wrong("a.jsonl", modelmap([...scores, -1]), "a.jsonl line 5: expected a text from 0 to 3, as four has, found 4");
    await wrong("a.jsonl", `${modelmap(scores.slice(0, 1))}\n${lmEval(scores)}`, "line 2: expected a record of modelmap");
    await wrong("a.jsonl", lmEval(scores, () => "Unknown."), 'line 1: expected a text of four, found an unknown one, "Unknown."');
    await wrong("a.jsonl", "\n", "an empty file");
    await wrong("a.csv", "model,0,1,2\nm,-1,-2,Infinity\n", "a.csv line 2: expected finite log-likelihoods, found Infinity for text 2");
    await wrong("a.csv", "model,0,4\nm,-1,-2\n", "expected different text positions from 0 to 3");
    await wrong("a.csv", "model,0,0\nm,-1,-2\n", "found 0 twice");
    await wrong("a.csv", "-1,-2,-3\n", "line 1: expected 4 log-likelihoods in that line");
    await wrong("a.csv", "model,0,1,2,3\n", "at least one model, found none");
    await expect(attempt("a.pkl", "")).rejects.toMatchObject({ code: "ERR_USAGE", message: /expected a file that ends in .jsonl, .npy/ });
    await expect(importScoreFiles({ out, texts, files: [join(folder, "none.csv")] })).rejects.toMatchObject({ code: "ERR_NOT_FOUND" });
    await expect(importScoreFiles({ out, files: [put(folder, "a.jsonl", modelmap(scores))] })).rejects.toThrow("so the texts must be named: --texts");
    await expect(importScoreFiles({ out, texts, files: [put(folder, "a.jsonl", modelmap(scores))], signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ERR_ABORTED" });
    expect(await readRunRecord(new RunFolder(out).runRecord)).toBeNull();
  });

  it("replaces a model only when told to, and takes the same scores twice", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "run");
    const file = put(folder, "a.jsonl", modelmap(scores));
    await importScoreFiles({ out, texts, files: [file] });
    await importScoreFiles({ out, files: [file] });
    put(folder, "a.jsonl", modelmap([-1, -2, -3, -4]));
    await expect(importScoreFiles({ out, files: [file] })).rejects.toMatchObject({ code: "ERR_USAGE", message: /has a model named a with other scores.*--force/ });
    const table = new RunFolder(out).models;
    await writeModels(table, (await readModels(table)).map((row) => ({ ...row, labels: { family: "mine" } })));
    await importScoreFiles({ out, files: [file], force: true });
    expect((await readModels(table)).map(({ labels }) => labels)).toEqual([{ family: "mine" }]);
    expect((await readModels(new RunFolder(out).models)).map(({ name }) => name)).toEqual(["a"]);
    expect(Array.from((await readScoredRun(new RunFolder(out))).L.values)).toEqual([-1, -2, -3, -4]);
    const others = makeTextSet("others", [{ content: "Others.", source: null, columns: {} }]);
    await expect(importScoreFiles({ out, texts: others, files: [file] })).rejects.toMatchObject({ code: "ERR_RUN_MISMATCH" });
  });
});
