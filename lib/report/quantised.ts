/** Numbers in 16 bits, with a precision that the page states. */

/** Positive numbers and zeros by their logarithm: 0 stands for 0, 1 to 65,535 for `low` to `high` in equal ratios. */
export interface LogQuantised {
  low: number;
  high: number;
  codes: Uint16Array;
}

const highestCode = 65_535;

/** @param values finite, not negative. Throws RangeError naming the first that is not: no code stands for it. */
export function quantiseLogarithm(values: ArrayLike<number>): LogQuantised {
  let [low, high] = [Infinity, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    if (!(value >= 0 && value < Infinity)) throw new RangeError(`Expected finite numbers of at least 0 but found ${value} at position ${i}.`);
    if (value > 0 && value < low) low = value;
    if (value > high) high = value;
  }
  if (high === 0) low = high = 1; // zeros only
  const step = logarithmicStep(low, high);
  const codes = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    codes[i] = value > 0 ? 1 + (step > 0 ? Math.round(Math.log(value / low) / step) : 0) : 0;
  }
  return { low, high, codes };
}

export function restoreLogarithm({ low, high, codes }: LogQuantised): Float32Array {
  const step = logarithmicStep(low, high);
  // A table, because exp for each of millions of pairs takes long.
  const table = Float32Array.from({ length: highestCode + 1 }, (_, code) => (code === 0 ? 0 : low * Math.exp((code - 1) * step)));
  const values = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) values[i] = table[codes[i] ?? 0] ?? NaN;
  return values;
}

/** Largest relative error of a restored value. */
export function logarithmicError({ low, high }: Pick<LogQuantised, "low" | "high">): number {
  return Math.expm1(logarithmicStep(low, high) / 2) + singlePrecision;
}

/** Largest relative error of a number in 32 bits. */
export const singlePrecision = 2 ** -24;

const logarithmicStep = (low: number, high: number): number => Math.log(high / low) / (highestCode - 1);

/** A matrix with a linear scale for each column: 0 to 65,534 for its lowest to its highest value, 65,535 for a value that is not there. */
export interface ColumnQuantised {
  rows: number;
  columns: number;
  /** Lowest value and distance of two codes, of each column. */
  lows: Float64Array;
  steps: Float64Array;
  /** rows x columns, row-major. */
  codes: Uint16Array;
}

/** @param at value of a row and column; NaN where there is none */
export function quantiseColumns(rows: number, columns: number, at: (row: number, column: number) => number): ColumnQuantised {
  const lows = new Float64Array(columns);
  const steps = new Float64Array(columns);
  const codes = new Uint16Array(rows * columns).fill(highestCode);
  for (let column = 0; column < columns; column++) {
    let [low, high] = [Infinity, -Infinity];
    for (let row = 0; row < rows; row++) {
      const value = at(row, column);
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (high === -Infinity) continue;
    const step = (high - low) / (highestCode - 1);
    lows[column] = low;
    steps[column] = step;
    for (let row = 0; row < rows; row++) {
      const value = at(row, column);
      if (!Number.isNaN(value)) codes[row * columns + column] = step > 0 ? Math.round((value - low) / step) : 0;
    }
  }
  return { rows, columns, lows, steps, codes };
}

/** One row of the matrix; NaN where there is no value. */
export function restoreRow({ columns, lows, steps, codes }: ColumnQuantised, row: number): Float64Array {
  return Float64Array.from({ length: columns }, (_, column) => {
    const code = codes[row * columns + column] ?? highestCode;
    return code === highestCode ? NaN : (lows[column] ?? NaN) + code * (steps[column] ?? NaN);
  });
}

/** Largest absolute error of a restored value. */
export function columnError({ steps }: Pick<ColumnQuantised, "steps">): number {
  return steps.reduce((most, step) => Math.max(most, step), 0) / 2;
}
