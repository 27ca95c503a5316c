/** Score rows as Arrow: the schema of scores/<model>.arrow, and the bytes of a stream of such rows while they come. */
import {
  Bool,
  Field,
  Float32,
  Float64,
  Int32,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
  vectorFromArray,
  type Data,
  type Vector,
} from "apache-arrow";
import type { ScoredTokens, ScoreRows } from "../scoring/score-rows.js";

export type ScoreColumns = { text: Int32; tokens: Int32; log_likelihood: Float64; truncated: Bool };
/** Only in streams, and only where the log-probabilities of tokens are kept. */
export type TokenColumns = { token_ids: List<Int32>; log_probs: List<Float32>; token_bytes: List<Int32>; first_byte: Int32 };

const integersType = new List(new Field("item", new Int32(), false));
const logProbsType = new List(new Field("item", new Float32(), false));

/** The columns of scored tokens, in the order of {@link tokenData}. */
export const tokenFields = (): Field[] => [
  new Field("token_ids", integersType, false),
  new Field("log_probs", logProbsType, false),
  new Field("token_bytes", integersType, false),
  // Null where it is not known which bytes of the text the tokens stand for.
  new Field("first_byte", new Int32(), true),
];

/** Schema of the score tables. @param metadata what the rows are keyed by (score-key.ts) */
export function scoreSchema(metadata: Iterable<[string, string]> = [], withTokens = false): Schema<ScoreColumns> {
  const fields: Field[] = [
    new Field("text", new Int32(), false),
    new Field("tokens", new Int32(), false),
    new Field("log_likelihood", new Float64(), false),
    new Field("truncated", new Bool(), false),
  ];
  if (withTokens) fields.push(...tokenFields());
  return new Schema(fields as Field<ScoreColumns[keyof ScoreColumns]>[], new Map(metadata));
}

/** Where each row's scored tokens begin among all, and the end of the last: rows + 1 entries. */
export function scoredTokenStarts(tokens: Int32Array): Int32Array {
  const starts = new Int32Array(tokens.length + 1);
  tokens.forEach((count, row) => (starts[row + 1] = (starts[row] ?? 0) + Math.max(0, count - 1)));
  return starts;
}

/** The columns of scored tokens. @param starts as {@link scoredTokenStarts} gives them */
export function tokenData(starts: Int32Array, { ids, logProbs, bytes, firstBytes }: ScoredTokens): Data[] {
  const shape = { length: starts.length - 1, nullCount: 0 };
  // A copy of the offsets for each: apache-arrow 21 writes one and the same buffer only once where it comes twice in a row.
  const integers = (data: Int32Array): Data => makeData({ ...shape, type: integersType, valueOffsets: starts.slice(), child: makeData({ type: new Int32(), data }) });
  const first = vectorFromArray(Array.from(firstBytes, (byte) => (byte < 0 ? null : byte)), new Int32()).data[0];
  return [
    integers(ids),
    makeData({ ...shape, type: logProbsType, valueOffsets: starts.slice(), child: makeData({ type: new Float32(), data: logProbs }) }),
    integers(bytes),
    first ?? makeData({ type: new Int32(), data: new Int32Array() }),
  ];
}

/** One record batch of rows. */
export function scoreTable(schema: Schema<ScoreColumns>, rows: ScoreRows): Table<ScoreColumns> {
  const truncated = vectorFromArray(rows.truncated, new Bool()).data[0];
  const children: Data[] = [
    makeData({ type: new Int32(), data: rows.text }),
    makeData({ type: new Int32(), data: rows.tokens }),
    makeData({ type: new Float64(), data: rows.logLikelihood }),
    truncated ?? makeData({ type: new Bool(), data: new Uint8Array() }),
  ];
  if (rows.scoredTokens !== undefined) children.push(...tokenData(scoredTokenStarts(rows.tokens), rows.scoredTokens));
  const struct = makeData({ type: new Struct<ScoreColumns>(schema.fields), length: rows.text.length, nullCount: 0, children });
  return new Table(schema, [new RecordBatch<ScoreColumns>(schema, struct)]);
}

/** Rows of a table, copied out of it. */
export function scoreRows(table: Table<ScoreColumns & Partial<TokenColumns>>): ScoreRows {
  const rows: ScoreRows = {
    text: Int32Array.from(table.getChild("text") ?? []),
    tokens: Int32Array.from(table.getChild("tokens") ?? []),
    logLikelihood: Float64Array.from(table.getChild("log_likelihood") ?? []),
    truncated: Array.from(table.getChild("truncated") ?? [], Boolean),
  };
  const [ids, logProbs] = [table.getChild("token_ids"), table.getChild("log_probs")];
  if (ids === null || logProbs === null) return rows;
  const known = { ids: Int32Array.from(listValues(ids)), logProbs: Float32Array.from(listValues(logProbs)) };
  const [bytes, first] = [table.getChild("token_bytes"), table.getChild("first_byte")];
  // Streams of earlier versions do not say where the tokens lie.
  if (bytes === null || first === null) return { ...rows, scoredTokens: { ...known, bytes: new Int32Array(known.ids.length), firstBytes: new Int32Array(rows.text.length).fill(-1) } };
  return { ...rows, scoredTokens: { ...known, bytes: Int32Array.from(listValues(bytes)), firstBytes: Int32Array.from(first as Iterable<number | null>, (byte) => byte ?? -1) } };
}

/** Whether every row has all its values, and a log-likelihood that is a number: false only for what was damaged on disk. */
export function areWhole({ text, tokens, logLikelihood, truncated, scoredTokens }: ScoreRows): boolean {
  const scored = scoredTokenStarts(tokens).at(-1);
  return (
    [tokens, logLikelihood, truncated].every((column) => column.length === text.length) &&
    logLikelihood.every(Number.isFinite) &&
    (scoredTokens === undefined ||
      (scoredTokens.firstBytes.length === text.length && [scoredTokens.ids, scoredTokens.logProbs, scoredTokens.bytes].every((column) => column.length === scored)))
  );
}

/** The values of all lists of a column, one after the other. */
function listValues(column: Vector): number[] {
  return column.data.flatMap(({ valueOffsets, length, children }) => {
    const starts = valueOffsets as Int32Array;
    const values = children[0]?.values as Int32Array | Float32Array | undefined;
    return Array.from(values?.subarray(starts[0], starts[length]) ?? []);
  });
}

const streamEnd = 8;

/** The bytes that start a stream of score rows. */
export function streamHeader(schema: Schema<ScoreColumns>): Uint8Array {
  const empty = tableToIPC(new Table(schema), "stream");
  return empty.subarray(0, empty.length - streamEnd);
}

/** Of a schema: a stream has thousands of batches. */
const headerLengths = new WeakMap<Schema<ScoreColumns>, number>();

/** The bytes of rows inside a stream that began with {@link streamHeader} of the same schema. */
export function streamBatch(schema: Schema<ScoreColumns>, rows: ScoreRows): Uint8Array {
  const header = headerLengths.get(schema) ?? streamHeader(schema).length;
  headerLengths.set(schema, header);
  const whole = tableToIPC(scoreTable(schema, rows), "stream");
  return whole.subarray(header, whole.length - streamEnd);
}
