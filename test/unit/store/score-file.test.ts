import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { tableFromIPC, tableToIPC } from "apache-arrow";
import { describe, expect, it } from "vitest";
import type { ScoreRows } from "../../../lib/scoring/score-rows.js";
import { findOrphans, findScoreFile, findStreamsOfAll, PartialScores, readScoreFile, removeFinishedStreams } from "../../../lib/store/score-file.js";
import { keyMetadata, type ScoreKey } from "../../../lib/store/score-key.js";
import { areWhole, scoreSchema, scoreTable } from "../../../lib/store/score-rows.js";
import { hasTokenFile, readTokenFile } from "../../../lib/store/token-file.js";
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
  fallback: "smaller batch",
  warnings: ["Ünïcode, and\na new line"],
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
    const partial = await PartialScores.create(path, null, key, []);
    await partial.append(rows(3, 0));
    await partial.append(rows(2, 1));
    await partial.finish(4);
    expect(readdirSync(folder)).toEqual(["model.arrow"]);
    expect(await readScoreFile(path)).toEqual({ key, rows: rows(0, 1, 2, 3) });
  });

  it("refuses to finish with a text missing or doubled, and keeps the stream", async () => {
    const path = join(temporaryFolder(), "model.arrow");
    const partial = await PartialScores.create(path, null, key, [rows(0, 1)]);
    await expect(partial.finish(3)).rejects.toMatchObject({ code: "ERR_RUN_FOLDER" });
    await partial.append(rows(1, 2));
    await expect(partial.finish(3)).rejects.toThrow("text 1 has 2 rows");
    expect(existsSync(path)).toBe(false);
    expect(existsSync(partial.path)).toBe(true);
    await partial.close();
  });

  it("takes the place of a stream of its own name only when it holds the earlier rows", async () => {
    const path = join(temporaryFolder(), "model.arrow");
    const earlier = await PartialScores.create(path, null, key, [rows(0, 1)]);
    await earlier.close();
    const before = readFileSync(earlier.path);
    const next = await PartialScores.create(path, null, key, [rows(0, 1)]);
    expect(next.path).toBe(earlier.path);
    expect(readFileSync(next.path)).toEqual(before);
    await next.append(rows(2));
    await next.close();
    expect((await findOrphans(path))[0]?.batches).toEqual([rows(0, 1), rows(2)]);
  });
});

describe("scored tokens", () => {
  const withTokens = (...texts: number[]): ScoreRows => {
    const plain = rows(...texts);
    const ids = texts.flatMap((text) => Array.from({ length: text + 1 }, (_, i) => 100 * text + i));
    return { ...plain, scoredTokens: { ids: Int32Array.from(ids), logProbs: Float32Array.from(ids, (id) => -id / 8), bytes: Int32Array.from(ids, (id) => id % 7), firstBytes: Int32Array.from(texts, (text) => text - 1) } };
  };

  it("go into a file of their own, in text order, and the score file is as without them", async () => {
    const folder = temporaryFolder();
    const [path, tokenFile] = [join(folder, "model.arrow"), join(folder, "tokens.arrow")];
    expect(await hasTokenFile(tokenFile, key)).toBe(false);
    const partial = await PartialScores.create(path, tokenFile, key, [withTokens(3, 0)]);
    await partial.append(withTokens(2, 1));
    await partial.finish(4);
    expect(await readScoreFile(path)).toEqual({ key, rows: rows(0, 1, 2, 3) });
    const tokens = await readTokenFile(tokenFile);
    expect(tokens.key).toEqual(key);
    expect(tokens.texts.map(({ tokenIds }) => Array.from(tokenIds))).toEqual([[0], [100, 101], [200, 201, 202], [300, 301, 302, 303]]);
    expect(tokens.texts.map(({ text, logProbs }) => [text, logProbs[0]])).toEqual([0, 1, 2, 3].map((text) => [text, -12.5 * text]));
    // Where tokens lie in their text; of text 0 that is not known.
    expect(tokens.texts.map(({ places }) => places && [places.first, ...places.bytes])).toEqual([null, [0, 2, 3], [1, 4, 5, 6], [2, 6, 0, 1, 2]]);
    expect(await hasTokenFile(tokenFile, key)).toBe(true);
    expect(await hasTokenFile(tokenFile, { ...key, modelSha256: "ef".repeat(32) })).toBe(false);
  });

  it("of an earlier version, which did not say where they lie, are read", async () => {
    const folder = temporaryFolder();
    const tokenFile = join(folder, "tokens.arrow");
    const partial = await PartialScores.create(join(folder, "model.arrow"), tokenFile, key, [withTokens(0, 1)]);
    await partial.finish(2);
    const now = tableFromIPC(readFileSync(tokenFile));
    writeFileSync(tokenFile, tableToIPC(now.select(["text", "token_ids", "log_probs"]), "file"));
    expect(await hasTokenFile(tokenFile, key)).toBe(true);
    const { texts } = await readTokenFile(tokenFile);
    expect(texts.map(({ tokenIds, places }) => [Array.from(tokenIds), places])).toEqual([[[0], null], [[100, 101], null]]);
  });

  it("come back from the stream that a process left, also of texts without any", async () => {
    const folder = temporaryFolder();
    const nothing: ScoreRows = { ...rows(0), tokens: Int32Array.of(1), scoredTokens: { ids: new Int32Array(), logProbs: new Float32Array(), bytes: new Int32Array(), firstBytes: Int32Array.of(-1) } };
    const partial = await PartialScores.create(join(folder, "model.arrow"), join(folder, "tokens.arrow"), key, [nothing, withTokens(4, 1)]);
    await partial.close();
    renameSync(partial.path, join(folder, `.model.${hostname()}.4194305.arrows`));
    expect((await findOrphans(join(folder, "model.arrow")))[0]?.batches).toEqual([nothing, withTokens(4, 1)]);
  });

  it("are left out of a stream that does not keep them", async () => {
    const path = join(temporaryFolder(), "model.arrow");
    const partial = await PartialScores.create(path, null, key, [withTokens(1, 0)]);
    await partial.finish(2);
    expect(await readScoreFile(path)).toEqual({ key, rows: rows(0, 1) });
  });
});

