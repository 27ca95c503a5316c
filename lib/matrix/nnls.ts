/** Non-negative least squares by the active set method of Lawson and Hanson ("Solving Least Squares Problems", 1974, chapter 23), from the normal equations. */
import { LlmapError } from "../errors.js";

/** Of the largest entry of f: a gradient below it is rounding, and of a diagonal entry: a pivot below it is a column that others make up. */
const tolerance = 1e-11;

/**
 * The w >= 0 that makes w'Gw / 2 - f'w least: for G = A'A and f = A'b that of |Aw - b|. Columns that are combinations of others get no weight of their own.
 * @param gram n x n, row-major, symmetric, positive semi-definite
 * @param f n numbers
 * Work: O(n) per entry of the solution and step, and the factor of the entries above 0 alone. Errors: ERR_NUMERIC where the steps do not end.
 */
export function nonNegativeLeastSquares(gram: Float64Array, f: Float64Array): Float64Array {
  const n = f.length;
  const w = new Float64Array(n);
  const passive = new PassiveSet(gram, n);
  const isBarred = new Uint8Array(n); // dependent on the passive set as it is
  const least = tolerance * f.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const mostSteps = 10 * n + 10;
  for (let step = 0; step < mostSteps; step++) {
    const entering = steepest(gram, f, w, passive, isBarred, least);
    if (entering === -1) return w;
    if (!passive.add(entering)) {
      isBarred[entering] = 1;
      continue;
    }
    isBarred.fill(0);
    for (let inner = 0; ; inner++) {
      if (inner > n) throw notEnding();
      const solution = passive.solve(f);
      if (solution.every((value) => value > 0)) {
        passive.members.forEach((column, i) => (w[column] = solution[i] ?? 0));
        break;
      }
      moveUntilZero(w, passive, solution);
    }
  }
  throw notEnding();
}

/** The column outside the passive set whose weight lowers the sum fastest; -1 where none does. */
function steepest(gram: Float64Array, f: Float64Array, w: Float64Array, passive: PassiveSet, isBarred: Uint8Array, least: number): number {
  const n = f.length;
  let [best, descent] = [-1, least];
  for (let j = 0; j < n; j++) {
    if (passive.has(j) || isBarred[j] === 1) continue;
    let slope = f[j] ?? 0;
    for (const i of passive.members) slope -= (gram[j * n + i] ?? 0) * (w[i] ?? 0);
    if (slope > descent) [best, descent] = [j, slope];
  }
  return best;
}

/** Goes from w towards the solution as far as no weight falls below 0, and takes out those that are 0 there. */
function moveUntilZero(w: Float64Array, passive: PassiveSet, solution: readonly number[]): void {
  let share = 1;
  let blocking = -1;
  passive.members.forEach((column, i) => {
    const [from, to] = [w[column] ?? 0, solution[i] ?? 0];
    const reach = from / (from - to);
    if (to <= 0 && (blocking === -1 || reach < share)) [share, blocking] = [from === 0 ? 0 : reach, column];
  });
  passive.members.forEach((column, i) => (w[column] = (w[column] ?? 0) + share * ((solution[i] ?? 0) - (w[column] ?? 0))));
  for (const column of passive.members.filter((member) => member === blocking || (w[member] ?? 0) <= 0)) {
    w[column] = 0;
    passive.remove(column);
  }
}

const notEnding = (): LlmapError =>
  new LlmapError("ERR_NUMERIC", "Non-negative least squares did not end. Its matrix is not a Gram matrix: expected symmetric and positive semi-definite.");

/** The columns with weights above 0, and the Cholesky factor of their part of the Gram matrix, in the order in which they came. */
class PassiveSet {
  members: number[] = [];
  readonly #isMember: Uint8Array;
  /** Lower triangle, row by row. */
  #factor: Float64Array[] = [];

  constructor(
    private readonly gram: Float64Array,
    private readonly n: number,
  ) {
    this.#isMember = new Uint8Array(n);
  }

  has(column: number): boolean {
    return this.#isMember[column] === 1;
  }

  /** False where the column is a combination of the members, up to rounding. */
  add(column: number): boolean {
    const row = new Float64Array(this.members.length + 1);
    const diagonal = this.gram[column * this.n + column] ?? 0;
    let pivot = diagonal;
    for (const [i, member] of this.members.entries()) {
      const other = this.#factor[i] ?? row;
      let value = this.gram[column * this.n + member] ?? 0;
      for (let k = 0; k < i; k++) value -= (row[k] ?? 0) * (other[k] ?? 0);
      value /= other[i] ?? NaN;
      row[i] = value;
      pivot -= value * value;
    }
    if (!(pivot > tolerance * diagonal)) return false;
    row[this.members.length] = Math.sqrt(pivot);
    this.#factor.push(row);
    this.members.push(column);
    this.#isMember[column] = 1;
    return true;
  }

  remove(column: number): void {
    const at = this.members.indexOf(column);
    const later = this.members.slice(at + 1);
    this.members.length = at;
    this.#factor.length = at;
    this.#isMember[column] = 0;
    // Members before these are the same, so the columns are as independent as they were.
    for (const member of later) {
      this.#isMember[member] = 0;
      this.add(member);
    }
  }

  /** The least sum without the bounds, in the order of the members. */
  solve(f: Float64Array): number[] {
    const count = this.members.length;
    const x = this.members.map((column) => f[column] ?? 0);
    for (let i = 0; i < count; i++) {
      const row = this.#factor[i];
      for (let k = 0; k < i; k++) x[i] = (x[i] ?? 0) - (row?.[k] ?? 0) * (x[k] ?? 0);
      x[i] = (x[i] ?? 0) / (row?.[i] ?? NaN);
    }
    for (let i = count - 1; i >= 0; i--) {
      for (let k = i + 1; k < count; k++) x[i] = (x[i] ?? 0) - (this.#factor[k]?.[i] ?? 0) * (x[k] ?? 0);
      x[i] = (x[i] ?? 0) / (this.#factor[i]?.[i] ?? NaN);
    }
    return x;
  }
}
