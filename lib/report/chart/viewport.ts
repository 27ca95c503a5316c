/** The part of the plane that a map shows. One scale for both axes, because distances are what the map is for. */
import { roundStep } from "./ticks.js";

export interface Size {
  width: number;
  height: number;
}

/** Points of the plane, in map units. */
export interface Places {
  x: ArrayLike<number>;
  y: ArrayLike<number>;
}

export interface Viewport {
  x: number;
  y: number;
  /** Map units per pixel, across and up alike. */
  unitsPerPixel: number;
}

/** The viewport that holds all points in a plot of `size` pixels, with room around them. */
export function fitViewport({ x: xs, y: ys }: Places, size: Size): Viewport {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let point = 0; point < xs.length; point++) {
    const [x, y] = [xs[point] ?? NaN, ys[point] ?? NaN];
    left = Math.min(left, x);
    right = Math.max(right, x);
    bottom = Math.min(bottom, y);
    top = Math.max(top, y);
  }
  const room = 0.8;
  const unitsPerPixel = Math.max((right - left) / (size.width * room), (top - bottom) / (size.height * room));
  return {
    x: (left + right) / 2,
    y: (bottom + top) / 2,
    // All points in one place (models that agree on every text): any scale is as good.
    unitsPerPixel: unitsPerPixel > 0 ? unitsPerPixel : 1 / size.width,
  };
}

/** First and last value of each axis. */
export function axisRanges(viewport: Viewport, size: Size): { x: [number, number]; y: [number, number] } {
  const halfWidth = (size.width / 2) * viewport.unitsPerPixel;
  const halfHeight = (size.height / 2) * viewport.unitsPerPixel;
  return {
    x: [viewport.x - halfWidth, viewport.x + halfWidth],
    y: [viewport.y - halfHeight, viewport.y + halfHeight],
  };
}

/** Pixels from the left upper corner of the plot. */
export function toPixel(viewport: Viewport, size: Size, [x, y]: readonly [number, number]): [number, number] {
  return [size.width / 2 + (x - viewport.x) / viewport.unitsPerPixel, size.height / 2 - (y - viewport.y) / viewport.unitsPerPixel];
}

/** The same of many points. */
export function pixels(viewport: Viewport, size: Size, { x, y }: Places): [x: Float32Array, y: Float32Array] {
  const scale = 1 / viewport.unitsPerPixel;
  const across = Float32Array.from(x, (value) => size.width / 2 + (value - viewport.x) * scale);
  return [across, Float32Array.from(y, (value) => size.height / 2 - (value - viewport.y) * scale)];
}

/** Zooms by `factor` (above 1: nearer), keeping the point at `pixel` where it is. */
export function zoomAt(viewport: Viewport, size: Size, [px, py]: readonly [number, number], factor: number): Viewport {
  const unitsPerPixel = viewport.unitsPerPixel / factor;
  const change = viewport.unitsPerPixel - unitsPerPixel;
  return { x: viewport.x + (px - size.width / 2) * change, y: viewport.y - (py - size.height / 2) * change, unitsPerPixel };
}

/** Moves the content by pixels. */
export function panBy(viewport: Viewport, dx: number, dy: number): Viewport {
  return { ...viewport, x: viewport.x - dx * viewport.unitsPerPixel, y: viewport.y + dy * viewport.unitsPerPixel };
}

/** Distance between grid lines: 1, 2 or 5 times a power of ten, at least `pixels` apart. */
export function gridStep(viewport: Viewport, pixels: number): number {
  return roundStep(viewport.unitsPerPixel * pixels);
}
