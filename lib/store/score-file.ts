/**
 * The scores of one model on disk: scores/<model>.arrow when complete; while it grows, an append-only Arrow IPC stream
 * scores/.<model>.<host>.<pid>.arrows, from which a later process takes every whole record batch.
 */
import { open, readdir, readFile, rename, rm, type FileHandle } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { RecordBatchReader, Table, tableToIPC } from "apache-arrow";
import { LlmapError, messageOf } from "../errors.js";
import type { ScoredTokens, ScoreRows } from "../scoring/score-rows.js";
import { readArrowFile } from "./arrow-file.js";
import { cannotWrite, writeFileAtomic } from "../files/atomic-write.js";
import { isSameKey, keyMetadata, keyOf, type ScoreKey } from "./score-key.js";
import {
  areWhole,
  scoredTokenStarts,
  scoreRows,
  scoreSchema,
  scoreTable,
  streamBatch,
  streamHeader,
  type ScoreColumns,
  type TokenColumns,
} from "./score-rows.js";
import { isAlive } from "../process-alive.js";
import { withTemporaryFile, writerId } from "../files/temporary-files.js";
import { hasTokenFile, writeTokenFile } from "./token-file.js";

/** What a file of scores holds. */
export interface StoredScores {
  key: ScoreKey;
  /** In text order. */
  rows: ScoreRows;
}

/** Reads a complete score file. Errors: ERR_NOT_FOUND, ERR_RUN_FOLDER. */
export async function readScoreFile(path: string): Promise<StoredScores> {
  const table = await readArrowFile<ScoreColumns>(path);
  const rows = scoreRows(table);
  if (!areWhole(rows) || rows.text.some((text, row) => text !== row)) {
    throw new LlmapError("ERR_RUN_FOLDER", `The rows of ${path} are damaged. Delete it and run again.`);
  }
  return { key: keyOf(table.schema.metadata, path), rows };
}

/** Like {@link readScoreFile}, but null where there is no file or it is damaged: its model is scored anew. */
export async function findScoreFile(path: string): Promise<StoredScores | null> {
  try {
    return await readScoreFile(path);
  } catch (error) {
    if (error instanceof LlmapError) return null;
    throw error;
  }
}

/** Rows of a model as they come, appended batch by batch. */
export class PartialScores {
  readonly #file: FileHandle;
  /** Null where the rows are read back from the stream at the end. */
  readonly #batches: ScoreRows[] | null;
  readonly #schema;

  private constructor(
    readonly path: string,
    private readonly complete: string,
    /** Where the scored tokens go; null where they are not kept. */
    private readonly tokenFile: string | null,
    readonly key: ScoreKey,
    file: FileHandle,
    keepRows: boolean,
  ) {
    this.#file = file;
    this.#batches = keepRows ? [] : null;
    this.#schema = scoreSchema(keyMetadata(key), tokenFile !== null);
  }

