/** Names beside the points of a map: one for points that fall on one another, none where it would cover several others. */
import { shortenName } from "../format.js";

export interface MapLabel {
  /** Empty for a point without a label. */
  text: string;
  side: "left" | "right";
}

/** Points nearer than this, in pixels, cannot be told apart. */
const sharedRadius = 7;
/** A label may cover this many points of other models. */
const mostCovered = 1;
/** Pixels between point and label. */
export const labelGap = 6;
const labelHeight = 14;
/** Wide enough for the letters of names at 12 pixels; the exact width depends on the reader's font. */
const letterWidth = 6.6;
/** Longer labels are cut, pixels. */
const widestLabel = 190;

type Point = readonly [number, number];

/**
 * @param pixels places of the points on the screen
 * @param width of the screen, pixels
 * @returns for each point its name, its name and how many more points are there ("base-f16 +3"), or nothing
 */
export function mapLabels(names: readonly string[], pixels: readonly Point[], width: number): MapLabel[] {
  const squares = new PointSquares(pixels);
  const speaks = names.map(() => true);
  return names.map((name, point) => {
    const at = pixels[point];
    if (at === undefined || !speaks[point]) return { text: "", side: "right" };
    const here = squares.within(at[0] - sharedRadius, at[0] + sharedRadius, at[1] - sharedRadius, at[1] + sharedRadius);
    const others = here.filter((other) => other > point && speaks[other]);
    for (const other of others) speaks[other] = false;
    const more = others.length > 0 ? ` +${others.length}` : "";
    const room = Math.min(widestLabel, Math.max(at[0], width - at[0]) - labelGap);
    const text = shortenName(name, Math.floor(room / letterWidth) - more.length) + more;
    const labelWidth = text.length * letterWidth;
    const right = at[0] + labelGap;
    const left = at[0] - labelGap - labelWidth;
    const [top, bottom] = [at[1] - labelHeight / 2, at[1] + labelHeight / 2];
    const covered = (from: number): number =>
      squares.within(from, from + labelWidth, top, bottom).filter((other) => !here.includes(other)).length;
    const coveredRight = right + labelWidth <= width ? covered(right) : Infinity;
    const coveredLeft = left >= 0 ? covered(left) : Infinity;
    if (Math.min(coveredRight, coveredLeft) > mostCovered) return { text: "", side: "right" };
    return { text, side: coveredRight <= coveredLeft ? "right" : "left" };
  });
}

/** Points sorted into squares, so that a search looks only at the squares it touches. */
class PointSquares {
  readonly #squares = new Map<string, number[]>();

  constructor(private readonly pixels: readonly Point[]) {
    pixels.forEach(([x, y], point) => {
      const key = squareKey(squareOf(x), squareOf(y));
      const square = this.#squares.get(key);
      if (square === undefined) this.#squares.set(key, [point]);
      else square.push(point);
    });
  }

  /** Points inside a rectangle. */
  within(left: number, right: number, top: number, bottom: number): number[] {
    const found: number[] = [];
    for (let column = squareOf(left); column <= squareOf(right); column++) {
      for (let row = squareOf(top); row <= squareOf(bottom); row++) {
        for (const point of this.#squares.get(squareKey(column, row)) ?? []) {
          const [x, y] = this.pixels[point] ?? [NaN, NaN];
          if (x >= left && x <= right && y >= top && y <= bottom) found.push(point);
        }
      }
    }
    return found;
  }
}

const squareSide = 32;
const squareOf = (pixel: number): number => Math.floor(pixel / squareSide);
const squareKey = (column: number, row: number): string => `${column},${row}`;
