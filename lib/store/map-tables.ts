/** map.arrow and kl.arrow: what the map says, as tables. */
import { Table, type Vector } from "apache-arrow";
import { allocateMatrix, matrixColumn, type Matrix } from "../native/matrix.js";
import { boolColumn, float64Column, int32Column, readArrowFile, utf8Column, writeArrowFile } from "./arrow-file.js";

/** A row of map.arrow. */
export interface MapRow {
  model: string;
  /** Null where there is no map (one model). */
  x: number | null;
  y: number | null;
  /** Null in two dimensions. */
  z: number | null;
  /** Null with fewer than four models. */
  cluster: number | null;
  /** Nats per text, clipped. */
  meanLogLikelihood: number;
  /** -(sum of unclipped log-likelihoods) over (bytes x ln 2). */
  bitsPerByte: number;
  /** Name of the nearest model and KL to it, bits per byte; null with one model. */
  nearest: string | null;
  nearestKl: number | null;
  /** It joined a map that was drawn without it. */
  added: boolean;
  /** Its place is no projection, or one from estimates. */
  approximate: boolean;
  /** Its divergences are estimated from resampled texts. */
  estimated: boolean;
  /** Where the model may lie on the map: semi-axes in the map's unit, and the angle of the longer one, radians counter-clockwise from x. Null where none was computed. */
  ellipse: { major: number; minor: number; angle: number } | null;
  /** The path of checkpoints that it belongs to, and its place on it; null where its labels say nothing. */
  trajectory: { name: string; step: number } | null;
  /** KL to the model named with --reference, bits per byte, and whether no smaller model is nearer to that one; null without a reference. */
  klToReference: number | null;
  /** Also null where the size is unknown. */
  pareto: boolean | null;
  /** Its places on the maps by further methods, by the name of the method. */
  further: Record<string, { x: number; y: number; z: number | null }>;
}

/** Columns of the places by a further method, for example x_mds. */
const furtherColumn = /^x_(\w+)$/;

/** One of the nearest models of a model. */
export interface NeighbourRow {
  model: string;
  /** From 1, nearest first. */
  rank: number;
  neighbour: string;
  /** Bits per byte. */
  kl: number;
  /** Bootstrap percentile interval; null without one (--bootstrap 0). */
  klLow: number | null;
  klHigh: number | null;
}

/** How one model does on the texts of one source. */
export interface SourceRow {
  model: string;
  source: string;
  texts: number;
  bytes: number;
  /** Nats per text, not clipped. */
  meanLogLikelihood: number;
  /** As in map.arrow, over the texts of this source. */
  bitsPerByte: number;
}

export async function writeMap(path: string, rows: readonly MapRow[]): Promise<void> {
  const columns: Record<string, Vector> = {
    model: utf8Column(rows.map((row) => row.model)),
    x: float64Column(rows.map((row) => row.x)),
    y: float64Column(rows.map((row) => row.y)),
    z: float64Column(rows.map((row) => row.z)),
    cluster: int32Column(rows.map((row) => row.cluster)),
    mean_log_likelihood: float64Column(rows.map((row) => row.meanLogLikelihood)),
    bits_per_byte: float64Column(rows.map((row) => row.bitsPerByte)),
    nearest: utf8Column(rows.map((row) => row.nearest)),
    nearest_kl: float64Column(rows.map((row) => row.nearestKl)),
    added: boolColumn(rows.map((row) => row.added)),
    approximate: boolColumn(rows.map((row) => row.approximate)),
    estimated: boolColumn(rows.map((row) => row.estimated)),
    ellipse_major: float64Column(rows.map((row) => row.ellipse?.major ?? null)),
    ellipse_minor: float64Column(rows.map((row) => row.ellipse?.minor ?? null)),
    ellipse_angle: float64Column(rows.map((row) => row.ellipse?.angle ?? null)),
    trajectory: utf8Column(rows.map((row) => row.trajectory?.name ?? null)),
    step: float64Column(rows.map((row) => row.trajectory?.step ?? null)),
    kl_to_reference: float64Column(rows.map((row) => row.klToReference)),
    pareto: boolColumn(rows.map((row) => row.pareto)),
  };
  for (const method of new Set(rows.flatMap((row) => Object.keys(row.further)))) {
    for (const axis of ["x", "y", "z"] as const) columns[`${axis}_${method}`] = float64Column(rows.map((row) => row.further[method]?.[axis] ?? null));
  }
  await writeArrowFile(path, new Table(columns));
}

export async function writeNeighbours(path: string, rows: readonly NeighbourRow[]): Promise<void> {
  const columns: Record<string, Vector> = {
    model: utf8Column(rows.map((row) => row.model)),
    rank: int32Column(rows.map((row) => row.rank)),
    neighbour: utf8Column(rows.map((row) => row.neighbour)),
    kl: float64Column(rows.map((row) => row.kl)),
    kl_low: float64Column(rows.map((row) => row.klLow)),
    kl_high: float64Column(rows.map((row) => row.klHigh)),
  };
  await writeArrowFile(path, new Table(columns));
}

