/** map.arrow and kl.arrow: what the map says, as tables. */
import { Table, type Vector } from "apache-arrow";
import { matrixColumn, type Matrix } from "../native/matrix.js";
import { boolColumn, float64Column, int32Column, utf8Column, writeArrowFile } from "./arrow-file.js";

export interface MapRow {
  model: string;
  /** Null where there is no map (one model). */
  x: number | null;
  y: number | null;
  /** Null with fewer than four models. */
  cluster: number | null;
  /** Nats per text, clipped. */
  meanLogLikelihood: number;
  /** -(sum of unclipped log-likelihoods) over (bytes x ln 2). */
  bitsPerByte: number;
  /** Name of the nearest model and KL to it, bits per byte; null with one model. */
  nearest: string | null;
  nearestKl: number | null;
  /** Where the model may lie on the map: semi-axes in the map's unit, and the angle of the longer one, radians counter-clockwise from x. Null where none was computed. */
  ellipse: { major: number; minor: number; angle: number } | null;
  /** The path of checkpoints that it belongs to, and its place on it; null where its labels say nothing. */
  trajectory: { name: string; step: number } | null;
  /** KL to the model named with --reference, bits per byte, and whether no smaller model is nearer to that one; null without a reference. */
  klToReference: number | null;
  /** Also null where the size is unknown. */
  pareto: boolean | null;
}

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
    cluster: int32Column(rows.map((row) => row.cluster)),
    mean_log_likelihood: float64Column(rows.map((row) => row.meanLogLikelihood)),
    bits_per_byte: float64Column(rows.map((row) => row.bitsPerByte)),
    nearest: utf8Column(rows.map((row) => row.nearest)),
    nearest_kl: float64Column(rows.map((row) => row.nearestKl)),
    ellipse_major: float64Column(rows.map((row) => row.ellipse?.major ?? null)),
    ellipse_minor: float64Column(rows.map((row) => row.ellipse?.minor ?? null)),
    ellipse_angle: float64Column(rows.map((row) => row.ellipse?.angle ?? null)),
    trajectory: utf8Column(rows.map((row) => row.trajectory?.name ?? null)),
    step: float64Column(rows.map((row) => row.trajectory?.step ?? null)),
    kl_to_reference: float64Column(rows.map((row) => row.klToReference)),
    pareto: boolColumn(rows.map((row) => row.pareto)),
  };
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

/** @param kl K x K, bits per byte, rows and columns in the order of `models` */
export async function writeKl(path: string, models: readonly string[], kl: Matrix): Promise<void> {
  const columns: Record<string, Vector> = { model: utf8Column(models), kl: matrixColumn(kl) };
  await writeArrowFile(path, new Table(columns));
}
