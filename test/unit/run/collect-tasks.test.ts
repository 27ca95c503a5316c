/** Rows of tasks on their way into models.arrow: each once, whatever ends meanwhile. */
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { collectTasks } from "../../../lib/run/collect-tasks.js";
import type { ScoringSettings } from "../../../lib/scoring/settings.js";
import { readModels, writeModels, type ModelRow } from "../../../lib/store/models-table.js";
import { RunFolder } from "../../../lib/store/run-folder.js";
import { writeRunRecord } from "../../../lib/store/run-record.js";
import { PartialScores } from "../../../lib/store/score-file.js";
import { takeTaskRows, writeTaskRow } from "../../../lib/store/task-rows.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const settings: ScoringSettings = {
  ...{ bos: "auto", flashAttention: "off", kvCacheType: "F16/F32", scorer: "native", backend: "cpu", device: "CPU" },
  ...{ llamaCpp: "v0.5.0", gpuLayers: 0, batchTokens: 64, sequences: 1, contextSize: 512 },
};
const textsHash = "cd".repeat(32);
const sha256 = "ab".repeat(32);

function row(name: string, change: Partial<ModelRow> = {}): ModelRow {
  const facts = { architecture: "llama", title: null, parameters: 1, quantization: "F16", bytes: 1, contextLength: 8, vocabularySize: 9, tokenizer: "gpt2" };
  return {
    ...{ name, fileName: name, path: `/${name}.gguf`, adapters: [], sha256, facts, labels: {}, status: "complete", error: null, warnings: [] },
    ...{ bosPolicy: "auto: BOS", backend: "cpu", device: "CPU", scorer: "native", fallback: null, truncatedTexts: 0 },
    ...change,
  };
}
const failure: Partial<ModelRow> = { status: "failed", error: "no memory", bosPolicy: null, backend: null, device: null, scorer: null, truncatedTexts: null };

async function makeFolder(): Promise<RunFolder> {
  const folder = new RunFolder(temporaryFolder());
  await folder.create();
  mkdirSync(folder.tasks);
  const now = new Date().toISOString();
  await writeRunRecord(folder.runRecord, {
    ...{ format: 1, createdAt: now, updatedAt: now, versions: {}, scoring: null, skipped: [], map: null, noiseFloor: null },
    texts: { name: "texts", reference: "texts", count: 2, meanBytes: 9, hash: textsHash },
    settings: { bos: "auto", flashAttention: "off", kvCacheType: "F16/F32" },
  });
  return folder;
}

/** A complete score file of two texts. */
async function writeScores(folder: RunFolder, name: string, key: { modelSha256?: string; textsHash?: string } = {}): Promise<void> {
  const rows = { text: Int32Array.of(0, 1), tokens: Int32Array.of(3, 4), logLikelihood: Float64Array.of(-1, -2), truncated: [false, true] };
  const whole = { model: name, modelSha256: sha256, textsHash, settings, firstToken: "BOS" as const, fallback: null, warnings: ["a warning"], ...key };
  const partial = await PartialScores.create(folder.scoreFile(name), null, whole, [rows]);
  await partial.finish(2);
}

const collected = async (folder: RunFolder): Promise<ModelRow[]> => {
  await collectTasks(folder);
  return await readModels(folder.models);
};

describe("collectTasks", () => {
  it("moves rows into the table, and leaves none behind", async () => {
    const folder = await makeFolder();
    await writeModels(folder.models, [row("a", failure), row("kept")]);
    await writeTaskRow(folder.tasks, "a", row("a"));
    await writeTaskRow(folder.tasks, "b", row("b", failure));
    expect((await collected(folder)).map(({ name, status }) => `${name} ${status}`)).toEqual(["a complete", "kept complete", "b failed"]);
    expect(readdirSync(folder.tasks)).toEqual([]);
    expect(await collected(folder)).toHaveLength(3);
  });

  it("takes a failure for what it is where the scores of the same file are complete, and only then", async () => {
    const folder = await makeFolder();
    for (const name of ["same", "other-file", "other-texts", "nothing"]) await writeTaskRow(folder.tasks, name, row(name, failure));
    await writeScores(folder, "same");
    await writeScores(folder, "other-file", { modelSha256: "00".repeat(32) });
    await writeScores(folder, "other-texts", { textsHash: "00".repeat(32) });
    const rows = await collected(folder);
    expect(rows.filter(({ status }) => status === "complete").map(({ name }) => name)).toEqual(["same"]);
    expect(rows.find(({ name }) => name === "same")).toMatchObject({ error: null, truncatedTexts: 1, warnings: ["a warning"], bosPolicy: "auto: BOS" });
  });

  it("keeps a complete row of the same file, and gives up that of a file that has changed", async () => {
    const folder = await makeFolder();
    await writeModels(folder.models, [row("a"), row("b")]);
    await writeTaskRow(folder.tasks, "a", row("a", failure));
    await writeTaskRow(folder.tasks, "b", row("b", { ...failure, sha256: "00".repeat(32) }));
    expect((await collected(folder)).map(({ name, status }) => `${name} ${status}`)).toEqual(["a complete", "b failed"]);
  });

  it("loses no row where the process that took it ended before it wrote the table", async () => {
    const folder = await makeFolder();
    await writeTaskRow(folder.tasks, "a", row("a", failure));
    await writeTaskRow(folder.tasks, "b", row("b"));
    expect((await takeTaskRows(folder.tasks)).rows).toHaveLength(2); // and nothing more: killed
    // Meanwhile a task on the same model was done: its row is the later one.
    await writeTaskRow(folder.tasks, "a", row("a"));
    expect((await collected(folder)).map(({ name, status }) => `${name} ${status}`).sort()).toEqual(["a complete", "b complete"]);
    expect(readdirSync(folder.tasks)).toEqual([]);
  });

  it("leaves a row that was written after it looked", async () => {
    const folder = await makeFolder();
    await writeTaskRow(folder.tasks, "a", row("a", failure));
    const taken = await takeTaskRows(folder.tasks);
    await writeTaskRow(folder.tasks, "a", row("a"));
    await taken.discard();
    expect((await collected(folder)).map(({ status }) => status)).toEqual(["complete"]);
  });

  it("names a damaged row, keeps it, and collects the others", async () => {
    const folder = await makeFolder();
    writeFileSync(join(folder.tasks, "bad.arrow"), "no Arrow");
    await writeTaskRow(folder.tasks, "b", row("b"));
    const messages: string[] = [];
    await collectTasks(folder, (event) => event.event === "warning" && messages.push(event.message));
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain("bad.arrow");
    expect((await readModels(folder.models)).map(({ name }) => name)).toEqual(["b"]);
    expect(readdirSync(folder.tasks)).toEqual([".bad.arrow.collecting"]);
    // Put back in its place it is looked at again.
    renameSync(join(folder.tasks, ".bad.arrow.collecting"), join(folder.tasks, "bad.arrow"));
    expect(await collected(folder)).toHaveLength(1);
  });

  it("does nothing in a folder that no task has seen", async () => {
    const folder = new RunFolder(temporaryFolder());
    await collectTasks(folder);
    expect(existsSync(folder.models)).toBe(false);
    expect(readdirSync(folder.directory)).toEqual([]);
  });
});
