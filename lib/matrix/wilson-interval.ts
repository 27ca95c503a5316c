import type { Interval } from "./bootstrap.js";

/** Normal quantile of 97.5 %. */
const z = 1.959963984540054;

/** The 95 % score interval of a share, `count` of `of` (Wilson 1927, "Probable inference, the law of succession, and statistical inference"). [0, 1] of none. */
export function wilsonInterval(count: number, of: number): Interval {
  if (of === 0) return { low: 0, high: 1 };
  const share = count / of;
  const middle = share + (z * z) / (2 * of);
  const half = z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  const scale = 1 + (z * z) / of;
  return { low: count === 0 ? 0 : (middle - half) / scale, high: count === of ? 1 : (middle + half) / scale };
}
