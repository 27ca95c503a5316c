/** A CSV list of models: a header line, a column `model`, an optional column `name`; every other column is a label. */
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { CsvError, parse } from "csv-parse/sync";
import { LlmapError, messageOf } from "../errors.js";

export interface ListedModel {
  /** Path (relative to {@link folder}) or URI of one model. */
  reference: string;
  /** The folder of the list. */
  folder: string;
  /** Null where the list leaves it out. */
  name: string | null;
  /** The other columns, as strings. */
  labels: Record<string, string>;
  /** "FILE line N", for messages. */
  place: string;
}

const modelColumn = "model";
const nameColumn = "name";

/**
 * Reads a list: CSV with commas, quoted fields as in RFC 4180, UTF-8 with or without a byte order mark, any line ends. Blank lines are left out.
 * Errors: ERR_NOT_FOUND if the file cannot be read; ERR_MODELS with file and line for a malformed list, one without models, or one that gives a
 * name twice.
 */
export async function readModelList(path: string): Promise<ListedModel[]> {
  const rows = parseRows(path, await readListFile(path));
  const header = rows[0];
  if (header === undefined) throw listError(path, 1, `is empty; expected a header line with a column "${modelColumn}"`);
  const columns = header.cells;
  if (!columns.includes(modelColumn)) {
    throw listError(path, header.line, `has no column "${modelColumn}"; found ${columns.map((column) => JSON.stringify(column)).join(", ")}`);
  }
  const repeated = columns.find((column, index) => columns.indexOf(column) !== index);
  if (repeated !== undefined) throw listError(path, header.line, `has the column ${JSON.stringify(repeated)} twice`);
  if (columns.includes("")) throw listError(path, header.line, "has a column without a name");

  const models = rows.slice(1).map((row) => listedModel(path, columns, row));
  if (models.length === 0) throw listError(path, header.line, "names no model below its header");
  requireDistinctNames(models);
  return models;
}

async function readListFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new LlmapError("ERR_NOT_FOUND", `The list of models ${path} cannot be read (${messageOf(error)}); name a CSV file.`, { cause: error });
  }
}

interface Row {
  cells: string[];
  /** Where the row ends, from 1. */
  line: number;
}

function parseRows(path: string, content: Buffer): Row[] {
  try {
    const parsed: unknown = parse(content, { bom: true, info: true, skip_empty_lines: true, trim: true });
    return (parsed as { record: string[]; info: { lines: number } }[]).map(({ record, info }) => ({ cells: record, line: info.lines }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line: unknown = error["lines"];
    throw listError(path, typeof line === "number" ? line : 1, `is not well-formed CSV (${error.message})`);
  }
}

function listedModel(path: string, columns: string[], { cells, line }: Row): ListedModel {
  const values = new Map(columns.map((column, index) => [column, cells[index] ?? ""]));
  const reference = values.get(modelColumn) ?? "";
  if (reference === "") throw listError(path, line, `has nothing in the column "${modelColumn}"; expected a path or URI`);
  return {
    reference,
    folder: dirname(path),
    name: values.get(nameColumn) || null,
    labels: Object.fromEntries([...values].filter(([column]) => column !== modelColumn && column !== nameColumn)),
    place: `${path} line ${line}`,
  };
}

function requireDistinctNames(models: readonly ListedModel[]): void {
  const places = new Map<string, string>();
  for (const { name, place } of models) {
    if (name === null) continue;
    const first = places.get(name);
    if (first !== undefined) {
      throw new LlmapError("ERR_MODELS", `${place} gives the name ${JSON.stringify(name)} again, after ${first}; every model needs a name of its own.`);
    }
    places.set(name, place);
  }
}

function listError(path: string, line: number, problem: string): LlmapError {
  return new LlmapError("ERR_MODELS", `${path} line ${line} ${problem}.`);
}
