/** Matrices in native memory and the addon's functions on them, as typed async functions. */
import type { FixedSizeList, Float64, Table, Vector } from "apache-arrow";
import type { Addon, FloatArray, RunOptions } from "./addon.js";
import { allocateTable } from "./arrow-table.js";
import { withCancel } from "./cancellation.js";
import { loadAddon } from "./load-addon.js";
import { withProgress, type OnProgress } from "./progress.js";

/** A dense row-major matrix, of float64 unless it says otherwise. */
export interface Matrix<Values extends FloatArray = Float64Array<ArrayBuffer>> {
  readonly rows: number;
  readonly columns: number;
  /** rows x columns values. */
  readonly values: Values;
}

/** A matrix in float64 or float32: half the memory; sums, products and results are in float64 all the same. */
export type FloatMatrix = Matrix<FloatArray>;

/** Options of every native function. */
export interface NativeOptions {
  signal?: AbortSignal | undefined;
  /** Default: the cores that this process may use. */
  threads?: number | undefined;
  /** Of the functions that say they tell their progress. */
  onProgress?: OnProgress | undefined;
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

/** One row, without a copy. */
export function matrixRow({ columns, values }: Matrix, row: number): Float64Array<ArrayBuffer> {
  return values.subarray(row * columns, (row + 1) * columns);
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
export function quantile(values: FloatArray, q: number, options: NativeOptions = {}): Promise<number> {
  return callAddon(options, (addon, native) => addon.quantile(values, q, native));
}

/** Raises every value below `threshold` to it, in place; resolves with how many there were. */
export function clip(values: FloatArray, threshold: number, options: NativeOptions = {}): Promise<number> {
  return callAddon(options, (addon, native) => addon.clip(values, threshold, native));
}

/** What {@link doubleCentre} took off. */
export interface Centring {
  /** Means over the columns, one per row. */
  rowMeans: Float64Array;
  /** Means over the rows of the row-centred matrix, one per column. */
  columnMeans: Float64Array;
  /** Entries that were below `least`. */
  clipped: number;
}

/**
 * Double centring: out = matrix minus its row means, minus the column means of that.
 * @param out of the same shape and element type; may be the matrix itself
 * @param options.weights one non-negative weight per column for the row means; default: equal
 * @param options.least entries below it are raised to it first, as {@link clip} does; default: none
 * Rejects with ERR_NUMERIC naming the row for values that are not finite.
 */
export function doubleCentre<Values extends FloatArray>(
  matrix: Matrix<Values>,
  out: Matrix<Values>,
  options: NativeOptions & { weights?: Float64Array | undefined; least?: number | undefined } = {},
): Promise<Centring> {
  const { weights = null, least = null } = options;
  return callAddon(options, (addon, native) =>
    addon.doubleCentre(matrix.values, matrix.rows, matrix.columns, weights, least, out.values, native),
  );
}

/**
 * Squared Euclidean distances between the rows: rows x rows, symmetric to the bit, zero diagonal, never negative;
 * identical rows have distance 0. Rejects with ERR_NUMERIC naming the row for values that are not finite. Tells its progress.
 * @param options.scale positive factor of all distances; default 1
 */
export function squaredDistances(
  matrix: FloatMatrix,
  options: NativeOptions & { scale?: number | undefined } = {},
): Promise<Matrix> {
  return callAddon(options, async (addon, native) => {
    const out = allocateMatrix(matrix.rows, matrix.rows);
    await addon.squaredDistances(matrix.values, matrix.rows, matrix.columns, options.scale ?? 1, out.values, native);
    return out;
  });
}

/** What `principalComponents` gives. */
export interface PrincipalComponents {
  /** rows x components, row-major; the squares of component c add up to eigenvalues[c]. */
  scores: Float64Array;
  /** The leading eigenvalues of the Gram matrix of the column-centred matrix, descending. */
  eigenvalues: Float64Array;
  /** Share of the variance of each component. */
  explained: Float64Array;
}

/**
 * The leading principal components of the rows (columns are centred inside). In each component the entry of largest magnitude is positive.
 * @param components 1..min(rows, columns)
 * Rejects with ERR_NUMERIC naming the row for values that are not finite. Tells its progress.
 */
export function principalComponents(
  matrix: FloatMatrix,
  components: number,
  options: NativeOptions = {},
): Promise<PrincipalComponents> {
  return callAddon(options, async (addon, native) => {
    const found = await addon.principalComponents(matrix.values, matrix.rows, matrix.columns, components, native);
    const { scores, eigenvalues, total } = found;
    return { scores, eigenvalues, explained: eigenvalues.map((value) => (total > 0 ? Math.max(0, value) / total : 0)) };
  });
}

/** What `principalCoordinates` gives. */
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
 * @param options.euclidean that these are distances between points, such as {@link squaredDistances} gives: then large matrices take a
 *   fraction of the time and no second K x K matrix. Default false: any dissimilarities, all of whose eigenvalues are computed
 */
export function principalCoordinates(
  distances: Matrix,
  components: number,
  options: NativeOptions & { euclidean?: boolean | undefined } = {},
): Promise<PrincipalCoordinates> {
  return callAddon(options, (addon, native) =>
    addon.principalCoordinates(distances.values, distances.rows, components, options.euclidean ?? false, native),
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
  return callAddon(options, async (addon, native) => {
    const out = new Float64Array((pairs.length / 2) * resamples);
    await addon.bootstrapPairVariances(matrix.values, matrix.rows, matrix.columns, pairs, counts, resamples, out, native);
    return out;
  });
}

/** Runs a function of the addon with the options that all of them take. */
export function callAddon<T>(options: NativeOptions, run: (addon: Addon, native: RunOptions) => Promise<T>): Promise<T> {
  return withCancel(options.signal, (cancel) =>
    withProgress(options.onProgress, (progress) => {
      const addon = loadAddon();
      const threads = options.threads ?? addon.info().cores;
      return run(addon, { threads, cancel, ...(progress ? { progress } : {}) });
    }),
  );
}
