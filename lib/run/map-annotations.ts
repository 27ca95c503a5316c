/** What map.arrow and sources.arrow say of models beside their positions: paths of checkpoints, nearness for their size, results by source. */
import { paretoFront } from "../matrix/pareto-front.js";
import { labelOf } from "../models/labels.js";
import type { Matrix } from "../native/matrix.js";
import type { MapRow, SourceRow } from "../store/map-tables.js";
import { sourceOf } from "../texts/text-set.js";
import { numberLabel, requireLabel } from "./labels.js";
import type { MapOptions } from "./options.js";
import { requireModel, type ScoredModel, type ScoredRun } from "./scored-run.js";

/**
 * The path of checkpoints that each model belongs to and its place on it, from its labels.
 * Errors: ERR_USAGE for a label that was named and no model has, and for a step that is no number.
 */
export function trajectories(models: readonly ScoredModel[], options: Pick<MapOptions, "trajectory" | "step">): MapRow["trajectory"][] {
  const { trajectory = "trajectory", step = "step" } = options;
  const rows = models.map(({ row }) => row);
  for (const option of ["trajectory", "step"] as const) {
    if (options[option] !== undefined) requireLabel(rows, options[option], `--${option}`);
  }
  return rows.map((row) => {
    const name = labelOf(row, trajectory);
    if (name === null || labelOf(row, step) === null) return null;
    const number = numberLabel(row, step, "--step");
    return number === null ? null : { name, step: number };
  });
}

/**
 * How far each model is from the reference, and whether it is on the Pareto front of size (bytes) and distance; null where its size is unknown.
 * @param kl K x K, bits per byte
 * Errors: ERR_USAGE for a reference that the run does not have.
 */
export function nearnessForSize(run: Pick<ScoredRun, "models">, kl: Matrix, reference: string | null): Pick<MapRow, "klToReference" | "pareto">[] {
  if (reference === null) return run.models.map(() => ({ klToReference: null, pareto: null }));
  const from = requireModel(run, reference);
  const sizes = run.models.map(({ row }) => row.facts?.bytes ?? 0);
  const distances = run.models.map((_, i) => kl.values[from * kl.columns + i] ?? NaN);
  const front = new Set(paretoFront(sizes, distances));
  return distances.map((klToReference, i) => ({ klToReference, pareto: sizes[i] === 0 ? null : front.has(i) }));
}

/** Per model and source, in the order of the models and of the sources' first texts; from unclipped log-likelihoods. */
export function sourceRows({ models, texts, used, L }: Pick<ScoredRun, "models" | "texts" | "used" | "L">): SourceRow[] {
  const columns = new Map<string, number[]>();
  used.forEach((text, column) => {
    const source = sourceOf(texts, text);
    const of = columns.get(source);
    if (of === undefined) columns.set(source, [column]);
    else of.push(column);
  });
  const sources = Array.from(columns, ([source, of]) => ({ source, of, bytes: of.reduce((sum, column) => sum + (texts.texts[used[column] ?? 0]?.bytes ?? 0), 0) }));
  return models.flatMap(({ row }, i) =>
    sources.map(({ source, of, bytes }): SourceRow => {
      const sum = of.reduce((total, column) => total + (L.values[i * L.columns + column] ?? NaN), 0);
      return { model: row.name, source, texts: of.length, bytes, meanLogLikelihood: sum / of.length, bitsPerByte: -sum / (bytes * Math.LN2) };
    }),
  );
}
