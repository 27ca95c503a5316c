import { existsSync, readdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ScoreRows } from "../../../lib/scoring/score-rows.js";
import { findOrphans, findScoreFile, PartialScores, readScoreFile, type ScoreKey } from "../../../lib/store/score-file.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const key: ScoreKey = {
  model: "base/größer.gguf",
  modelSha256: "ab".repeat(32),
  textsHash: "cd".repeat(32),
  settings: {
    bos: "auto",
    flashAttention: "off",
    kvCacheType: "F16/F32",
    scorer: "native",
    backend: "cpu",
    device: "CPU",
    llamaCpp: "v0.5.0",
    gpuLayers: 0,
    batchTokens: 1024,
    sequences: 2,
    contextSize: 512,
  },
  firstToken: "BOS",
};

/** Rows whose values tell their text. */
const rows = (...texts: number[]): ScoreRows => ({
  text: Int32Array.from(texts),
  tokens: Int32Array.from(texts, (text) => text + 2),
  logLikelihood: Float64Array.from(texts, (text) => -Math.PI * (text + 1)),
  truncated: texts.map((text) => text % 2 === 1),
});

describe("PartialScores", () => {
  it("becomes a complete file in text order, with its key, and leaves no stream", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "model.arrow");
    const partial = await PartialScores.create(path, key, []);
    await partial.append(rows(3, 0));
    await partial.append(rows(2, 1));
    await partial.finish(4);
    expect(readdirSync(folder)).toEqual(["model.arrow"]);
    expect(await readScoreFile(path)).toEqual({ key, rows: rows(0, 1, 2, 3) });
  });

  it("refuses to finish with a text missing or doubled, and keeps the stream", async () => {
    const path = join(temporaryFolder(), "model.arrow");
    const partial = await PartialScores.create(path, key, [rows(0, 1)]);
    await expect(partial.finish(3)).rejects.toMatchObject({ code: "ERR_RUN_FOLDER" });
    await partial.append(rows(1, 2));
    await expect(partial.finish(3)).rejects.toThrow("text 1 has 2 rows");
    expect(existsSync(path)).toBe(false);
    expect(existsSync(partial.path)).toBe(true);
    await partial.close();
  });
});

describe("findOrphans", () => {
  async function orphanOf(batches: ScoreRows[]): Promise<{ path: string; orphan: string }> {
    const folder = temporaryFolder();
    const path = join(folder, "model.arrow");
    const partial = await PartialScores.create(path, key, batches);
    await partial.close();
    const orphan = join(folder, `.model.${hostname()}.4194305.arrows`);
    renameSync(partial.path, orphan);
    return { path, orphan };
  }

  it("gives back every batch of a stream that a process left", async () => {
    const { path, orphan } = await orphanOf([rows(4, 1), rows(0)]);
    expect(await findOrphans(path)).toEqual([{ path: orphan, key, batches: [rows(4, 1), rows(0)] }]);
  });

  it("drops the batch that a kill tore, wherever it tore", async () => {
    const { path, orphan } = await orphanOf([rows(4, 1), rows(0, 2, 3)]);
    const whole = readFileSync(orphan);
    const { orphan: shorter } = await orphanOf([rows(4, 1)]);
    const firstEnds = readFileSync(shorter).length;
    for (let size = firstEnds; size < whole.length; size++) {
      writeFileSync(orphan, whole.subarray(0, size));
      expect((await findOrphans(path))[0]?.batches).toEqual([rows(4, 1)]);
    }
  });

  it("leaves out a stream whose header is torn, and streams of other models and hosts", async () => {
    const { path, orphan } = await orphanOf([rows(0)]);
    truncateSync(orphan, 40);
    const folder = join(path, "..");
    writeFileSync(join(folder, `.model.other.${hostname()}.1.arrows`), "");
    writeFileSync(join(folder, ".model.another-host.1.arrows"), "");
    expect(await findOrphans(path)).toEqual([]);
  });
});

describe("findScoreFile", () => {
  it("is null for a file that is missing or damaged, so that the model is scored anew", async () => {
    const path = join(temporaryFolder(), "model.arrow");
    expect(await findScoreFile(path)).toBeNull();
    const partial = await PartialScores.create(path, key, [rows(0)]);
    await partial.finish(1);
    truncateSync(path, 100);
    expect(await findScoreFile(path)).toBeNull();
  });
});
