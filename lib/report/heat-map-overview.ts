/** The heat map of more models than the page holds pairs of: blocks of models in tree order. */

/** Blocks per side at most. */
export const mostBlocks = 1000;

export interface HeatMapOverview {
  /** Blocks per side. */
  blocks: number;
  /** Upper triangle with diagonal, row by row: the geometric mean of the positive divergences between two blocks, bits/byte; 0 where there is none. */
  kl: Float64Array;
}

/** First place in the order of block `block` of `blocks`; of `blocks` itself the number of models. */
export const blockStart = (block: number, blocks: number, models: number): number => Math.floor((block * models) / blocks);

/** Position of two blocks in the triangle. */
export function blockPair(blocks: number, one: number, other: number): number {
  const [a, b] = one < other ? [one, other] : [other, one];
  return a * blocks - (a * (a - 1)) / 2 + (b - a);
}

/** Mean of two blocks, bits/byte; NaN where there is none. */
export const overviewKl = ({ blocks, kl }: { blocks: number; kl: ArrayLike<number> }, one: number, other: number): number => kl[blockPair(blocks, one, other)] || NaN;

/** @param kl K x K @param order of the models */
export function heatMapOverview(kl: Float64Array, order: Int32Array): HeatMapOverview {
  const count = order.length;
  const blocks = Math.min(count, mostBlocks);
  const blockOf = new Int32Array(count);
  for (let block = 0; block < blocks; block++) blockOf.fill(block, blockStart(block, blocks, count), blockStart(block + 1, blocks, count));
  const sums = new Float64Array((blocks * (blocks + 1)) / 2);
  const counts = new Uint32Array(sums.length);
  for (let i = 0; i < count; i++) {
    const row = (order[i] ?? 0) * count;
    for (let j = i + 1; j < count; j++) {
      const value = kl[row + (order[j] ?? 0)] ?? NaN;
      if (!(value > 0)) continue;
      const pair = blockPair(blocks, blockOf[i] ?? 0, blockOf[j] ?? 0);
      sums[pair] = (sums[pair] ?? 0) + Math.log(value);
      counts[pair] = (counts[pair] ?? 0) + 1;
    }
  }
  return { blocks, kl: sums.map((sum, pair) => ((counts[pair] ?? 0) > 0 ? Math.exp(sum / (counts[pair] ?? 1)) : 0)) };
}
