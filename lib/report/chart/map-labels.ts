/** Names beside the points of a map: one for points that fall on one another, none that would cover others or another name. */
import { shortenName } from "../format.js";
import type { PointGrid } from "./point-grid.js";

export interface MapLabel {
  point: number;
  text: string;
  side: "left" | "right";
}

/** Points nearer than this, in pixels, cannot be told apart. */
const sharedRadius = 7;
/** A label may cover this many points of other models. */
const mostCovered = 1;
/** Pixels between the edge of a point and its label. */
const labelGap = 5;
const labelHeight = 14;
/** Wide enough for the letters of names at 12 pixels; the exact width depends on the reader's font. */
const letterWidth = 6.6;
/** Longer labels are cut, pixels. */
const widestLabel = 190;
/** More names than this are no help, and take their time; nor does it help to try more points than that. */
const mostLabels = 90;
const mostTried = 1000;

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/**
 * @param grid of the points on the screen, in pixels
 * @param radii of the points, pixels
 * @param size of the screen, pixels
 * @param order of the points: earlier ones are named first
 */
export function mapLabels(
  names: readonly string[],
  grid: PointGrid,
  radii: ArrayLike<number>,
  { width, height }: { width: number; height: number },
  order: readonly number[],
): MapLabel[] {
  const silent = new Uint8Array(names.length);
  const labels: MapLabel[] = [];
  const boxes: Box[] = [];
  const step = Math.ceil(order.length / mostTried);
  for (const [tried, point] of order.entries()) {
    // Those that come first all have their chance, of the others some from everywhere.
    if (tried >= mostLabels && tried % step !== 0) continue;
    const [x, y] = [grid.x[point] ?? NaN, grid.y[point] ?? NaN];
    if (silent[point] === 1 || !(x >= 0 && y >= 0 && x < width && y < height)) continue;
    const here: number[] = [];
    grid.within(x - sharedRadius, x + sharedRadius, y - sharedRadius, y + sharedRadius, (other) => here.push(other) > 0);
    const others = here.filter((other) => other !== point && silent[other] === 0);
    const more = others.length > 0 ? ` +${others.length}` : "";
    const gap = (radii[point] ?? 0) + labelGap;
    const room = Math.min(widestLabel, Math.max(x, width - x) - gap);
    const text = shortenName(names[point] ?? "", Math.floor(room / letterWidth) - more.length) + more;
    const labelWidth = text.length * letterWidth;
    const place = (["right", "left"] as const)
      .map((side) => {
        const left = side === "right" ? x + gap : x - gap - labelWidth;
        return { side, box: { left, right: left + labelWidth, top: y - labelHeight / 2, bottom: y + labelHeight / 2 } };
      })
      .filter(({ box }) => box.left >= 0 && box.right <= width && !boxes.some((other) => overlap(box, other)))
      .map((candidate) => ({ ...candidate, covered: coveredPoints(grid, candidate.box, here) }))
      .filter(({ covered }) => covered <= mostCovered)
      .sort((a, b) => a.covered - b.covered)[0];
    if (place === undefined) continue;
    for (const other of others) silent[other] = 1;
    silent[point] = 1;
    boxes.push(place.box);
    labels.push({ point, text, side: place.side });
    if (labels.length === mostLabels) break;
  }
  return labels;
}

/** Points below a label that are not those it stands for; counted as far as it matters. */
function coveredPoints(grid: PointGrid, { left, right, top, bottom }: Box, here: readonly number[]): number {
  let covered = 0;
  grid.within(left, right, top, bottom, (point) => {
    if (!here.includes(point)) covered++;
    return covered <= mostCovered;
  });
  return covered;
}

const overlap = (a: Box, b: Box): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** Place of a label's text beside its point. */
export function labelPlace(x: number, radius: number, side: MapLabel["side"]): number {
  return side === "right" ? x + radius + labelGap : x - radius - labelGap;
}
