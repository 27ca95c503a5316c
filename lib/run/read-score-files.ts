/** Files of log-likelihoods of other programs, read into the models that {@link importScores} takes. */
import { stat } from "node:fs/promises";
import { basename, dirname, extname, resolve } from "node:path";
import { LlmapError, messageOf } from "../errors.js";
import { readArrowScores } from "../formats/arrow.js";
import { readCsvScores } from "../formats/csv.js";
import { readLines } from "../formats/lines.js";
import { readNames, type MatrixNames } from "../formats/names-file.js";
import { readNpyRows } from "../formats/npy.js";
import { readParquetScores } from "../formats/parquet.js";
import type { ReadingOptions, ScoreMatrix } from "../formats/score-matrix.js";
import { parseScoreRecord, type RecordFormat, type ScoreRecord } from "../formats/score-records.js";
import { scoresError } from "../formats/scores-error.js";
import { excerpt } from "../texts/texts-error.js";
import type { TextSet } from "../texts/text-set.js";

/** Formats that `importScoreFiles` reads. */
export type ScoreFileFormat = RecordFormat | "npy" | "csv" | "arrow" | "parquet";

/** One model of a file. */
export interface ReadModel {
  /** Null where the file has no names. */
  name: string | null;
  file: string;
  /** From 1; null where the format has no lines, or the model has all of them. */
  line: number | null;
  format: ScoreFileFormat;
  /** Nats, by text; 0 where the file has nothing for a text. */
  logLikelihood: Float64Array;
  /** Lengths of the sequences; 0 where the file has nothing for a text, 2 where it does not say. */
  tokens: Int32Array;
}

const matrixReaders: Record<string, { format: ScoreFileFormat; read: (path: string, reading: ReadingOptions) => Promise<ScoreMatrix> }> = {
  ".npy": { format: "npy", read: readNpyScores },
  ".csv": { format: "csv", read: readCsvScores },
  ".arrow": { format: "arrow", read: readArrowScores },
  ".feather": { format: "arrow", read: readArrowScores },
  ".parquet": { format: "parquet", read: readParquetScores },
};

/** Errors: ERR_NOT_FOUND, ERR_SCORES with file and line, ERR_USAGE for a kind of file that is none of these, ERR_ABORTED. */
export async function readModelScores(file: string, texts: TextSet, reading: ReadingOptions): Promise<ReadModel[]> {
  const extension = extname(file).toLowerCase();
  const reader = matrixReaders[extension];
  if (reader !== undefined) return await readMatrix(file, reader.format, await reader.read(file, reading), texts);
  if (extension === ".jsonl" || extension === ".ndjson") return [await readRecordFile(file, texts, reading)];
  throw new LlmapError("ERR_USAGE", `Cannot import ${file}: expected a file that ends in .jsonl, ${Object.keys(matrixReaders).join(", ")} (docs/formats.md).`);
}

/** Bytes of the files together, for progress. Errors: ERR_NOT_FOUND. */
export async function totalBytes(files: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const file of files) {
    const found = await stat(file).catch((error: unknown) => {
      throw new LlmapError("ERR_NOT_FOUND", `Cannot read ${file}: ${messageOf(error)}. Check the path.`, { cause: error });
    });
    if (!found.isFile()) throw new LlmapError("ERR_NOT_FOUND", `${file} is no file. Name the files to import.`);
    bytes += found.size;
  }
  return bytes;
}

/** With the names and text positions of the JSON file beside it, where there is one. */
async function readNpyScores(path: string, reading: ReadingOptions): Promise<ScoreMatrix> {
  const beside = path.replace(/\.npy$/i, ".json");
  const hasNames = await stat(beside).then((found) => found.isFile(), () => false);
  const names = hasNames ? await readNames(beside, reading.signal) : null;
  return { texts: names?.texts ?? null, rows: named(readNpyRows(path, reading), names, path, beside) };
}

async function* named(rows: ScoreMatrix["rows"], names: MatrixNames | null, path: string, beside: string): ScoreMatrix["rows"] {
  let row = 0;
  for await (const { logLikelihood, line } of rows) {
    if (names !== null && row >= names.models.length) throw scoresError(path, null, `${names.models.length} rows, one per name in ${beside}`, "more");
    yield { model: names?.models[row] ?? null, logLikelihood, line };
    row++;
  }
  if (names !== null && row < names.models.length) throw scoresError(path, null, `${names.models.length} rows, one per name in ${beside}`, String(row));
}