export async function writeSources(path: string, rows: readonly SourceRow[]): Promise<void> {
  const columns: Record<string, Vector> = {
    model: utf8Column(rows.map((row) => row.model)),
    source: utf8Column(rows.map((row) => row.source)),
    texts: int32Column(rows.map((row) => row.texts)),
    bytes: float64Column(rows.map((row) => row.bytes)),
    mean_log_likelihood: float64Column(rows.map((row) => row.meanLogLikelihood)),
    bits_per_byte: float64Column(rows.map((row) => row.bitsPerByte)),
  };
  await writeArrowFile(path, new Table(columns));
}

/** Reads map.arrow. Errors: ERR_NOT_FOUND, ERR_RUN_FOLDER. */
export async function readMap(path: string): Promise<MapRow[]> {
  const table = await readArrowFile(path, "map");
  const methods = table.schema.fields.flatMap(({ name }) => furtherColumn.exec(name)?.[1] ?? []);
  return Array.from({ length: table.numRows }, (_, row): MapRow => {
    const value = (column: string): unknown => table.getChild(column)?.get(row) ?? null;
    const number = (column: string): number | null => value(column) as number | null;
    return {
      model: String(value("model")),
      x: number("x"),
      y: number("y"),
      z: number("z"),
      cluster: number("cluster"),
      meanLogLikelihood: number("mean_log_likelihood") ?? NaN,
      bitsPerByte: number("bits_per_byte") ?? NaN,
      nearest: value("nearest") as string | null,
      nearestKl: number("nearest_kl"),
      added: value("added") === true,
      approximate: value("approximate") === true,
      estimated: value("estimated") === true,
      ellipse: optional(number("ellipse_major"), (major) => ({ major, minor: number("ellipse_minor") ?? 0, angle: number("ellipse_angle") ?? 0 })),
      trajectory: optional(value("trajectory") as string | null, (name) => ({ name, step: number("step") ?? NaN })),
      klToReference: number("kl_to_reference"),
      pareto: value("pareto") as boolean | null,
      further: Object.fromEntries(
        methods.flatMap((method) => optional(number(`x_${method}`), (x) => [[method, { x, y: number(`y_${method}`) ?? NaN, z: number(`z_${method}`) }]]) ?? []),
      ),
    };
  });
}

function optional<T, Result>(value: T | null, use: (value: T) => Result): Result | null {
  return value === null ? null : use(value);
}

/** Reads neighbours.arrow. Errors: ERR_NOT_FOUND, ERR_RUN_FOLDER. */
export async function readNeighbours(path: string): Promise<NeighbourRow[]> {
  return rowsOf(await readArrowFile(path, "map"), (text, number) => ({
    model: text("model"),
    rank: number("rank") ?? NaN,
    neighbour: text("neighbour"),
    kl: number("kl") ?? NaN,
    klLow: number("kl_low"),
    klHigh: number("kl_high"),
  }));
}

/** Reads sources.arrow. Errors: ERR_NOT_FOUND, ERR_RUN_FOLDER. */
export async function readSources(path: string): Promise<SourceRow[]> {
  return rowsOf(await readArrowFile(path, "map"), (text, number) => ({
    model: text("model"),
    source: text("source"),
    texts: number("texts") ?? NaN,
    bytes: number("bytes") ?? NaN,
    meanLogLikelihood: number("mean_log_likelihood") ?? NaN,
    bitsPerByte: number("bits_per_byte") ?? NaN,
  }));
}

function rowsOf<Row>(table: Table, read: (text: (column: string) => string, number: (column: string) => number | null) => Row): Row[] {
  return Array.from({ length: table.numRows }, (_, row) =>
    read(
      (column) => String(table.getChild(column)?.get(row)),
      (column) => (table.getChild(column)?.get(row) as number | null | undefined) ?? null,
    ),
  );
}

/** Reads kl.arrow: K x K, in the order of `models`. Errors: ERR_NOT_FOUND, ERR_RUN_FOLDER. */
export async function readKl(path: string): Promise<{ models: string[]; kl: Matrix }> {
  const table = await readArrowFile(path, "map");
  const models = Array.from(table.getChild("model") ?? [], String);
  const kl = allocateMatrix(models.length, models.length);
  models.forEach((_, row) => kl.values.set(Array.from((table.getChild("kl")?.get(row) ?? []) as Iterable<number>).slice(0, models.length), row * models.length));
  return { models, kl };
}

/** @param kl K x K, bits per byte, rows and columns in the order of `models` */
export async function writeKl(path: string, models: readonly string[], kl: Matrix): Promise<void> {
  const columns: Record<string, Vector> = { model: utf8Column(models), kl: matrixColumn(kl) };
  await writeArrowFile(path, new Table(columns));
}
