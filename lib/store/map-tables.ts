/** map.arrow and kl.arrow: what the map says, as tables. */
import { Table, type Vector } from "apache-arrow";
import { matrixColumn, type Matrix } from "../native/matrix.js";
import { float64Column, int32Column, utf8Column, writeArrowFile } from "./arrow-file.js";

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
  };
  await writeArrowFile(path, new Table(columns));
}

/** @param kl K x K, bits per byte, rows and columns in the order of `models` */
export async function writeKl(path: string, models: readonly string[], kl: Matrix): Promise<void> {
  const columns: Record<string, Vector> = { model: utf8Column(models), kl: matrixColumn(kl) };
  await writeArrowFile(path, new Table(columns));
}
