/** What a run has found, written for other programs: matrices and tables as CSV, NPY, Parquet or Arrow files. */
import { mkdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { tableToIPC, type Table } from "apache-arrow";
import { LlmapError, messageOf, throwIfAborted } from "../errors.js";
import { matrixTable, scoresColumn } from "../formats/arrow.js";
import { csvMatrixChunks, csvTableChunks } from "../formats/csv.js";
import type { NamedMatrix } from "../formats/named-matrix.js";
import { namesJson } from "../formats/names-file.js";
import { npyChunks } from "../formats/npy.js";
import { parquetMatrixChunks, parquetTableChunks } from "../formats/parquet.js";
import { modelCoordinates } from "../matrix/model-coordinates.js";
import { squaredDistances, type NativeOptions } from "../native/matrix.js";
import { requireChoice } from "../option-checks.js";
import { readArrowFile } from "../store/arrow-file.js";
import { cannotWrite, writeFileAtomic } from "../files/atomic-write.js";
import { readKl } from "../store/map-tables.js";
import { RunFolder } from "../store/run-folder.js";
import type { RunRecord } from "../store/run-record.js";
import { textSetJsonl } from "../store/text-set-file.js";
import { readTexts } from "../store/texts-table.js";
import { defaultExport, exportables, exportFormats, type Exportable, type ExportFormat } from "./export-choices.js";
import type { OnEvent } from "./events.js";
import { requireThreads, type RunFolderOptions } from "./options.js";
import { clipOfMap, readScoredRun, requireRunRecord, type ScoredRun } from "./scored-run.js";
import { looksLikeFormula } from "../spreadsheet-formula.js";

/** Options of `exportRun`. */
export interface ExportOptions extends RunFolderOptions {
  /** Default: scores, KL divergences and the tables of the map and the models. */
  what?: readonly Exportable[];
  format: ExportFormat;
  /** The folder for the files; it is made where it is missing. */
  to: string;
  /** Overwrite files that are there; default false. */
  force?: boolean;
  /** Threads for the matrix; default: the cores this process may use. */
  threads?: number | null;
}

/** A file that `exportRun` wrote. */
export interface ExportedFile {
  what: Exportable;
  path: string;
  /** Of a matrix or table; null where there are none. */
  rows: number | null;
  columns: number | null;
}

const matrices: ReadonlySet<Exportable> = new Set(["scores", "q", "d", "kl"]);

/**
 * Writes files named by what they hold: scores.csv, kl.npy and so on (docs/formats.md). With `npy`, matrices have their names beside them
 * (kl.json), and tables are CSV; the tree is Newick and texts are JSONL in every format.
 * Errors: ERR_USAGE, also for a file that is there already; ERR_NOT_FOUND where there is no run, or no map and one is needed; ERR_NOTHING_DONE where no
 * model is scored; ERR_RUN_MISMATCH, ERR_RUN_FOLDER, ERR_ABORTED.
 */
export async function exportRun(options: ExportOptions): Promise<{ files: ExportedFile[] }> {
  const { format, force = false, threads = null, signal, onEvent = () => undefined } = options;
  const what = exportables.filter((one) => (options.what ?? defaultExport).includes(one));
  requireChoice("format (--format)", format, exportFormats);
  for (const one of options.what ?? []) requireChoice("what (--what)", one, exportables);
  if (what.length === 0) throw new LlmapError("ERR_USAGE", `Expected at least one of ${exportables.join(", ")} for what (--what).`);
  requireThreads(threads);
  const folder = new RunFolder(options.out);
  const to = resolve(options.to);
  const record = await requireRunRecord(folder);
  await requireOutside(to, folder.directory);
  requireMapped(record, what);
  if (!force) await requireFree(what.flatMap((one) => pathsOf(to, one, format)));
  await makeFolder(to);

  const files: ExportedFile[] = [];
  const native = { ...(signal ? { signal } : {}), ...(threads ? { threads } : {}) };
  const vectors = what.some((one) => one === "scores" || one === "q" || one === "d") ? new Vectors(await readScoredRun(folder, onEvent), native) : null;
  for (const one of what) {
    const part = await partOf(one, folder, record.texts.name, vectors);
    const [path = "", namesPath] = pathsOf(to, one, format);
    if (path.endsWith(".csv")) tellFormulas(part, path, onEvent);
    await writeFileAtomic(path, untilAborted(contentOf(part, format), signal));
    if (part.kind === "matrix" && namesPath !== undefined) await writeFileAtomic(namesPath, namesJson(part.named));
    files.push({ what: one, path, ...sizeOf(part) });
  }
  return { files };
}

/** Errors: ERR_USAGE where the folder is the run folder, or lies in it, whatever it is called. */
async function requireOutside(to: string, runFolder: string): Promise<void> {
  const [real, realRun] = [await existingPath(to), await realpath(runFolder)];
  if (real === realRun || real.startsWith(realRun + sep)) throw new LlmapError("ERR_USAGE", `${to} is the run folder, or lies in it. Name another folder with --to.`);
}

/** The path of a folder without symbolic links; of one that is not there yet, as far as it is. */
async function existingPath(path: string): Promise<string> {
  const parent = dirname(path);
  return await realpath(path).catch(async () => (parent === path ? path : join(await existingPath(parent), basename(path))));
}

/** One level after the other: Node's recursive mkdir can go round for ever in a place that takes no folders (/proc). Errors: ERR_RUN_FOLDER, ERR_USAGE. */
async function makeFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() === true) return;
  if (found !== null) throw new LlmapError("ERR_USAGE", `Expected a folder for --to but ${path} is a file. Name another.`);
  await makeFolder(dirname(path));
  await mkdir(path).catch((error: unknown) => {
    throw cannotWrite(path, error);
  });
}

