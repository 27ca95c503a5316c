/** Round numbers along an axis. */

/** 1, 2 or 5 times a power of ten: the smallest such number of at least `least`, which is positive. */
export function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
}

/** Multiples of a round step within a range, at most `most` + 1 of them. */
export function linearTicks(low: number, high: number, most: number): number[] {
  const step = roundStep((high - low) / most);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, i) => (first + i) * step);
}

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
  return linearTicks(low, high, mostTicks).map((tick) => Number(tick.toPrecision(6)));
}
