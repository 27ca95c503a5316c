/** Correlations of two equally long lists of numbers. NaN where one of them is constant. */

/** Pearson's correlation. */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [x, y] = [centred(a), centred(b)];
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}

/** Spearman's: Pearson's of the ranks, equal values having the mean of theirs. */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return pearson(ranks(a), ranks(b));
}

function centred(values: ArrayLike<number>): Float64Array {
  const all = Float64Array.from(values);
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  return all.map((value) => value - mean);
}

const product = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? NaN), 0);

function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from(values, (value, i) => ({ value, i })).sort((a, b) => a.value - b.value);
  const found = new Float64Array(order.length);
  let first = 0;
  while (first < order.length) {
    let end = first + 1;
    while (end < order.length && order[end]?.value === order[first]?.value) end++;
    for (let k = first; k < end; k++) found[order[k]?.i ?? 0] = (first + end + 1) / 2;
    first = end;
  }
  return found;
}
