/** A sequential colour scale for numbers: viridis, linear or logarithmic. */

/** Every 32nd colour of viridis (van der Walt and Smith, CC0): dark to light, readable by colour-blind people and in grey. */
const viridis = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
] as const;

export type Rgb = [number, number, number];

/** @param position 0 (dark) to 1 (light), clamped */
export function viridisColour(position: number): Rgb {
  const at = Math.min(Math.max(position, 0), 1) * (viridis.length - 1);
  const below = Math.min(Math.floor(at), viridis.length - 2);
  const [from, to] = [viridis[below] ?? viridis[0], viridis[below + 1] ?? viridis[0]];
  const mix = (a: number, b: number): number => Math.round(a + (b - a) * (at - below));
  return [mix(from[0], to[0]), mix(from[1], to[1]), mix(from[2], to[2])];
}

export interface ColourScale {
  logarithmic: boolean;
  /** Values at and below `low` have the darkest colour, at and above `high` the lightest. */
  low: number;
  high: number;
  /** Place of a value on the scale, 0 to 1. */
  position: (value: number) => number;
  ticks: number[];
}

/** Beyond this ratio of largest to smallest positive value a linear scale shows nothing of the small ones. */
const logarithmicRatio = 50;
/** Values this far below the largest one share the darkest colour. */
const widestRatio = 1e7;

/** @param values finite; logarithmic where they are not negative and span a wide ratio */
export function colourScale(values: ArrayLike<number>): ColourScale {
  let smallest = Infinity;
  let smallestPositive = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    if (value < smallest) smallest = value;
    if (value > 0 && value < smallestPositive) smallestPositive = value;
    if (value > high) high = value;
  }
  const logarithmic = smallest >= 0 && high / smallestPositive > logarithmicRatio;
  const low = logarithmic ? Math.max(smallestPositive, high / widestRatio) : smallest;
  const along = logarithmic ? Math.log : (value: number): number => value;
  const span = along(high) - along(low);
  const position = (value: number): number =>
    span > 0 ? Math.min(Math.max((along(Math.max(value, logarithmic ? low : -Infinity)) - along(low)) / span, 0), 1) : 0;
  return { logarithmic, low, high, position, ticks: logarithmic ? powersOfTen(low, high) : [low, (low + high) / 2, high] };
}

/** Powers of ten within a range; both ends where there are fewer than two. */
function powersOfTen(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.ceil(Math.log10(low)); power <= Math.floor(Math.log10(high)); power++) ticks.push(Number(`1e${power}`));
  return ticks.length >= 2 ? ticks : [low, high];
}
