/** Arrow IPC files of the run folder: atomic writes, reads with clear errors, columns from plain arrays. */
import { readFile } from "node:fs/promises";
import {
  Bool,
  Float64,
  Int32,
  RecordBatchReader,
  Table,
  tableToIPC,
  Utf8,
  vectorFromArray,
  type TypeMap,
  type Vector,
} from "apache-arrow";
import { LlmapError, messageOf } from "../errors.js";
import { writeFileAtomic } from "../files/atomic-write.js";

export async function writeArrowFile(path: string, table: Table): Promise<void> {
  await writeFileAtomic(path, tableToIPC(table, "file"));
}

/**
 * Reads a whole Arrow IPC file. Errors: ERR_NOT_FOUND, ERR_RUN_FOLDER where it is damaged.
 * @param command of llmap-native that writes it anew
 */
export async function readArrowFile<Columns extends TypeMap>(path: string, command: "score" | "map" | "resample" | "predict" = "score"): Promise<Table<Columns>> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new LlmapError("ERR_NOT_FOUND", `Cannot read ${path}: ${messageOf(error)}. Run \`llmap-native ${command}\` again, which writes it anew.`, { cause: error });
  }
  try {
    return parseArrowFile<Columns>(bytes);
  } catch (error) {
    throw new LlmapError(
      "ERR_RUN_FOLDER",
      `${path} is not a readable Arrow file: ${messageOf(error)}. Delete it and run llmap-native ${command} again.`,
      { cause: error },
    );
  }
}

/**
 * The table of an Arrow IPC file; throws where it is none, or damaged. Batch by batch: apache-arrow 21's own loop over a file has no end where a
 * damaged footer leads it to something that is not a batch.
 */
export function parseArrowFile<Columns extends TypeMap>(bytes: Uint8Array): Table<Columns> {
  if (Buffer.from(bytes.buffer, bytes.byteOffset, 6).toString() !== "ARROW1") throw new Error("no Arrow file magic");
  const reader = RecordBatchReader.from<Columns>(bytes).open();
  if (!reader.isFile()) throw new Error("not an Arrow file");
  const batches = Array.from({ length: reader.numRecordBatches }, (_, index) => {
    const batch = reader.readRecordBatch(index);
    if (batch === null) throw new Error(`no batch ${index}`);
    return batch;
  });
  return new Table(reader.schema, batches);
}

export const utf8Column = (values: readonly (string | null)[]): Vector<Utf8> => vectorFromArray(values, new Utf8());
export const int32Column = (values: readonly (number | null)[]): Vector<Int32> => vectorFromArray(values, new Int32());
export const boolColumn = (values: readonly (boolean | null)[]): Vector<Bool> => vectorFromArray(values, new Bool());
/** Also for whole numbers that may pass 2^31: exact up to 2^53. */
export const float64Column = (values: readonly (number | null)[]): Vector<Float64> =>
  vectorFromArray(values, new Float64());
