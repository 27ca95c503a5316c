/** Matrices in native memory and the addon's functions on them, as typed async functions. */
import type { FixedSizeList, Float64, Vector } from "apache-arrow";
import { LlmapError } from "../errors.js";
import type { CancelFlag } from "./addon.js";
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

/** A matrix whose values can become an Arrow column. */
export interface ArrowMatrix extends Matrix {
  /** The values as one fixed-size list of `columns` float64 per row, without a copy. */
  toColumn(): Vector<FixedSizeList<Float64>>;
}

export interface MatrixOptions {
  signal?: AbortSignal | undefined;
  /** Default: the cores that this process may use. */
  threads?: number | undefined;
}

/** A matrix of zeros, under 4 GiB (about 23,000 x 23,000). Throws ERR_ARGUMENT beyond that. */
export function allocateMatrix(rows: number, columns: number): ArrowMatrix {
  const table = allocateTable([{ name: "values", type: "fixedSizeList", item: "float64", size: columns }], rows);
  return {
    rows,
    columns,
    values: table.columns.values,
    toColumn() {
      const column = table.toTable().getChild("values") as Vector<FixedSizeList<Float64>> | null;
      if (column === null) throw new LlmapError("ERR_ARGUMENT", "Expected the matrix's table to have a column named values.");
      return column;
    },
  };
}

/** Quantile q in [0, 1] of all values, linear interpolation as numpy's default. Rejects with ERR_NUMERIC for NaN. */
export function quantile(matrix: Matrix, q: number, options: MatrixOptions = {}): Promise<number> {
  return call(options, (addon, native) => addon.quantile(matrix.values, q, native));
}

/** Raises every value below `threshold` to it, in place; resolves with how many there were. */
export function clip(matrix: Matrix, threshold: number, options: MatrixOptions = {}): Promise<number> {
  return call(options, (addon, native) => addon.clip(matrix.values, threshold, native));
}

/** Means that {@link doubleCentre} took off. */
export interface CentringMeans {
  /** Means over the columns, one per row. */
  rowMeans: Float64Array;
  /** Means over the rows of the row-centred matrix, one per column. */
  columnMeans: Float64Array;
}

/**
 * Double centring: takes off the row means, then the column means of what is left.
 * @param options.weights one non-negative weight per column for the row means; default: equal
 * @param options.out receives the result; default: the matrix itself
 * Rejects with ERR_NUMERIC naming the row for values that are not finite.
 */
export function doubleCentre(
  matrix: Matrix,
  options: MatrixOptions & { weights?: Float64Array | undefined; out?: Matrix | undefined } = {},
): Promise<CentringMeans> {
  const out = options.out ?? matrix;
  const weights = options.weights ?? null;
  return call(options, (addon, native) =>
    addon.doubleCentre(matrix.values, matrix.rows, matrix.columns, weights, out.values, native),
  );
}

/**
 * Squared Euclidean distances between the rows: rows x rows, symmetric to the bit, zero diagonal, never negative;
 * identical rows have distance 0. Rejects with ERR_NUMERIC naming the row for values that are not finite.
 */
export function squaredDistances(matrix: Matrix, options: MatrixOptions = {}): Promise<ArrowMatrix> {
  return call(options, async (addon, native) => {
    const out = allocateMatrix(matrix.rows, matrix.rows);
    await addon.squaredDistances(matrix.values, matrix.rows, matrix.columns, out.values, native);
    return out;
  });
}

export interface PrincipalCoordinates {
  /** rows x components; component c has variance eigenvalues[c] / rows. */
  coordinates: Matrix;
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
  options: MatrixOptions = {},
): Promise<PrincipalCoordinates> {
  const { rows } = distances;
  return call(options, async (addon, native) => {
    const { coordinates, eigenvalues, positiveSum } = await addon.principalCoordinates(
      distances.values,
      rows,
      components,
      native,
    );
    return { coordinates: { rows, columns: components, values: coordinates }, eigenvalues, positiveSum };
  });
}

function call<T>(
  options: MatrixOptions,
  run: (addon: ReturnType<typeof loadAddon>, native: { threads: number; cancel: CancelFlag }) => Promise<T>,
): Promise<T> {
  return withCancel(options.signal, (cancel) => {
    const addon = loadAddon();
    return run(addon, { threads: options.threads ?? addon.info().cores, cancel });
  });
}