async function readMatrix(file: string, format: ScoreFileFormat, { texts: positions, rows }: ScoreMatrix, texts: TextSet): Promise<ReadModel[]> {
  const count = texts.texts.length;
  const set = `the text set ${texts.name}`;
  const columns = positions ?? Array.from({ length: count }, (_, text) => text);
  const seen = new Set<number>();
  const wrong = columns.find((text) => text < 0 || text >= count || seen.size === seen.add(text).size);
  if (wrong !== undefined) {
    throw scoresError(file, null, `different text positions from 0 to ${count - 1} for the columns, as ${set} has`, `${wrong}${seen.has(wrong) ? " twice" : ""}`);
  }
  const models: ReadModel[] = [];
  for await (const { model, logLikelihood, line } of rows) {
    const place = line === null ? `row ${models.length}` : "that line";
    if (logLikelihood.length !== columns.length) {
      throw scoresError(file, line, `${columns.length} log-likelihoods in ${place}, one per text of ${positions === null ? set : "the header"}`, String(logLikelihood.length));
    }
    const notFinite = logLikelihood.findIndex((value) => !Number.isFinite(value));
    if (notFinite !== -1) {
      throw scoresError(file, line, "finite log-likelihoods", `${logLikelihood[notFinite]} for text ${columns[notFinite]}${line === null ? ` in ${place}` : ""}`);
    }
    const read: ReadModel = { name: model, file, line, format, logLikelihood: new Float64Array(count), tokens: new Int32Array(count) };
    columns.forEach((text, column) => {
      read.logLikelihood[text] = logLikelihood[column] ?? NaN;
      read.tokens[text] = scoredTokens;
    });
    models.push(read);
  }
  if (models.length === 0) throw scoresError(file, null, "at least one model", "none");
  // A single row without a name is named after its file.
  if (models.length === 1 && models[0]?.name === null) models[0].name = basename(file, extname(file));
  return models;
}

/** Length of a sequence of which no more is known than that a token was scored. */
const scoredTokens = 2;

async function readRecordFile(file: string, texts: TextSet, reading: ReadingOptions): Promise<ReadModel> {
  const count = texts.texts.length;
  const read = { logLikelihood: new Float64Array(count), tokens: new Int32Array(count) };
  /** Line of each text's record; 0: none so far. */
  const lines = new Int32Array(count);
  const positions = new TextPositions(texts, lines);
  let format: RecordFormat | null = null;
  for await (const line of readLines(file, reading)) {
    const record = parseScoreRecord(line, file);
    format ??= record.format;
    if (record.format !== format) throw scoresError(file, record.line, `a record of ${format}, as the first is`, `one of ${record.format}`);
    const text = positions.of(record, file);
    if (lines[text] !== 0) throw scoresError(file, record.line, "one record per text", `text ${text} again, after line ${lines[text]}`);
    lines[text] = record.line;
    read.logLikelihood[text] = record.logLikelihood;
    read.tokens[text] = record.tokens ?? scoredTokens;
  }
  if (format === null) throw scoresError(file, 1, "one JSON object per text", "an empty file");
  const missing = lines.indexOf(0);
  if (missing !== -1) {
    const without = lines.reduce((sum, line) => sum + (line === 0 ? 1 : 0), 0);
    throw scoresError(file, null, `a record for each of the ${count} texts of ${texts.name}`, `none for ${without} of them, the first being text ${missing}`);
  }
  return { name: format === "modelmap" ? modelmapName(file) : lmEvalName(file), file, line: null, format, ...read };
}

/** Which text a record is of: the one that it has, else the one that it numbers. */
class TextPositions {
  #byContent: Map<string, number[]> | null = null;

  constructor(
    private readonly texts: TextSet,
    private readonly lines: Int32Array,
  ) {}

  of({ index, text, line }: ScoreRecord, file: string): number {
    const count = this.texts.texts.length;
    if (text === null) {
      if (index < count) return index;
      throw scoresError(file, line, `a text from 0 to ${count - 1}, as ${this.texts.name} has`, String(index));
    }
    if (this.texts.texts[index]?.content === text && this.lines[index] === 0) return index;
    this.#byContent ??= this.#index();
    const found = this.#byContent.get(text);
    if (found === undefined) throw scoresError(file, line, `a text of ${this.texts.name}`, `an unknown one, ${excerpt(text)}`);
    // Equal texts take their records in order; where all have one, it is one too many.
    return found.find((position) => this.lines[position] === 0) ?? found[0] ?? index;
  }

  #index(): Map<string, number[]> {
    const positions = new Map<string, number[]>();
    for (const [position, { content }] of this.texts.texts.entries()) positions.set(content, [...(positions.get(content) ?? []), position]);
    return positions;
  }
}

/** `meta-llama--Llama-2-7b-hf_float16.jsonl` is of meta-llama/Llama-2-7b-hf. */
function modelmapName(file: string): string {
  return basename(file, extname(file)).replace(/_(float16|bfloat16|float32)$/, "").replace("--", "/");
}

/** `meta-llama__Llama-2-7b-hf/samples_<task>_<time>.jsonl` is of meta-llama/Llama-2-7b-hf. */
function lmEvalName(file: string): string {
  const name = basename(file, extname(file));
  return name.startsWith("samples_") ? basename(dirname(resolve(file))).replace("__", "/") : name;
}
