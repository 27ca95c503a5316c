/** Points on the screen, sorted into squares so that a search looks only at those it touches. */

const side = 24;

export class PointGrid {
  readonly #columns: number;
  readonly #rows: number;
  /** The points of square s are `points` from starts[s] to starts[s + 1]. */
  readonly #starts: Int32Array;
  readonly #points: Int32Array;

  /** @param x and `y`: pixels; points outside of `width` x `height` are not found */
  constructor(
    readonly x: ArrayLike<number>,
    readonly y: ArrayLike<number>,
    width: number,
    height: number,
  ) {
    this.#columns = Math.max(1, Math.ceil(width / side));
    this.#rows = Math.max(1, Math.ceil(height / side));
    const square = new Int32Array(x.length);
    const counts = new Int32Array(this.#columns * this.#rows + 1);
    for (let point = 0; point < x.length; point++) {
      const [px, py] = [x[point] ?? NaN, y[point] ?? NaN];
      const inside = px >= 0 && py >= 0 && px < width && py < height;
      const at = inside ? Math.floor(py / side) * this.#columns + Math.floor(px / side) : -1;
      square[point] = at;
      if (inside) counts[at + 1] = (counts[at + 1] ?? 0) + 1;
    }
    for (let s = 1; s < counts.length; s++) counts[s] = (counts[s] ?? 0) + (counts[s - 1] ?? 0);
    this.#starts = counts;
    this.#points = new Int32Array(counts.at(-1) ?? 0);
    const next = counts.slice();
    for (let point = 0; point < x.length; point++) {
      const at = square[point] ?? -1;
      if (at === -1) continue;
      this.#points[next[at] ?? 0] = point;
      next[at] = (next[at] ?? 0) + 1;
    }
  }

  /** Calls `found` for each point in a rectangle; stops where it returns false. */
  within(left: number, right: number, top: number, bottom: number, found: (point: number) => boolean): void {
    const squareOf = (pixel: number, count: number): number => Math.min(Math.max(Math.floor(pixel / side), 0), count - 1);
    for (let row = squareOf(top, this.#rows); row <= squareOf(bottom, this.#rows); row++) {
      for (let column = squareOf(left, this.#columns); column <= squareOf(right, this.#columns); column++) {
        const at = row * this.#columns + column;
        for (let i = this.#starts[at] ?? 0; i < (this.#starts[at + 1] ?? 0); i++) {
          const point = this.#points[i] ?? -1;
          const [x, y] = [this.x[point] ?? NaN, this.y[point] ?? NaN];
          if (x >= left && x <= right && y >= top && y <= bottom && !found(point)) return;
        }
      }
    }
  }

  /** The point nearest to a place, at most `radius` away; null where there is none. @param accepts which points count */
  nearest(x: number, y: number, radius: number, accepts: (point: number) => boolean = () => true): number | null {
    let [best, distance] = [-1, radius ** 2];
    this.within(x - radius, x + radius, y - radius, y + radius, (point) => {
      const squared = ((this.x[point] ?? NaN) - x) ** 2 + ((this.y[point] ?? NaN) - y) ** 2;
      if (squared <= distance && accepts(point)) [best, distance] = [point, squared];
      return true;
    });
    return best === -1 ? null : best;
  }
}
