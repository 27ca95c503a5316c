/** tokens/<model>.arrow: the log-probability of every scored token, for the model and settings of scores/<model>.arrow. */
import { Field, Int32, makeData, RecordBatch, Schema, Struct, Table, tableToIPC } from "apache-arrow";
import { LlmapError } from "../errors.js";
import type { ScoredTokens, ScoreRows } from "../scoring/score-rows.js";
import { readArrowFile } from "./arrow-file.js";
import { writeFileAtomic } from "../files/atomic-write.js";
import { isSameKey, keyMetadata, keyOf, type ScoreKey } from "./score-key.js";
import { scoredTokenStarts, tokenData, tokenFields, type TokenColumns } from "./score-rows.js";

type Columns = { text: Int32 } & TokenColumns;

/** The scored tokens of one text: all of its sequence but the first. */
export interface TokenScores {
  /** Position in the text set. */
  text: number;
  /** Ids in the model's vocabulary. */
  tokenIds: Int32Array;
  /** Nats; their sum is the text's log-likelihood up to float32. */
  logProbs: Float32Array;
  /** Bytes of the text before the first of them, and of each of them; null where it is not known which bytes they stand for. */
  places: { first: number; bytes: Int32Array } | null;
}

/** Writes the tokens of rows in text order. Errors: ERR_RUN_FOLDER. */
export async function writeTokenFile(path: string, key: ScoreKey, rows: ScoreRows, scoredTokens: ScoredTokens): Promise<void> {
  const fields: Field[] = [new Field("text", new Int32(), false), ...tokenFields()];
  const schema = new Schema<Columns>(fields as Field<Columns[keyof Columns]>[], new Map(keyMetadata(key)));
  const children = [makeData({ type: new Int32(), data: rows.text }), ...tokenData(scoredTokenStarts(rows.tokens), scoredTokens)];
  const struct = makeData({ type: new Struct<Columns>(schema.fields), length: rows.text.length, nullCount: 0, children });
  await writeFileAtomic(path, tableToIPC(new Table(schema, [new RecordBatch<Columns>(schema, struct)]), "file"));
}

/** A token file of which single texts are read: all of them take long. */
export interface TokenFile {
  key: ScoreKey;
  /** Number of texts. */
  count: number;
  /** Null where there is no such text. */
  of: (text: number) => TokenScores | null;
}

/** Files of earlier versions do not say where the tokens lie. Errors: ERR_NOT_FOUND, ERR_RUN_FOLDER. */
export async function openTokenFile(path: string): Promise<TokenFile> {
  const table = await readArrowFile<Columns>(path);
  const [text, ids, logProbs] = [table.getChild("text"), table.getChild("token_ids"), table.getChild("log_probs")];
  const [bytes, firstByte] = [table.getChild("token_bytes"), table.getChild("first_byte")];
  // Rows are in text order, one for each text.
  const of = (row: number): TokenScores | null => {
    if (text?.get(row) !== row) return null;
    const first = firstByte?.get(row) ?? null;
    return {
      text: row,
      tokenIds: ids?.get(row)?.toArray().slice() ?? new Int32Array(),
      logProbs: logProbs?.get(row)?.toArray().slice() ?? new Float32Array(),
      places: first === null ? null : { first, bytes: bytes?.get(row)?.toArray().slice() ?? new Int32Array() },
    };
  };
  return { key: keyOf(table.schema.metadata, path), count: table.numRows, of };
}

/** All texts of a token file, in text order. Errors: ERR_NOT_FOUND, ERR_RUN_FOLDER. */
export async function readTokenFile(path: string): Promise<{ key: ScoreKey; texts: TokenScores[] }> {
  const { key, count, of } = await openTokenFile(path);
  return { key, texts: Array.from({ length: count }, (_, text) => of(text)).filter((found) => found !== null) };
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
