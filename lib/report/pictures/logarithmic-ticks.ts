/** Ticks of a logarithmic axis. */

const mostTicks = 9;

/** Powers of ten within a range, with their 2- and 5-fold or all multiples where that is not too many, a round step of the values where the range is short. */
export function logarithmicTicks(low: number, high: number): number[] {
  const powers = Array.from({ length: Math.floor(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 }, (_, i) => Math.floor(Math.log10(low)) + i);
  const within = (factors: readonly number[]): number[] => powers.flatMap((power) => factors.map((factor) => Number(`${factor}e${power}`))).filter((tick) => tick >= low && tick <= high);
  for (const factors of [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 5], [1]]) {
    const ticks = within(factors);
    if (ticks.length <= 2) break;
    if (ticks.length <= mostTicks) return ticks;
  }
  const tens = within([1]);
  if (tens.length > mostTicks) return tens.filter((_, i) => i % Math.ceil(tens.length / mostTicks) === 0);
  const step = 10 ** Math.floor(Math.log10((high - low) / 2));
  const factor = [1, 2, 5, 10].find((times) => (high - low) / (times * step) <= mostTicks) ?? 10;
  const first = Math.ceil(low / (step * factor));
  return Array.from({ length: Math.floor(high / (step * factor)) - first + 1 }, (_, i) => Number(((first + i) * step * factor).toPrecision(6)));
}
