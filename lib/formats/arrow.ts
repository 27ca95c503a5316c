/** Arrow IPC files with matrices: the names of the models in `model`, the entries in a fixed-size list. */
import { readFile } from "node:fs/promises";
import { Field, Schema, Table, type TypeMap, type Vector } from "apache-arrow";
import { matrixColumn } from "../native/matrix.js";
import { parseArrowFile, utf8Column } from "../store/arrow-file.js";
import type { NamedMatrix } from "./named-matrix.js";
import type { ReadingOptions, ScoreMatrix, ScoreMatrixRow } from "./score-matrix.js";
import { cannotReadScores, scoresError } from "./scores-error.js";

/** The column of log-likelihoods, and the key of the text positions (a JSON array) in the metadata of the schema; in Parquet files too. */
export const scoresColumn = "log_likelihood";
export const textsKey = "texts";

/** A table with one row per model. The matrix is not copied. */
export function matrixTable({ values, models, texts, matrix }: NamedMatrix): Table {
  const columns: Record<string, Vector> = { model: utf8Column(models), [values]: matrixColumn(matrix) };
  const plain = new Table(columns);
  const metadata = texts === null ? [] : [[textsKey, JSON.stringify(Array.from(texts))] as const];
  const schema = new Schema<TypeMap>(plain.schema.fields as Field<TypeMap[string]>[], new Map(metadata));
  return new Table(schema, plain.batches);
}

const expectedTable = `an Arrow file, not compressed, with the columns "model" and "${scoresColumn}" (a list of float64)`;

/** Reads a file as {@link matrixTable} makes it; any list of floats will do. Errors: ERR_NOT_FOUND, ERR_SCORES, ERR_ABORTED. */
export async function readArrowScores(path: string, { signal, onBytes }: ReadingOptions = {}): Promise<ScoreMatrix> {
  try {
    const bytes = await readFile(path, { signal });
    onBytes?.(bytes.length);
    const table = parseArrowFile(bytes);
    const missing = ["model", scoresColumn].find((name) => table.getChild(name) === null);
    if (missing !== undefined) throw scoresError(path, null, expectedTable, `no column "${missing}"`);
    return { texts: textPositions(table.schema.metadata.get(textsKey), path), rows: tableRows(path, table) };
  } catch (error) {
    throw cannotReadScores(path, expectedTable, error, signal);
  }
}

async function* tableRows(path: string, table: Table): AsyncGenerator<ScoreMatrixRow> {
  const [models, lists] = [table.getChild("model"), table.getChild(scoresColumn)];
  for (let row = 0; row < table.numRows; row++) {
    const list = lists?.get(row) as { toArray?: () => ArrayLike<number>; nullCount?: number } | null;
    if (typeof list?.toArray !== "function") throw scoresError(path, null, expectedTable, `no list in row ${row}`);
    // toArray() has 0 in their place.
    if ((list.nullCount ?? 0) > 0) throw scoresError(path, null, expectedTable, `a null in the list of row ${row}`);
    const name: unknown = models?.get(row) ?? null;
    if (name !== null && typeof name !== "string") throw scoresError(path, null, expectedTable, `a model that is no text in row ${row}`);
    yield await Promise.resolve({ model: name, logLikelihood: Float64Array.from(list.toArray()), line: null });
  }
}

/** @param json the metadata's array; null where there is none. Errors: ERR_SCORES. */
export function textPositions(json: string | undefined, path: string): number[] | null {
  if (json === undefined) return null;
  const positions: unknown = JSON.parse(json);
  if (Array.isArray(positions) && positions.every(Number.isInteger)) return positions as number[];
  throw scoresError(path, null, `an array of text positions in the metadata "${textsKey}"`, json.slice(0, 40));
}