const ofMap: ReadonlySet<Exportable> = new Set(["kl", "map", "neighbours", "sources", "tree"]);

/** Errors: ERR_NOT_FOUND where there is no map and one is needed. */
function requireMapped({ map }: RunRecord, what: readonly Exportable[]): void {
  const needed = what.filter((one) => ofMap.has(one));
  if (map !== null || needed.length === 0) return;
  throw new LlmapError("ERR_NOT_FOUND", `The run has no map yet, so there is no ${needed.join(", ")}. Run \`llmap-native map\`, or choose others with --what. Nothing was written.`);
}

/** The paths that one of the things is written to: a file, and with NPY the names of a matrix. */
function pathsOf(to: string, one: Exportable, format: ExportFormat): string[] {
  if (one === "tree") return [join(to, "tree.nwk")];
  if (one === "texts") return [join(to, "texts.jsonl")];
  if (format !== "npy") return [join(to, `${one}.${format}`)];
  return matrices.has(one) ? [join(to, `${one}.npy`), join(to, `${one}.json`)] : [join(to, `${one}.csv`)];
}

async function requireFree(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const isThere = await stat(path).then((found) => found.isFile(), () => false);
    if (isThere) throw new LlmapError("ERR_USAGE", `${path} exists already. Name another folder with --to, or overwrite with --force. Nothing was written.`);
  }
}

/** What one file holds. */
type Part = { kind: "matrix"; named: NamedMatrix } | { kind: "table"; table: Table } | { kind: "text"; text: string; rows: number | null };

async function partOf(one: Exportable, folder: RunFolder, textsName: string, vectors: Vectors | null): Promise<Part> {
  switch (one) {
    case "scores":
    case "q":
    case "d":
      // Always there where one of the three is asked for.
      if (vectors === null) throw new Error("No scores were read");
      return { kind: "matrix", named: await vectors[one]() };
    case "kl": {
      const { models, kl } = await readKl(folder.kl);
      return { kind: "matrix", named: { values: "kl", models, texts: null, matrix: kl } };
    }
    case "map":
    case "neighbours":
    case "sources":
      return { kind: "table", table: await readArrowFile(folder[one], "map") };
    case "models":
      return { kind: "table", table: await readArrowFile(folder.models) };
    case "tree":
      return { kind: "text", text: await readTree(folder), rows: null };
    case "texts": {
      const set = await readTexts(folder.texts, textsName);
      return { kind: "text", text: textSetJsonl(set), rows: set.texts.length };
    }
  }
}

