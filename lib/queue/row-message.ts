/** The rows of one batch as bytes: an Arrow IPC stream of the columns of the run folder's streams. */
import { RecordBatchReader, Table, tableToIPC } from "apache-arrow";
import { LlmapError, messageOf } from "../errors.js";
import type { ScoreRows } from "../scoring/score-rows.js";
import { areWhole, scoreRows, scoreSchema, scoreTable, type ScoreColumns, type TokenColumns } from "../store/score-rows.js";
import { limits } from "./protocol.js";

const [plain, withTokens] = [scoreSchema([], false), scoreSchema([], true)];

export function encodeRows(rows: ScoreRows): Buffer {
  const bytes = tableToIPC(scoreTable(rows.scoredTokens === undefined ? plain : withTokens, rows), "stream");
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * The rows that a worker sent. Errors: ERR_QUEUE where the bytes are no rows, name a text that the set does not have or have one twice, lack values, or
 * have scored tokens where none are wanted and the other way round.
 * @param texts how many the set has
 */
export function decodeRows(bytes: Buffer, texts: number, tokenLogProbs: boolean): ScoreRows {
  if (bytes.length > limits.rows) throw invalid(`${bytes.length} bytes, more than the ${limits.rows} allowed`);
  let rows: ScoreRows;
  try {
    const reader = RecordBatchReader.from<ScoreColumns & Partial<TokenColumns>>(bytes).open();
    const expected = tokenLogProbs ? withTokens : plain;
    const describe = ({ fields }: { fields: readonly { name: string; type: unknown }[] }): string => fields.map(({ name, type }) => `${name} ${String(type)}`).join(", ");
    if (describe(reader.schema) !== describe(expected)) throw new Error(`the columns ${describe(reader.schema).slice(0, limits.name)}`);
    const batch = reader.next();
    if (batch.done === true || batch.value.numRows < 1) throw new Error("no row");
    // Before the columns are copied: a damaged message may claim any number.
    if (batch.value.numRows > texts) throw new Error(`${batch.value.numRows} rows for ${texts} texts`);
    rows = scoreRows(new Table([batch.value]));
    if (reader.next().done !== true) throw new Error("more than one batch");
  } catch (error) {
    throw invalid(messageOf(error), error);
  }
  const seen = new Set(rows.text);
  if (seen.size !== rows.text.length || rows.text.some((text) => text < 0 || text >= texts)) throw invalid("texts that are not in the set, or twice");
  if (rows.tokens.some((tokens) => tokens < 0) || rows.logLikelihood.some((value) => value > 1e-3) || !areWhole(rows)) throw invalid("values that are missing or impossible");
  return rows;
}

function invalid(found: string, cause?: unknown): LlmapError {
  return new LlmapError("ERR_QUEUE", `Rows of a batch were expected, but there are ${found}.`, { cause });
}
