/**
 * Nearest models: `nearestModels` reads one row of a KL matrix that is there; `nearestNeighbours` finds them for all rows of Q (or any matrix)
 * without a K x K matrix, also where the K x N matrix itself does not fit into memory.
 */
import { LlmapError } from "../errors.js";
import type { FloatArray } from "../native/addon.js";
import { callAddon, type FloatMatrix, type NativeOptions } from "../native/matrix.js";

/** A near model. */
export interface Neighbour {
  /** Position of the model among the rows. */
  model: number;
  /** KL divergence in the unit of the matrix. */
  kl: number;
}

/**
 * The nearest models of one row, nearest first, ties in row order.
 * @param kl K x K row-major
 */
export function nearestModels(kl: Float64Array, count: number, row: number, most: number): Neighbour[] {
  const nearest: Neighbour[] = [];
  for (let model = 0; model < count; model++) {
    const value = kl[row * count + model] ?? NaN;
    if (model === row || (nearest.length >= most && !(value < (nearest.at(-1)?.kl ?? -Infinity)))) continue;
    let place = nearest.length;
    while (place > 0 && value < (nearest[place - 1]?.kl ?? NaN)) place--;
    nearest.splice(place, 0, { model, kl: value });
    if (nearest.length > most) nearest.pop();
  }
  return nearest;
}

/** A K x N matrix that is read in blocks of rows, for example from a file (row-file.ts). */
export interface RowSource {
  /** K. */
  readonly rows: number;
  /** N. */
  readonly columns: number;
  /** Resolves with rows `first` to `first + count - 1`, count x N row-major; always of one element type. */
  readRows(first: number, count: number): Promise<FloatArray>;
}

/** Lists in row order: entry n of row i lies at i * count + n. */
export interface NearestNeighbours {
  count: number;
  /** Row numbers of the neighbours, nearest first; equal distances by row number. */
  rows: Int32Array;
  squaredDistances: Float64Array;
}

/** Rows per tile of the addon: blocks are multiples, so that the same tiles, and so the same bits, come out of every block size. */
const tileRows = 256;
const defaultBlockBytes = 256 * 1024 * 1024;

/**
 * The `count` nearest other rows of every row by squared Euclidean distance, exactly: every pair is computed once, as squaredDistances does.
 * Memory: K x count lists (12 bytes an entry), and of a source three blocks of rows. A source is read (B + 1) / 2 times over,
 * B being its number of blocks.
 * @param count 1..K-1
 * @param options.blockRows rows per block of a source, rounded up to a multiple of 256; default: 256 MiB of float64
 * Errors: ERR_ARGUMENT; ERR_NUMERIC naming the row for values that are not finite; what `readRows` rejects with. Tells its progress.
 */
export async function nearestNeighbours(
  source: FloatMatrix | RowSource,
  count: number,
  options: NativeOptions & { blockRows?: number | undefined } = {},
): Promise<NearestNeighbours> {
  const { rows: total, columns } = source;
  if (!Number.isInteger(count) || count < 1 || count >= total) {
    throw new LlmapError("ERR_ARGUMENT", `Expected a number of neighbours from 1 to ${total - 1} (one less than the rows) but received ${count}`);
  }
  const found: NearestNeighbours = {
    count,
    rows: new Int32Array(total * count).fill(-1),
    squaredDistances: new Float64Array(total * count).fill(Infinity),
  };
  const update = (a: Block, b: Block, onProgress?: (share: number) => void): Promise<void> =>
    callAddon({ ...options, onProgress }, (addon, native) =>
      addon.updateNearest(a.values, a.first, b.values, b.first, columns, found.squaredDistances, found.rows, count, native),
    );

  if ("values" in source) {
    const all = { values: source.values, first: 0 };
    await update(all, all, options.onProgress);
    return found;
  }

  const wanted = options.blockRows ?? Math.floor(defaultBlockBytes / (8 * columns));
  const blockRows = Math.max(1, Math.ceil(wanted / tileRows)) * tileRows;
  const read = (first: number): Promise<Block> => readBlock(source, first, Math.min(blockRows, total - first));
  // Pairs of rows that were compared tell the progress.
  let comparedPairs = 0;
  const compare = async (a: Block, b: Block): Promise<void> => {
    const [rowsA, rowsB] = [a.values.length / columns, b.values.length / columns];
    const pairs = a === b ? (rowsA * (rowsA + 1)) / 2 : rowsA * rowsB;
    const share = (part: number): number => (comparedPairs + part * pairs) / ((total * (total + 1)) / 2);
    await update(a, b, options.onProgress && ((part) => options.onProgress?.(share(part))));
    comparedPairs += pairs;
  };
  for (let first = 0; first < total; first += blockRows) {
    const block = await read(first);
    // The next block is read while two are compared.
    let next = first > 0 ? settled(read(0)) : null;
    await compare(block, block);
    for (let earlier = 0; next !== null; earlier += blockRows) {
      const other = (await next)();
      next = earlier + blockRows < first ? settled(read(earlier + blockRows)) : null;
      await compare(block, other);
    }
  }
  return found;
}

interface Block {
  values: FloatArray;
  /** Row number of its first row. */
  first: number;
}

async function readBlock(source: RowSource, first: number, count: number): Promise<Block> {
  const values = await source.readRows(first, count);
  if (values.length !== count * source.columns) {
    throw new LlmapError(
      "ERR_ARGUMENT",
      `Expected ${count} x ${source.columns} values from readRows(${first}, ${count}) but received ${values.length}`,
    );
  }
  return { values, first };
}

/** A promise that never rejects, for work that nobody waits for yet: it resolves with a function that returns or throws. */
function settled<T>(work: Promise<T>): Promise<() => T> {
  return work.then(
    (value) => () => value,
    (error: unknown) => () => {
      throw error;
    },
  );
}
