/** CSV: commas, a header line, fields quoted as in RFC 4180, UTF-8. Lines end with a line feed alone, as other tools of the command line write them. */
import type { Table } from "apache-arrow";
import { parse } from "csv-parse/sync";
import { messageOf } from "../errors.js";
import { matrixRow } from "../native/matrix.js";
import { readLines } from "./lines.js";
import { columnNames, type NamedMatrix } from "./named-matrix.js";
import type { ReadingOptions, ScoreMatrix, ScoreMatrixRow } from "./score-matrix.js";
import { scoresError } from "./scores-error.js";

/** One line per model: its name, then its entries. The header has `model`, then text positions or models. */
export function* csvMatrixChunks(named: NamedMatrix): Generator<string> {
  yield csvLine(["model", ...columnNames(named)]);
  for (const [row, model] of named.models.entries()) yield csvLine([model, ...matrixRow(named.matrix, row)]);
}

/** One line per row. Nothing between two commas is null, and "" the empty text. */
export function* csvTableChunks(table: Table): Generator<string> {
  const columns = table.schema.fields.map(({ name }) => table.getChild(name));
  yield csvLine(table.schema.fields.map(({ name }) => name));
  for (let row = 0; row < table.numRows; row++) yield csvLine(columns.map((column) => column?.get(row) as CsvValue));
}

type CsvValue = string | number | boolean | null;

function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(csvField).join(",")}\n`;
}

/** Numbers have the fewest digits that give the same float64 back. */
function csvField(value: CsvValue): string {
  if (value === null) return "";
  if (typeof value !== "string") return Object.is(value, -0) ? "-0" : String(value);
  return value === "" || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

const expectedRows = "CSV with a line of log-likelihoods for each model";

interface CsvRecord {
  cells: string[];
  line: number;
}

/**
 * Reads a matrix line by line. With a header, its first column holds the names of the models and the others are named by text positions, as
 * pandas writes a data frame with names as its index; positions 0 to N - 1 alone, without a column for names, are a header too. A file of
 * numbers only, as `numpy.savetxt` writes it, has no header and no names.
 * Errors: ERR_NOT_FOUND, ERR_SCORES naming the line, ERR_ABORTED.
 */
export async function readCsvScores(path: string, options: ReadingOptions = {}): Promise<ScoreMatrix> {
  const records = csvRecords(path, options);
  const start = await records.next();
  if (start.done === true) throw scoresError(path, 1, expectedRows, "an empty file");
  const first = start.value;
  const header = headerOf(first, path);
  return { texts: header?.texts ?? null, rows: csvRows(path, records, first, header) };
}

interface Header {
  texts: number[];
  hasNames: boolean;
}

/** Null where the first line is one of numbers. */
function headerOf({ cells, line }: CsvRecord, path: string): Header | null {
  const isPosition = (cell: string): boolean => /^\d+$/.test(cell);
  if (cells.every((cell, column) => isPosition(cell) && Number(cell) === column)) return { texts: cells.map(Number), hasNames: false };
  if (cells.every((cell) => numberOf(cell) !== null)) return null;
  const texts = cells.slice(1);
  const other = texts.find((cell) => !isPosition(cell));
  if (texts.length === 0 || other !== undefined) {
    throw scoresError(path, line, "a header with a column for names, then text positions (whole numbers from 0), and commas between fields", other === undefined ? "no such position" : JSON.stringify(other));
  }
  return { texts: texts.map(Number), hasNames: true };
}

async function* csvRows(path: string, records: AsyncIterable<CsvRecord>, first: CsvRecord, header: Header | null): AsyncGenerator<ScoreMatrixRow> {
  const names = header?.hasNames === true ? 1 : 0;
  const row = ({ cells, line }: CsvRecord): ScoreMatrixRow => {
    if (cells.length !== first.cells.length) {
      throw scoresError(path, line, `${first.cells.length} fields, as the first line has`, String(cells.length));
    }
    const logLikelihood = new Float64Array(cells.length - names);
    for (let column = names; column < cells.length; column++) {
      const value = numberOf(cells[column] ?? "");
      if (value === null) throw scoresError(path, line, `a number in field ${column + 1}`, JSON.stringify(cells[column] ?? ""));
      logLikelihood[column - names] = value;
    }
    // A copy: a part of a string keeps the whole of it, here the line, in memory.
    const model = names === 1 ? Buffer.from(cells[0] ?? "").toString() : null;
    return { model, logLikelihood, line };
  };
  if (header === null) yield row(first);
  for await (const record of records) yield row(record);
}

/** Null where the text is none. */
function numberOf(text: string): number | null {
  const value = text.trim() === "" ? NaN : Number(text);
  return Number.isNaN(value) ? null : value;
}

/** A record of a matrix is one line: of fields over several, only a name could be one, and it is refused. */
async function* csvRecords(path: string, options: ReadingOptions): AsyncGenerator<CsvRecord, undefined> {
  for await (const { line, text } of readLines(path, options)) yield { cells: csvCells(text, path, line), line };
}

function csvCells(text: string, path: string, line: number): string[] {
  // Numbers and plain names, in a fraction of the time.
  if (!text.includes('"')) return text.split(",");
  try {
    const records: string[][] = parse(text, { relax_column_count: true });
    return records[0] ?? [];
  } catch (error) {
    throw scoresError(path, line, "well-formed CSV, a model in one line", messageOf(error), error);
  }
}
