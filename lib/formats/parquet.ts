/** Parquet, by hyparquet and hyparquet-writer: tables, and matrices with the entries of a row in a list. */
import { DataType, type Table } from "apache-arrow";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, type SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter, schemaFromColumnData, type ColumnSource } from "hyparquet-writer";
import { throwIfAborted } from "../errors.js";
import { matrixRow } from "../native/matrix.js";
import { scoresColumn, textPositions, textsKey } from "./arrow.js";
import type { NamedMatrix } from "./named-matrix.js";
import type { ReadingOptions, ScoreMatrix, ScoreMatrixRow } from "./score-matrix.js";
import { cannotReadScores, scoresError } from "./scores-error.js";

/** Values in one row group: 8 MiB of float64. */
const groupValues = 2 ** 20;

/**
 * One row per model: `model`, and the entries as a list of doubles. Text positions are a JSON array in the file's metadata `texts`. Entries are
 * stored as they are: the last digits of log-likelihoods do not compress.
 */
export function* parquetMatrixChunks({ values, models, texts, matrix }: NamedMatrix): Generator<Uint8Array> {
  const writer = new ByteWriter();
  const schema: SchemaElement[] = [
    { name: "root", num_children: 2 },
    { name: "model", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" },
    { name: values, converted_type: "LIST", repetition_type: "REQUIRED", num_children: 1 },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { name: "element", type: "DOUBLE", repetition_type: "REQUIRED" },
  ];
  const kvMetadata = texts === null ? [] : [{ key: textsKey, value: JSON.stringify(Array.from(texts)) }];
  const parquet = new ParquetWriter({ writer, schema, kvMetadata, codec: "UNCOMPRESSED", statistics: false });
  const groupRows = Math.max(1, Math.floor(groupValues / matrix.columns));
  for (let start = 0; start < models.length; start += groupRows) {
    const group = models.slice(start, start + groupRows);
    const lists = group.map((_, row) => Array.from(matrixRow(matrix, start + row)));
    const columnData = [{ name: "model", data: group }, { name: values, data: lists, encoding: "PLAIN" as const }];
    void parquet.write({ columnData, rowGroupSize: groupRows, dictionarySize: 0 });
    yield drained(writer);
  }
  void parquet.finish();
  yield drained(writer);
}

/** A table of texts, numbers and booleans; any of them may be null. */
export function* parquetTableChunks(table: Table): Generator<Uint8Array> {
  const writer = new ByteWriter();
  const columnData = table.schema.fields.map(({ name, type }): ColumnSource => ({
    name,
    data: Array.from(table.getChild(name) ?? []) as unknown[],
    type: DataType.isUtf8(type) ? "STRING" : DataType.isBool(type) ? "BOOLEAN" : DataType.isInt(type) ? "INT32" : "DOUBLE",
  }));
  const parquet = new ParquetWriter({ writer, schema: schemaFromColumnData({ columnData }) });
  void parquet.write({ columnData: columnData.map(({ name, data }) => ({ name, data })) });
  void parquet.finish();
  yield drained(writer);
}

/** What the writer holds, taken out of it. */
function drained(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice();
  writer.index = 0;
  return bytes;
}

const expectedTable = `a Parquet file, not compressed or by Snappy, with the columns "model" and "${scoresColumn}" (a list of doubles)`;

/** Reads a file as {@link parquetMatrixChunks} makes it, row group by row group; any list of floats will do. Errors: ERR_NOT_FOUND, ERR_SCORES, ERR_ABORTED. */
export async function readParquetScores(path: string, options: ReadingOptions = {}): Promise<ScoreMatrix> {
  const { signal, onBytes } = options;
  try {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    const columns = metadata.schema.map(({ name }) => name);
    const missing = ["model", scoresColumn].find((name) => !columns.includes(name));
    if (missing !== undefined) throw scoresError(path, null, expectedTable, `no column "${missing}"`);
    const texts = textPositions(metadata.key_value_metadata?.find(({ key }) => key === textsKey)?.value, path);
    async function* rows(): AsyncGenerator<ScoreMatrixRow> {
      let rowStart = 0;
      for (const group of metadata.row_groups) {
        throwIfAborted(signal);
        const rowEnd = rowStart + Number(group.num_rows);
        const read = await parquetReadObjects({ file, metadata, columns: ["model", scoresColumn], rowStart, rowEnd }).catch((error: unknown) => {
          throw cannotReadScores(path, expectedTable, error, signal);
        });
        onBytes?.(Number(group.total_byte_size));
        for (const [i, { model, [scoresColumn]: list }] of read.entries()) {
          if (typeof model !== "string" || !isList(list)) throw scoresError(path, null, expectedTable, `another type in row ${rowStart + i}`);
          if (Array.isArray(list) && !list.every((value) => typeof value === "number")) throw scoresError(path, null, expectedTable, `a null in the list of row ${rowStart + i}`);
          yield { model, logLikelihood: Float64Array.from(list), line: null };
        }
        rowStart = rowEnd;
      }
    }
    return { texts, rows: rows() };
  } catch (error) {
    throw cannotReadScores(path, expectedTable, error, signal);
  }
}

function isList(value: unknown): value is ArrayLike<number> {
  return Array.isArray(value) || value instanceof Float64Array || value instanceof Float32Array;
}
