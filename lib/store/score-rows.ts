/** Score rows as Arrow: the schema of scores/<model>.arrow, and the bytes of a stream of such rows. */
import {
  Bool,
  Field,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
  vectorFromArray,
} from "apache-arrow";
import type { ScoreRows } from "../scoring/score-rows.js";

export type ScoreColumns = { text: Int32; tokens: Int32; log_likelihood: Float64; truncated: Bool };

/** Schema of the score tables. @param metadata what the rows are keyed by (score-file.ts) */
export function scoreSchema(metadata: Iterable<[string, string]> = []): Schema<ScoreColumns> {
  return new Schema<ScoreColumns>(
    [
      new Field("text", new Int32(), false),
      new Field("tokens", new Int32(), false),
      new Field("log_likelihood", new Float64(), false),
      new Field("truncated", new Bool(), false),
    ],
    new Map(metadata),
  );
}

/** One record batch of rows. */
export function scoreTable(schema: Schema<ScoreColumns>, rows: ScoreRows): Table<ScoreColumns> {
  const truncated = vectorFromArray(rows.truncated, new Bool()).data[0];
  const children = [
    makeData({ type: new Int32(), data: rows.text }),
    makeData({ type: new Int32(), data: rows.tokens }),
    makeData({ type: new Float64(), data: rows.logLikelihood }),
    truncated ?? makeData({ type: new Bool(), data: new Uint8Array() }),
  ];
  const struct = makeData({ type: new Struct<ScoreColumns>(schema.fields), length: rows.text.length, nullCount: 0, children });
  return new Table(schema, [new RecordBatch<ScoreColumns>(schema, struct)]);
}

/** Rows of a table, copied out of it. */
export function scoreRows(table: Table<ScoreColumns>): ScoreRows {
  return {
    text: Int32Array.from(table.getChild("text") ?? []),
    tokens: Int32Array.from(table.getChild("tokens") ?? []),
    logLikelihood: Float64Array.from(table.getChild("log_likelihood") ?? []),
    truncated: Array.from(table.getChild("truncated") ?? [], Boolean),
  };
}

const streamEnd = 8;

/** The bytes that start a stream of score rows. */
export function streamHeader(schema: Schema<ScoreColumns>): Uint8Array {
  const empty = tableToIPC(new Table(schema), "stream");
  return empty.subarray(0, empty.length - streamEnd);
}

/** The bytes of rows inside a stream that began with {@link streamHeader} of the same schema. */
export function streamBatch(schema: Schema<ScoreColumns>, rows: ScoreRows): Uint8Array {
  const whole = tableToIPC(scoreTable(schema, rows), "stream");
  return whole.subarray(streamHeader(schema).length, whole.length - streamEnd);
}
