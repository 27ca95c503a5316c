/**
 * The scores of one model on disk: scores/<model>.arrow when complete; while it grows, an append-only Arrow IPC stream
 * scores/.<model>.<host>.<pid>.arrows, from which a later process takes every whole record batch.
 */
import { open, readdir, readFile, rm, type FileHandle } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { RecordBatchReader, Table, tableToIPC } from "apache-arrow";
import { LlmapError } from "../errors.js";
import type { ScoredTokens, ScoreRows } from "../scoring/score-rows.js";
import { readArrowFile } from "./arrow-file.js";
import { cannotWrite, writeFileAtomic, writerId } from "./atomic-write.js";
import { keyMetadata, keyOf, type ScoreKey } from "./score-key.js";
import {
  scoredTokenStarts,
  scoreRows,
  scoreSchema,
  scoreTable,
  streamBatch,
  streamHeader,
  type ScoreColumns,
  type TokenColumns,
} from "./score-rows.js";
import { writeTokenFile } from "./token-file.js";

export interface StoredScores {
  key: ScoreKey;
  /** In text order. */
  rows: ScoreRows;
}

/** Reads a complete score file. Errors: ERR_NOT_FOUND, ERR_RUN_FOLDER. */
export async function readScoreFile(path: string): Promise<StoredScores> {
  const table = await readArrowFile<ScoreColumns>(path);
  return { key: keyOf(table.schema.metadata, path), rows: scoreRows(table) };
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
  readonly #batches: ScoreRows[] = [];
  readonly #schema;

  private constructor(
    readonly path: string,
    private readonly complete: string,
    /** Where the scored tokens go; null where they are not kept. */
    private readonly tokenFile: string | null,
    readonly key: ScoreKey,
    file: FileHandle,
  ) {
    this.#file = file;
    this.#schema = scoreSchema(keyMetadata(key), tokenFile !== null);
  }

  /**
   * Starts a stream beside the complete file's place with the batches that an earlier process had finished.
   * @param tokenFile where scored tokens are kept: then all rows must have them
   */
  static async create(complete: string, tokenFile: string | null, key: ScoreKey, batches: readonly ScoreRows[]): Promise<PartialScores> {
    const path = join(dirname(complete), `.${basename(complete, ".arrow")}.${writerId}.arrows`);
    let file: FileHandle;
    try {
      file = await open(path, "w");
    } catch (error) {
      throw cannotWrite(path, error);
    }
    const partial = new PartialScores(path, complete, tokenFile, key, file);
    try {
      await file.writeFile(streamHeader(partial.#schema));
      for (const batch of batches) await partial.append(batch);
      return partial;
    } catch (error) {
      await file.close();
      throw error instanceof LlmapError ? error : cannotWrite(path, error);
    }
  }

  /** Appends one batch and syncs it to disk. Errors: ERR_RUN_FOLDER. */
  async append(rows: ScoreRows): Promise<void> {
    try {
      await this.#file.appendFile(streamBatch(this.#schema, this.#withColumns(rows)));
      await this.#file.datasync();
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
    this.#batches.push(rows);
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
    for (const batch of this.#batches) for (const text of batch.text) done[text] = 1;
    return done;
  }

  /** Writes the complete file (after the token file), in text order, and removes the stream. Errors: ERR_RUN_FOLDER where a text has not exactly one row. */
  async finish(texts: number): Promise<void> {
    const rows = inTextOrder(this.#batches, texts, this.key.model);
    if (this.tokenFile !== null) await writeTokenFile(this.tokenFile, this.key, rows, tokensInTextOrder(this.#batches, rows));
    await writeFileAtomic(this.complete, tableToIPC(scoreTable(scoreSchema(keyMetadata(this.key)), rows), "file"));
    await this.close();
    await rm(this.path, { force: true });
  }

  /** Leaves the stream on disk for a later process. */
  async close(): Promise<void> {
    await this.#file.close();
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
  if (wrong !== -1 || seen.length !== texts) {
    throw new LlmapError(
      "ERR_RUN_FOLDER",
      `The rows of ${model} are not whole: text ${wrong} has ${seen[wrong] ?? 0} rows, expected 1. Run again to score it anew.`,
    );
  }
  return rows;
}

/** @param rows what {@link inTextOrder} made of the batches */
function tokensInTextOrder(batches: readonly ScoreRows[], rows: ScoreRows): ScoredTokens {
  const starts = scoredTokenStarts(rows.tokens);
  const total = starts.at(-1) ?? 0;
  const all: ScoredTokens = { ids: new Int32Array(total), logProbs: new Float32Array(total) };
  for (const batch of batches) {
    const from = scoredTokenStarts(batch.tokens);
    batch.text.forEach((text, row) => {
      const [begin, end] = [from[row], from[row + 1]];
      all.ids.set(batch.scoredTokens?.ids.subarray(begin, end) ?? [], starts[text]);
      all.logProbs.set(batch.scoredTokens?.logProbs.subarray(begin, end) ?? [], starts[text]);
    });
  }
  return all;
}

/** An unfinished stream of an earlier process of this host that is gone. */
export interface Orphan {
  path: string;
  key: ScoreKey;
  batches: ScoreRows[];
}

/**
 * Streams that dead processes of this host left for a model (the caller holds the model's lock), the one with the most rows first.
 * A torn last batch is dropped; a stream without a readable header is of no use and is left out.
 */
export async function findOrphans(complete: string): Promise<Orphan[]> {
  const prefix = `.${basename(complete, ".arrow")}.${hostname()}.`;
  const names = (await readdir(dirname(complete))).filter(
    (name) => name.startsWith(prefix) && /^\d+\.arrows$/.test(name.slice(prefix.length)),
  );
  const orphans: Orphan[] = [];
  for (const name of names) {
    const path = join(dirname(complete), name);
    const orphan = readStream(path, await readFile(path));
    if (orphan !== null) orphans.push(orphan);
  }
  const size = (orphan: Orphan): number => orphan.batches.reduce((sum, batch) => sum + batch.text.length, 0);
  return orphans.sort((a, b) => size(b) - size(a));
}

function readStream(path: string, bytes: Uint8Array): Orphan | null {
  const batches: ScoreRows[] = [];
  let key: ScoreKey | null = null;
  try {
    const reader = RecordBatchReader.from<ScoreColumns & Partial<TokenColumns>>(bytes).open();
    key = keyOf(reader.schema.metadata, path);
    // A stream without batches is read as one without rows.
    for (const batch of reader) if (batch.numRows > 0) batches.push(scoreRows(new Table([batch])));
  } catch {
    // The tail that a kill tore: its batch is scored again.
  }
  return key === null ? null : { path, key, batches };
}
