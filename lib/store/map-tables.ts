/** map.arrow and kl.arrow: what the map says, as tables. */
import { Table, type Vector } from "apache-arrow";
import { allocateMatrix, matrixColumn, type Matrix } from "../native/matrix.js";
import { boolColumn, float64Column, int32Column, readArrowFile, utf8Column, writeArrowFile } from "./arrow-file.js";

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
  };
  await writeArrowFile(path, new Table(columns));
}

/** Reads map.arrow. Errors: ERR_NOT_FOUND, ERR_RUN_FOLDER. */
export async function readMap(path: string): Promise<MapRow[]> {
  const table = await readArrowFile(path);
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
    };
  });
}

/** Reads kl.arrow: K x K, in the order of `models`. Errors: ERR_NOT_FOUND, ERR_RUN_FOLDER. */
export async function readKl(path: string): Promise<{ models: string[]; kl: Matrix }> {
  const table = await readArrowFile(path);
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
