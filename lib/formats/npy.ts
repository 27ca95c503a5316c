/**
 * NPY, numpy's file of one array: magic, version, the length of a header, the header (a Python dictionary with the element type, the order and the
 * shape), then the elements. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { open, type FileHandle } from "node:fs/promises";
import { throwIfAborted } from "../errors.js";
import { matrixRow, type Matrix } from "../native/matrix.js";
import type { ReadingOptions, ScoreMatrixRow } from "./score-matrix.js";
import { cannotReadScores, scoresError } from "./scores-error.js";

const magic = "\x93NUMPY";
/** Elements begin at a multiple of it. */
const alignment = 64;
const longestShortHeader = 0xffff;

/** The bytes before the elements of a rows x columns array of float64, little-endian, in C order. */
function npyHeader(rows: number, columns: number): Uint8Array {
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const before = magic.length + 2 + 2;
  const padded = `${header.padEnd(Math.ceil((before + header.length + 1) / alignment) * alignment - before - 1)}\n`;
  const bytes = Buffer.alloc(before + padded.length);
  bytes.write(magic, "latin1");
  bytes.writeUInt8(1, magic.length);
  bytes.writeUInt16LE(padded.length, before - 2);
  bytes.write(padded, before, "latin1");
  return bytes;
}

/** A matrix as the chunks of an NPY file, version 1.0. */
export function* npyChunks(matrix: Matrix): Generator<Uint8Array> {
  yield npyHeader(matrix.rows, matrix.columns);
  for (let row = 0; row < matrix.rows; row++) {
    const values = matrixRow(matrix, row);
    yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  }
}

interface NpyLayout {
  type: "float32" | "float64";
  fortranOrder: boolean;
  rows: number;
  columns: number;
  /** Where the elements begin, bytes. */
  start: number;
}

const expectedArray = "a NPY file with a matrix of little-endian float64 or float32 (numpy.save)";

/**
 * Reads a matrix of float64 or float32, versions 1.0 to 3.0, in C or Fortran order, row by row; an array of one dimension is one row.
 * Errors: ERR_NOT_FOUND, ERR_SCORES, ERR_ABORTED.
 */
export async function* readNpyRows(path: string, options: ReadingOptions = {}): AsyncGenerator<ScoreMatrixRow> {
  let file: FileHandle | null = null;
  try {
    file = await open(path);
    const layout = await readLayout(file, path);
    const bytes = layout.rows * layout.columns * elementBytes(layout);
    const { size } = await file.stat();
    if (size - layout.start !== bytes) {
      throw scoresError(path, null, `${bytes} bytes for ${layout.rows} x ${layout.columns} elements`, `${size - layout.start}`);
    }
    const rows = layout.fortranOrder ? transposed(file, layout, options) : rowsInOrder(file, layout.rows, layout.columns, layout, options);
    for await (const logLikelihood of rows) yield { model: null, logLikelihood, line: null };
  } catch (error) {
    throw cannotReadScores(path, expectedArray, error, options.signal);
  } finally {
    await file?.close();
  }
}

function elementBytes({ type }: NpyLayout): number {
  return type === "float64" ? 8 : 4;
}

async function readLayout(file: FileHandle, path: string): Promise<NpyLayout> {
  const fixed = await readBytes(file, 0, 12);
  if (fixed.toString("latin1", 0, magic.length) !== magic) throw scoresError(path, null, expectedArray, "no NPY magic at its beginning");
  const isShort = fixed[magic.length] === 1;
  const length = isShort ? fixed.readUInt16LE(8) : fixed.readUInt32LE(8);
  if (length > longestShortHeader) throw scoresError(path, null, "a header of at most 64 KiB", `one of ${length} bytes`);
  const headerStart = isShort ? 10 : 12;
  const header = (await readBytes(file, headerStart, length)).toString("utf8");
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1]?.split(",").map((size) => size.trim()).filter((size) => size !== "").map(Number);
  if (descr !== "<f8" && descr !== "<f4") {
    throw scoresError(path, null, "elements of type '<f8' or '<f4' (convert with array.astype('<f8'))", descr === undefined ? "another type" : `'${descr}'`);
  }
  const [rows, columns, ...more] = shape?.length === 1 ? [1, ...shape] : (shape ?? []);
  if (rows === undefined || columns === undefined || more.length > 0) {
    throw scoresError(path, null, "models x texts, two dimensions", `the shape (${shape?.join(", ") ?? ""})`);
  }
  return { type: descr === "<f8" ? "float64" : "float32", fortranOrder: /'fortran_order':\s*True/.test(header), rows, columns, start: headerStart + length };
}

async function* rowsInOrder(file: FileHandle, rows: number, columns: number, layout: NpyLayout, { signal, onBytes }: ReadingOptions): AsyncGenerator<Float64Array> {
  const rowBytes = columns * elementBytes(layout);
  for (let row = 0; row < rows; row++) {
    throwIfAborted(signal);
    const { buffer } = await readBytes(file, layout.start + row * rowBytes, rowBytes);
    onBytes?.(rowBytes);
    yield layout.type === "float64" ? new Float64Array(buffer) : Float64Array.from(new Float32Array(buffer));
  }
}

/** In Fortran order the columns lie one after the other, so the whole matrix must be read before its first row is there. */
async function* transposed(file: FileHandle, layout: NpyLayout, options: ReadingOptions): AsyncGenerator<Float64Array> {
  const rows = Array.from({ length: layout.rows }, () => new Float64Array(layout.columns));
  let column = 0;
  for await (const values of rowsInOrder(file, layout.columns, layout.rows, layout, options)) {
    for (const [row, value] of values.entries()) (rows[row] ?? values)[column] = value;
    column++;
  }
  yield* rows;
}

/** Whole, in a buffer of its own. */
async function readBytes(file: FileHandle, position: number, length: number): Promise<Buffer<ArrayBuffer>> {
  const bytes = Buffer.from(new ArrayBuffer(length));
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) throw new Error("it ends early");
    done += bytesRead;
  }
  return bytes;
}