  /**
   * Starts a stream beside the complete file's place with the batches that an earlier process had finished. It appears whole: where an earlier
   * process had the id of this one, its rows are there until these are. Errors: ERR_RUN_FOLDER.
   * @param tokenFile where scored tokens are kept: then all rows must have them
   * @param keepRows in memory; false: they are read back from the stream when it is finished, and {@link done} is not known
   */
  static async create(complete: string, tokenFile: string | null, key: ScoreKey, batches: readonly ScoreRows[], keepRows = true): Promise<PartialScores> {
    const path = join(dirname(complete), `.${basename(complete, ".arrow")}.${writerId}.arrows`);
    try {
      return await withTemporaryFile(path, async (temporary) => {
        const file = await open(temporary, "w");
        try {
          const partial = new PartialScores(path, complete, tokenFile, key, file, keepRows);
          await file.writeFile(streamHeader(partial.#schema));
          await partial.#write(batches);
          await file.datasync();
          await rename(temporary, path);
          return partial;
        } catch (error) {
          await file.close();
          throw error;
        }
      });
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }

  /** Appends batches and syncs them to disk, once for all of them. Errors: ERR_RUN_FOLDER. */
  async append(...batches: ScoreRows[]): Promise<void> {
    try {
      await this.#write(batches);
      await this.#file.datasync();
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
  }

  async #write(batches: readonly ScoreRows[]): Promise<void> {
    if (batches.length === 0) return;
    await this.#file.appendFile(Buffer.concat(batches.map((rows) => streamBatch(this.#schema, this.#withColumns(rows)))));
    for (const rows of batches) this.#batches?.push(rows);
  }

  /** The rows with the columns of this stream: scored tokens that are not kept are left out. */
  #withColumns({ scoredTokens, ...rows }: ScoreRows): ScoreRows {
    if (this.tokenFile === null) return rows;
    if (scoredTokens === undefined) throw new Error("Rows without scored tokens for a stream that keeps them");
    return { ...rows, scoredTokens };
  }

  /** 1 for each of the set's texts whose row is here. */
  done(texts: number): Uint8Array {
    const done = new Uint8Array(texts);
    for (const batch of this.#batches ?? []) for (const text of batch.text) done[text] = 1;
    return done;
  }

  /** Writes the complete file (after the token file), in text order, and removes the stream. Errors: ERR_RUN_FOLDER where a text has not exactly one row. */
  async finish(texts: number): Promise<void> {
    const batches = this.#batches ?? (await readStream(this.path))?.batches ?? [];
    const rows = inTextOrder(batches, texts, this.key.model);
    if (this.tokenFile !== null) await writeTokenFile(this.tokenFile, this.key, rows, tokensInTextOrder(batches, rows));
    await writeFileAtomic(this.complete, tableToIPC(scoreTable(scoreSchema(keyMetadata(this.key)), rows), "file"));
    await this.close();
    await removeStream(this.path);
  }

  /** Closes the stream and removes it: its rows are not wanted any more. */
  async discard(): Promise<void> {
    await this.close();
    await removeStream(this.path);
  }

  /** Leaves the stream on disk for a later process. */
  async close(): Promise<void> {
    try {
      await this.#file.close();
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
  }
}

function inTextOrder(batches: readonly ScoreRows[], texts: number, model: string): ScoreRows {
  const rows: ScoreRows = {
    text: Int32Array.from({ length: texts }, (_, text) => text),
    tokens: new Int32Array(texts),
    logLikelihood: new Float64Array(texts),
    truncated: new Array<boolean>(texts).fill(false),
  };
  const seen = new Uint8Array(texts);
  for (const batch of batches) {
    batch.text.forEach((text, i) => {
      seen[text] = (seen[text] ?? 0) + 1;
      rows.tokens[text] = batch.tokens[i] ?? 0;
      rows.logLikelihood[text] = batch.logLikelihood[i] ?? NaN;
      rows.truncated[text] = batch.truncated[i] ?? false;
    });
  }
  const wrong = seen.findIndex((count) => count !== 1);
  if (wrong !== -1) {
    throw new LlmapError(
      "ERR_RUN_FOLDER",
      `The rows of ${model} are not whole: text ${wrong} has ${seen[wrong] ?? 0} rows, expected 1. Run llmap-native score again: it continues with the rows that are whole.`,
    );
  }
  return rows;
}

/** @param rows what {@link inTextOrder} made of the batches */
function tokensInTextOrder(batches: readonly ScoreRows[], rows: ScoreRows): ScoredTokens {
  const starts = scoredTokenStarts(rows.tokens);
  const total = starts.at(-1) ?? 0;
  const all: ScoredTokens = { ids: new Int32Array(total), logProbs: new Float32Array(total), bytes: new Int32Array(total), firstBytes: new Int32Array(rows.tokens.length).fill(-1) };
  for (const batch of batches) {
    const from = scoredTokenStarts(batch.tokens);
    batch.text.forEach((text, row) => {
      const [begin, end] = [from[row], from[row + 1]];
      all.ids.set(batch.scoredTokens?.ids.subarray(begin, end) ?? [], starts[text]);
      all.logProbs.set(batch.scoredTokens?.logProbs.subarray(begin, end) ?? [], starts[text]);
      all.bytes.set(batch.scoredTokens?.bytes.subarray(begin, end) ?? [], starts[text]);
      all.firstBytes[text] = batch.scoredTokens?.firstBytes[row] ?? -1;
    });
  }
  return all;
}

/** An unfinished stream of an earlier process of this host that is gone. */
export interface Orphan {
  path: string;
  key: ScoreKey;
  /** Whether its rows have scored tokens; known also where there are no rows. */
  withTokens: boolean;
  batches: ScoreRows[];
}

/**
 * Streams that dead processes of this host left for a model (the caller holds the model's lock), the one with the most rows first.
 * A torn last batch is dropped; a stream without a readable header is of no use and is removed. Errors: ERR_RUN_FOLDER.
 */
export async function findOrphans(complete: string): Promise<Orphan[]> {
  const folder = dirname(complete);
  const orphans: Orphan[] = [];
  for (const { path } of (await findStreams(folder)).filter(({ model }) => model === basename(complete, ".arrow"))) {
    const orphan = await readStream(path);
    if (orphan === null) await removeStream(path);
    else orphans.push(orphan);
  }
  return mostRowsFirst(orphans);
}

function mostRowsFirst(streams: Orphan[]): Orphan[] {
  const size = ({ batches }: Orphan): number => batches.reduce((sum, batch) => sum + batch.text.length, 0);
  return streams.sort((a, b) => size(b) - size(a));
}

/**
 * Streams of a model from any process of any host, dead or alive, for a process that holds no lock; the one with the most rows first. Nothing is changed.
 * The last batch of each is left out: the batch before it was synced before it was begun, but it may be half written, on a shared file system with zeros
 * in the place of what has not arrived. Errors: ERR_RUN_FOLDER.
 */
export async function findStreamsOfAll(complete: string, { name, sha256 }: { name: string; sha256: string }): Promise<Orphan[]> {
  const streams: Orphan[] = [];
  for (const path of await streamPaths(dirname(complete))) {
    if (!basename(path).startsWith(`.${basename(complete, ".arrow")}.`)) continue;
    const stream = await readStream(path);
    if (stream?.key.model === name && stream.key.modelSha256 === sha256) streams.push({ ...stream, batches: stream.batches.slice(0, -1) });
  }
  return mostRowsFirst(streams);
}

/** File names of the models for which processes of this host, dead ones or living ones, have streams in the folder `scores`. Errors: ERR_RUN_FOLDER. */
export async function modelsWithStreams(scores: string): Promise<Set<string>> {
  return new Set((await findStreams(scores)).map(({ model }) => model));
}

/**
 * Removes the streams in the folder `scores` whose rows a complete file holds: their process was killed between writing the one and removing the other.
 * @param tokenFileOf where the scored tokens of a model's rows go
 */
export async function removeFinishedStreams(scores: string, tokenFileOf: (fileName: string) => string): Promise<void> {
  for (const { path, model, pid } of await findStreams(scores)) {
    // A process of the same id as this one, as in containers, is gone.
    if (pid !== process.pid && isAlive(pid)) continue;
    const complete = await findScoreFile(join(scores, `${model}.arrow`));
    const stream = complete === null ? null : await readStream(path);
    if (complete === null || stream === null || !isSameKey(stream.key, complete.key)) continue;
    if (!stream.withTokens || (await hasTokenFile(tokenFileOf(model), complete.key))) await removeStream(path);
  }
}

/** The streams of this host's processes in a folder, with the file name of each one's model. */
async function findStreams(folder: string): Promise<{ path: string; model: string; pid: number }[]> {
  const end = `.${hostname()}`;
  return (await streamPaths(folder)).flatMap((path) => {
    const { before = "", pid = "" } = /^\.(?<before>.+)\.(?<pid>\d+)\.arrows$/.exec(basename(path))?.groups ?? {};
    return before.endsWith(end) ? [{ path, model: before.slice(0, -end.length), pid: Number(pid) }] : [];
  });
}

async function streamPaths(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.startsWith(".") && name.endsWith(".arrows")).map((name) => join(folder, name));
  } catch (error) {
    throw cannotRead(folder, error);
  }
}

/** Where it cannot be removed it does no harm: a later process reads it and tries again. */
async function removeStream(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}

/** The whole batches of a stream; null where it is gone or not even its header can be read. Errors: ERR_RUN_FOLDER. */
async function readStream(path: string): Promise<Orphan | null> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw cannotRead(path, error);
  }
  const batches: ScoreRows[] = [];
  let key: ScoreKey | null = null;
  let withTokens = false;
  try {
    const reader = RecordBatchReader.from<ScoreColumns & Partial<TokenColumns>>(bytes).open();
    key = keyOf(reader.schema.metadata, path);
    withTokens = reader.schema.names.includes("token_ids");
    const seen = new Set<number>();
    for (const batch of reader) {
      // A stream without batches is read as one without rows.
      if (batch.numRows === 0) continue;
      const rows = scoreRows(new Table([batch]));
      // Blocks that were never written, because the whole machine stopped, read as zeros.
      const before = seen.size;
      for (const text of rows.text) seen.add(text);
      if (seen.size !== before + rows.text.length || !areWhole(rows)) break;
      batches.push(rows);
    }
  } catch {
    // The tail that a kill tore: its batch is scored again.
  }
  return key === null ? null : { path, key, withTokens, batches };
}

function cannotRead(path: string, error: unknown): LlmapError {
  return new LlmapError("ERR_RUN_FOLDER", `Cannot read ${path}: ${messageOf(error)}. Mend that, or choose another folder with --out.`, { cause: error });
}
