/** tokens/<model>.arrow: the log-probability of every scored token, for the model and settings of scores/<model>.arrow. */
import { Field, Int32, makeData, RecordBatch, Schema, Struct, Table, tableToIPC, type Float32, type List } from "apache-arrow";
import { LlmapError } from "../errors.js";
import type { ScoredTokens, ScoreRows } from "../scoring/score-rows.js";
import { readArrowFile } from "./arrow-file.js";
import { writeFileAtomic } from "../files/atomic-write.js";
import { isSameKey, keyMetadata, keyOf, type ScoreKey } from "./score-key.js";
import { logProbsType, scoredTokenStarts, tokenIdsType, tokenListData } from "./score-rows.js";

type Columns = { text: Int32; token_ids: List<Int32>; log_probs: List<Float32> };

/** The scored tokens of one text: all of its sequence but the first. */
export interface TokenScores {
  /** Position in the text set. */
  text: number;
  /** Ids in the model's vocabulary. */
  tokenIds: Int32Array;
  /** Nats; their sum is the text's log-likelihood up to float32. */
  logProbs: Float32Array;
}

/** Writes the tokens of rows in text order. Errors: ERR_RUN_FOLDER. */
export async function writeTokenFile(path: string, key: ScoreKey, rows: ScoreRows, scoredTokens: ScoredTokens): Promise<void> {
  const fields: Field[] = [
    new Field("text", new Int32(), false),
    new Field("token_ids", tokenIdsType, false),
    new Field("log_probs", logProbsType, false),
  ];
  const schema = new Schema<Columns>(fields as Field<Columns[keyof Columns]>[], new Map(keyMetadata(key)));
  const children = [makeData({ type: new Int32(), data: rows.text }), ...tokenListData(scoredTokenStarts(rows.tokens), scoredTokens)];
  const struct = makeData({ type: new Struct<Columns>(schema.fields), length: rows.text.length, nullCount: 0, children });
  await writeFileAtomic(path, tableToIPC(new Table(schema, [new RecordBatch<Columns>(schema, struct)]), "file"));
}

/** Reads a token file, one entry per text in text order. Errors: ERR_NOT_FOUND, ERR_RUN_FOLDER. */
export async function readTokenFile(path: string): Promise<{ key: ScoreKey; texts: TokenScores[] }> {
  const table = await readArrowFile<Columns>(path);
  const [text, ids, logProbs] = [table.getChild("text"), table.getChild("token_ids"), table.getChild("log_probs")];
  const texts = Array.from({ length: table.numRows }, (_, row): TokenScores => ({
    text: text?.get(row) ?? row,
    tokenIds: Int32Array.from(ids?.get(row) ?? []),
    logProbs: Float32Array.from(logProbs?.get(row) ?? []),
  }));
  return { key: keyOf(table.schema.metadata, path), texts };
}

/** Whether a token file is there for these rows. */
export async function hasTokenFile(path: string, key: ScoreKey): Promise<boolean> {
  try {
    const { schema } = await readArrowFile<Columns>(path);
    return isSameKey(keyOf(schema.metadata, path), key);
  } catch (error) {
    if (error instanceof LlmapError) return false;
    throw error;
  }
}
