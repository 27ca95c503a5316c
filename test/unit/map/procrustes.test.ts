import { describe, expect, it } from "vitest";
import { ellipseOutline, Scatter } from "../../../lib/map/ellipse.js";
import { alignedTo } from "../../../lib/map/procrustes.js";
import { normal, seededRandom } from "../../../lib/random.js";

const random = seededRandom(9);
const points = Float64Array.from({ length: 40 }, () => normal(random));

/** Turned by an angle, mirrored first where `mirror` is -1. */
function moved(from: Float64Array, angle: number, mirror: 1 | -1): Float64Array {
  return from.map((value, i) => {
    const x = from[i - (i % 2)] ?? 0;
    const y = mirror * (from[i - (i % 2) + 1] ?? 0);
    return i % 2 === 0 ? Math.cos(angle) * x - Math.sin(angle) * y : Math.sin(angle) * x + Math.cos(angle) * y;
  });
}

describe("alignedTo", () => {
  it.each([[0, 1], [0.3, 1], [-2.9, 1], [0, -1], [1.2, -1], [3.1, -1]] as const)("finds back a turn by %d, mirror %d", (angle, mirror) => {
    const aligned = alignedTo(moved(points, angle, mirror), points);
    aligned.forEach((value, i) => expect(value).toBeCloseTo(points[i] ?? NaN, 12));
  });

  it("is the best of all turns and mirror images", () => {
    const other = points.map((value) => value + 0.7 * normal(random));
    const distance = (from: Float64Array): number => from.reduce((sum, value, i) => sum + (value - (points[i] ?? 0)) ** 2, 0);
    const best = distance(alignedTo(other, points));
    for (const mirror of [1, -1] as const) {
      for (let angle = -3.14; angle < 3.15; angle += 0.02) expect(distance(moved(other, angle, mirror))).toBeGreaterThanOrEqual(best - 1e-9);
    }
  });

  it("leaves points that all lie at the origin there", () => {
    expect(alignedTo(new Float64Array(4), new Float64Array(4))).toEqual(new Float64Array(4));
  });
});

describe("Scatter", () => {
  it("holds the share of a normal distribution that it says, turned as it is", () => {
    const angle = 0.5;
    const scatter = new Scatter();
    const drawn = Array.from({ length: 20_000 }, (): [number, number] => {
      const [along, across] = [3 * normal(random), normal(random)];
      return [10 + along * Math.cos(angle) - across * Math.sin(angle), along * Math.sin(angle) + across * Math.cos(angle)];
    });
    for (const [x, y] of drawn) scatter.add(x, y);
    const ellipse = scatter.ellipse(0.9);
    const radius = Math.sqrt(-2 * Math.log(0.1));
    // Standard errors of a standard deviation of 20,000: 0.5 %.
    expect(Math.abs(ellipse.major / (3 * radius) - 1)).toBeLessThan(0.02);
    expect(Math.abs(ellipse.minor / radius - 1)).toBeLessThan(0.02);
    expect(Math.abs(ellipse.angle - angle)).toBeLessThan(0.02);
    const inside = drawn.filter(([x, y]) => {
      const [dx, dy] = [x - 10, y];
      const along = dx * Math.cos(ellipse.angle) + dy * Math.sin(ellipse.angle);
      const across = dy * Math.cos(ellipse.angle) - dx * Math.sin(ellipse.angle);
      return (along / ellipse.major) ** 2 + (across / ellipse.minor) ** 2 <= 1;
    });
    expect(Math.abs(inside.length / drawn.length - 0.9)).toBeLessThan(0.01);
    const [first] = ellipseOutline([10, 0], ellipse);
    expect(Math.hypot((first?.[0] ?? 0) - 10, first?.[1] ?? 0)).toBeCloseTo(ellipse.major, 10);
  });

  it("is a point for one position", () => {
    const scatter = new Scatter();
    scatter.add(2, 3);
    expect(scatter.ellipse(0.95)).toMatchObject({ major: 0, minor: 0 });
  });
});
