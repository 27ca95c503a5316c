/** KL divergences as the page holds them: the upper triangle, row by row, as 32-bit floats. */

/** Divergences of all pairs of `count` models, bits per byte, at 32-bit precision (relative error at most 6e-8). */
export class KlTriangle {
  /** @param values count (count - 1) / 2 divergences: (0,1), (0,2), ..., (1,2), ... */
  constructor(
    readonly count: number,
    readonly values: Float32Array,
  ) {
    if (values.length !== (count * (count - 1)) / 2) {
      throw new RangeError(`Expected ${(count * (count - 1)) / 2} divergences of ${count} models but found ${values.length}.`);
    }
  }

  /** @param matrix count x count row-major, symmetric */
  static fromMatrix(matrix: ArrayLike<number>, count: number): KlTriangle {
    const values = new Float32Array((count * (count - 1)) / 2);
    let next = 0;
    for (let i = 0; i < count; i++) {
      for (let j = i + 1; j < count; j++) values[next++] = matrix[i * count + j] ?? NaN;
    }
    return new KlTriangle(count, values);
  }

  at(i: number, j: number): number {
    if (i === j) return 0;
    const a = Math.min(i, j);
    const b = Math.max(i, j);
    return this.values[a * (this.count - 1) - (a * (a - 1)) / 2 + (b - a - 1)] ?? NaN;
  }

  /** The `most` models nearest to `model`, nearest first, ties in row order. */
  nearest(model: number, most: number): { model: number; kl: number }[] {
    const best: { model: number; kl: number }[] = [];
    for (let other = 0; other < this.count; other++) {
      if (other === model) continue;
      const kl = this.at(model, other);
      if (best.length === most && kl >= (best.at(-1)?.kl ?? Infinity)) continue;
      const place = best.findIndex((entry) => kl < entry.kl);
      best.splice(place < 0 ? best.length : place, 0, { model: other, kl });
      best.length = Math.min(best.length, most);
    }
    return best;
  }
}
