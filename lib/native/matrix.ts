/** Matrices in native memory and the addon's functions on them, as typed async functions. */
import type { FixedSizeList, Float64, Table, Vector } from "apache-arrow";
import type { Addon, CancelFlag } from "./addon.js";
import { allocateTable } from "./arrow-table.js";
import { withCancel } from "./cancellation.js";
import { loadAddon } from "./load-addon.js";

/** A dense row-major float64 matrix. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** rows x columns values. */
  readonly values: Float64Array<ArrayBuffer>;
}

export interface NativeOptions {
  signal?: AbortSignal | undefined;
  /** Default: the cores that this process may use. */
  threads?: number | undefined;
}

// The tables whose memory the matrices of allocateMatrix use.
const tables = new WeakMap<Float64Array, Table>();

/** A matrix of zeros, under 4 GiB (23,000 x 23,000). Throws ERR_ARGUMENT beyond that. */
export function allocateMatrix(rows: number, columns: number): Matrix {
  const table = allocateTable([{ name: "values", type: "fixedSizeList", item: "float64", size: columns }], rows);
  const { values } = table.columns;
  tables.set(values, table.toTable());
  return { rows, columns, values };
}

/**
 * The matrix as an Arrow column: a fixed-size list of `columns` float64 per row. Without a copy where the matrix comes from
 * this module.
 */
export function matrixColumn(matrix: Matrix): Vector<FixedSizeList<Float64>> {
  const column = tables.get(matrix.values)?.getChild("values");
  if (column) return column as Vector<FixedSizeList<Float64>>;
  const copy = allocateMatrix(matrix.rows, matrix.columns);
  copy.values.set(matrix.values);
  return matrixColumn(copy);
}

/** Quantile q in [0, 1] of all values, linear interpolation as numpy's default. Rejects with ERR_NUMERIC for NaN. */
export function quantile(values: Float64Array, q: number, options: NativeOptions = {}): Promise<number> {
  return call(options, (addon, native) => addon.quantile(values, q, native));
}

/** Raises every value below `threshold` to it, in place; resolves with how many there were. */
export function clip(values: Float64Array, threshold: number, options: NativeOptions = {}): Promise<number> {
  return call(options, (addon, native) => addon.clip(values, threshold, native));
}

/** Means that {@link doubleCentre} took off. */
export interface CentringMeans {
  /** Means over the columns, one per row. */
  rowMeans: Float64Array;
  /** Means over the rows of the row-centred matrix, one per column. */
  columnMeans: Float64Array;
}

/**
 * Double centring: out = matrix minus its row means, minus the column means of that.
 * @param out of the same shape; may be the matrix itself
 * @param options.weights one non-negative weight per column for the row means; default: equal
 * Rejects with ERR_NUMERIC naming the row for values that are not finite.
 */
export function doubleCentre(
  matrix: Matrix,
  out: Matrix,
  options: NativeOptions & { weights?: Float64Array | undefined } = {},
): Promise<CentringMeans> {
  const weights = options.weights ?? null;
  return call(options, (addon, native) =>
    addon.doubleCentre(matrix.values, matrix.rows, matrix.columns, weights, out.values, native),
  );
}

/**
 * Squared Euclidean distances between the rows: rows x rows, symmetric to the bit, zero diagonal, never negative;
 * identical rows have distance 0. Rejects with ERR_NUMERIC naming the row for values that are not finite.
 */
export function squaredDistances(matrix: Matrix, options: NativeOptions = {}): Promise<Matrix> {
  return call(options, async (addon, native) => {
    const out = allocateMatrix(matrix.rows, matrix.rows);
    await addon.squaredDistances(matrix.values, matrix.rows, matrix.columns, out.values, native);
    return out;
  });
}

export interface PrincipalCoordinates {
  /** rows x components, row-major; the squares of component c add up to eigenvalues[c]. */
  coordinates: Float64Array;
  /** The leading eigenvalues, descending. */
  eigenvalues: Float64Array;
  /** Sum of all positive eigenvalues: the whole of what the distances hold, for shares of variance. */
  positiveSum: number;
}

/**
 * Classical multidimensional scaling of points with the given squared distances (rows x rows, symmetric); for Euclidean
 * distances these are the principal components. In each component the entry of largest magnitude is positive.
 * @param components 1..rows
 */
export function principalCoordinates(
  distances: Matrix,
  components: number,
  options: NativeOptions = {},
): Promise<PrincipalCoordinates> {
  return call(options, (addon, native) =>
    addon.principalCoordinates(distances.values, distances.rows, components, native),
  );
}

/**
 * Variances (ddof 0) of the differences between pairs of rows, in resamples of the columns with replacement.
 * @param pairs two row numbers for each pair
 * @param counts resamples x columns: how often each column was drawn
 * Resolves with pairs x resamples: never negative, 0 for identical rows. Rejects with ERR_NUMERIC for values that are not finite
 * and for a resample without a column.
 */
export function bootstrapPairVariances(
  matrix: Matrix,
  pairs: Int32Array,
  counts: Uint8Array,
  resamples: number,
  options: NativeOptions = {},
): Promise<Float64Array> {
  return call(options, async (addon, native) => {
    const out = new Float64Array((pairs.length / 2) * resamples);
    await addon.bootstrapPairVariances(matrix.values, matrix.rows, matrix.columns, pairs, counts, resamples, out, native);
    return out;
  });
}

function call<T>(
  options: NativeOptions,
  run: (addon: Addon, native: { threads: number; cancel: CancelFlag }) => Promise<T>,
): Promise<T> {
  return withCancel(options.signal, (cancel) => {
    const addon = loadAddon();
    return run(addon, { threads: options.threads ?? addon.info().cores, cancel });
  });
}