describe("findOrphans", () => {
  async function orphanOf(batches: ScoreRows[]): Promise<{ path: string; orphan: string }> {
    const folder = temporaryFolder();
    const path = join(folder, "model.arrow");
    const partial = await PartialScores.create(path, null, key, batches);
    await partial.close();
    const orphan = join(folder, `.model.${hostname()}.4194305.arrows`);
    renameSync(partial.path, orphan);
    return { path, orphan };
  }

  it("gives back every batch of a stream that a process left", async () => {
    const { path, orphan } = await orphanOf([rows(4, 1), rows(0)]);
    expect(await findOrphans(path)).toEqual([{ path: orphan, key, withTokens: false, batches: [rows(4, 1), rows(0)] }]);
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

  it("drops a batch whose blocks were never written: zeros for rows", async () => {
    const { path, orphan } = await orphanOf([rows(4, 1), rows(2, 3)]);
    const whole = readFileSync(orphan);
    const { orphan: shorter } = await orphanOf([rows(4, 1)]);
    const firstEnds = readFileSync(shorter).length;
    // From here on the rows of the second batch, behind its description.
    const rowsBegin = whole.indexOf(Buffer.from(rows(2, 3).text.buffer), firstEnds);
    expect(rowsBegin).toBeGreaterThan(firstEnds);
    for (const from of [firstEnds, rowsBegin]) {
      writeFileSync(orphan, Buffer.concat([whole.subarray(0, from), Buffer.alloc(whole.length - from)]));
      expect((await findOrphans(path))[0]?.batches).toEqual([rows(4, 1)]);
    }
  });

  it("removes a stream whose header is torn; leaves out streams of other models and hosts", async () => {
    const { path, orphan } = await orphanOf([rows(0)]);
    truncateSync(orphan, 40);
    const folder = join(path, "..");
    const others = [`.model.other.${hostname()}.1.arrows`, ".model.another-host.1.arrows"];
    for (const name of others) writeFileSync(join(folder, name), "");
    expect(await findOrphans(path)).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(others.sort());
  });

  it("is an ERR_RUN_FOLDER where a stream cannot be read", async () => {
    const path = join(temporaryFolder(), "model.arrow");
    mkdirSync(join(path, "..", `.model.${hostname()}.4194305.arrows`));
    await expect(findOrphans(path)).rejects.toMatchObject({ code: "ERR_RUN_FOLDER", message: expect.stringMatching(/4194305\.arrows.*--out/) as string });
  });
});

describe("removeFinishedStreams", () => {
  /** Writes a stream of a dead process; returns its name. */
  async function leaveStream(folder: string, model: string, of: ScoreKey, pid: number, tokenFile: string | null = null): Promise<string> {
    const scoredTokens = { ids: Int32Array.of(7), logProbs: Float32Array.of(-1), bytes: Int32Array.of(2), firstBytes: Int32Array.of(0) };
    const partial = await PartialScores.create(join(folder, `${model}.arrow`), tokenFile, of, [{ ...rows(0), scoredTokens }]);
    await partial.close();
    const name = `.${model}.${hostname()}.${pid}.arrows`;
    renameSync(partial.path, join(folder, name));
    return name;
  }

  it("removes the stream of a complete file, keeps one of other rows and one without a complete file", async () => {
    const folder = temporaryFolder();
    await (await PartialScores.create(join(folder, "model.arrow"), null, key, [rows(0)])).finish(1);
    await leaveStream(folder, "model", { ...key, model: "its name at the time" }, 4194305);
    const otherFile = await leaveStream(folder, "model", { ...key, modelSha256: "ef".repeat(32) }, 4194306);
    const unfinished = await leaveStream(folder, "another", key, 4194305);
    await removeFinishedStreams(folder, (model) => join(folder, `tokens-${model}`));
    expect(readdirSync(folder).sort()).toEqual([otherFile, unfinished, "model.arrow"].sort());
  });

  it("keeps the stream of a living process", async () => {
    const folder = temporaryFolder();
    await (await PartialScores.create(join(folder, "model.arrow"), null, key, [rows(0)])).finish(1);
    const living = await leaveStream(folder, "model", key, process.ppid);
    await removeFinishedStreams(folder, () => join(folder, "tokens.arrow"));
    expect(readdirSync(folder).sort()).toEqual([living, "model.arrow"].sort());
  });

  it("keeps a stream that is to hold scored tokens and has no rows yet", async () => {
    const folder = temporaryFolder();
    await (await PartialScores.create(join(folder, "model.arrow"), null, key, [rows(0)])).finish(1);
    const partial = await PartialScores.create(join(folder, "model.arrow"), join(folder, "tokens.arrow"), key, []);
    await partial.close();
    const stream = `.model.${hostname()}.4194305.arrows`;
    renameSync(partial.path, join(folder, stream));
    await removeFinishedStreams(folder, () => join(folder, "tokens.arrow"));
    expect(readdirSync(folder).sort()).toEqual([stream, "model.arrow"].sort());
  });

  it("keeps a stream with scored tokens as long as only the score file is there, which was made without them", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "model.arrow");
    const tokenFile = join(folder, "tokens.arrow");
    await (await PartialScores.create(path, null, key, [rows(0)])).finish(1);
    const stream = await leaveStream(folder, "model", key, 4194305, tokenFile);
    await removeFinishedStreams(folder, () => tokenFile);
    expect(readdirSync(folder).sort()).toEqual([stream, "model.arrow"].sort());
    await (await PartialScores.create(path, tokenFile, key, (await findOrphans(path))[0]?.batches ?? [])).finish(1);
    await removeFinishedStreams(folder, () => tokenFile);
    expect(readdirSync(folder).sort()).toEqual(["model.arrow", "tokens.arrow"]);
  });
});