async function readTree({ tree }: RunFolder): Promise<string> {
  return await readFile(tree, "utf8").catch((error: unknown) => {
    throw new LlmapError("ERR_NOT_FOUND", `Cannot read ${tree}: ${messageOf(error)}. Run \`llmap-native map\`, which writes it.`, { cause: error });
  });
}

/** The log-likelihood vectors as they are, centred, and their distances: to be asked for in this order, since Q takes the place of L. */
class Vectors {
  readonly #models: string[];
  #isCentred = false;

  constructor(
    private readonly run: ScoredRun,
    private readonly native: NativeOptions,
  ) {
    this.#models = run.models.map(({ row }) => row.name);
  }

  scores(): NamedMatrix {
    return { values: scoresColumn, models: this.#models, texts: this.run.used, matrix: this.run.L };
  }

  async q(): Promise<NamedMatrix> {
    if (!this.#isCentred) await modelCoordinates(this.run.L, clipOfMap(this.run.record), this.native);
    this.#isCentred = true;
    return { values: "q", models: this.#models, texts: this.run.used, matrix: this.run.L };
  }

  async d(): Promise<NamedMatrix> {
    const { matrix } = await this.q();
    return { values: "squared_distance", models: this.#models, texts: null, matrix: await squaredDistances(matrix, this.native) };
  }
}

/** The parts of the file, one after the other. */
function contentOf(part: Part, format: ExportFormat): Iterable<string | Uint8Array> {
  if (part.kind === "text") return [part.text];
  const isMatrix = part.kind === "matrix";
  switch (format) {
    case "csv":
      return isMatrix ? csvMatrixChunks(part.named) : csvTableChunks(part.table);
    case "npy":
      return isMatrix ? npyChunks(part.named.matrix) : csvTableChunks(part.table);
    case "parquet":
      return isMatrix ? parquetMatrixChunks(part.named) : parquetTableChunks(part.table);
    case "arrow":
      return [tableToIPC(isMatrix ? matrixTable(part.named) : part.table, "file")];
  }
}

function sizeOf(part: Part): Pick<ExportedFile, "rows" | "columns"> {
  if (part.kind === "matrix") return { rows: part.named.matrix.rows, columns: part.named.matrix.columns };
  return part.kind === "table" ? { rows: part.table.numRows, columns: part.table.numCols } : { rows: part.rows, columns: null };
}

function* untilAborted(chunks: Iterable<string | Uint8Array>, signal: AbortSignal | undefined): Generator<string | Uint8Array> {
  for (const chunk of chunks) {
    throwIfAborted(signal);
    yield chunk;
  }
}

/** Values are written as they are, so that they are the same when read back; who opens the file in a spreadsheet is told. */
function tellFormulas(part: Part, path: string, onEvent: OnEvent): void {
  const fields = part.kind === "table" ? part.table.schema.fields.map(({ name }) => name) : [];
  const columns = part.kind === "table" ? fields.map((name): Iterable<unknown> => part.table.getChild(name) ?? []) : [];
  const likely = [fields, part.kind === "matrix" ? part.named.models : [], ...columns].map((values) => Array.from<unknown>(values).find(looksLikeFormula));
  const found = likely.find((value) => value !== undefined);
  if (found === undefined) return;
  const message = `${path} has texts that a spreadsheet would take for formulas, such as ${JSON.stringify(found)}. They are written as they are: there, import the column as text.`;
  onEvent({ event: "warning", model: null, message });
}