describe("findScoreFile", () => {
  it("is null for a file that is missing or damaged, so that the model is scored anew", async () => {
    const path = join(temporaryFolder(), "model.arrow");
    expect(await findScoreFile(path)).toBeNull();
    const partial = await PartialScores.create(path, null, key, [rows(0)]);
    await partial.finish(1);
    truncateSync(path, 100);
    expect(await findScoreFile(path)).toBeNull();
  });

  it("is null for rows that are not those of a complete file", async () => {
    const path = join(temporaryFolder(), "model.arrow");
    const write = (damaged: ScoreRows): void => writeFileSync(path, tableToIPC(scoreTable(scoreSchema(keyMetadata(key)), damaged), "file"));
    write(rows(0, 1));
    expect((await findScoreFile(path))?.rows).toEqual(rows(0, 1));
    for (const damaged of [rows(1, 0), rows(0, 2), { ...rows(0, 1), logLikelihood: Float64Array.of(-1, NaN) }]) {
      write(damaged);
      expect(await findScoreFile(path)).toBeNull();
    }
    // What a damaged file may hold, and apache-arrow does not write.
    expect(areWhole({ ...rows(0, 1), tokens: Int32Array.of(2) })).toBe(false);
  });
});

describe("findStreamsOfAll", () => {
  const model = { name: key.model, sha256: key.modelSha256 };
  const hostOf = (path: string, name: string): void => renameSync(path, path.replace(`.${hostname()}.`, `.${name}.`));

  it("reads streams of any host, alive or not, without the last batch, the longest first, and changes nothing", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "model.v2.arrow");
    const here = await PartialScores.create(path, null, key, [rows(0, 1), rows(2, 3)]);
    hostOf(here.path, "one.cluster");
    const more = await PartialScores.create(path, null, key, [rows(0, 1), rows(2, 3), rows(4)]);
    const before = readdirSync(folder);
    const streams = await findStreamsOfAll(path, model);
    expect(streams.map(({ batches }) => batches)).toEqual([[rows(0, 1), rows(2, 3)], [rows(0, 1)]]);
    expect(readdirSync(folder)).toEqual(before);
    for (const stream of [here, more]) await stream.close();
  });

  it("drops a torn last batch and the one before it, and leaves out other models, other content and what has no header", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "model.arrow");
    const torn = await PartialScores.create(path, null, key, [rows(0), rows(1), rows(2)]);
    truncateSync(torn.path, readFileSync(torn.path).length - 40);
    hostOf(torn.path, "a");
    // A longer name that begins with this one, and a file that has changed since.
    const other = await PartialScores.create(join(folder, "model.q4.arrow"), null, { ...key, model: "other" }, [rows(0), rows(1)]);
    const changed = await PartialScores.create(path, null, { ...key, modelSha256: "00".repeat(32) }, [rows(0), rows(1)]);
    writeFileSync(join(folder, ".model.b.1.arrows"), "");
    expect((await findStreamsOfAll(path, model)).map(({ batches }) => batches)).toEqual([[rows(0)]]);
    expect(existsSync(join(folder, ".model.b.1.arrows"))).toBe(true);
    for (const stream of [torn, other, changed]) await stream.close();
  });
});
