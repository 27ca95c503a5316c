import { describe, expect, it } from "vitest";
import { amongNeighbours, PrincipalAxes, type Point } from "../../../lib/map/added-point.js";

const at = (x: number, y: number, z: number | null = null): Point => ({ x, y, z });
const square = (a: Point, b: Point): number => (a.x - b.x) ** 2 + (a.y - b.y) ** 2 + ((a.z ?? 0) - (b.z ?? 0)) ** 2;
// Centred, with principal axes along x and y.
const points: Point[] = [at(3, 1), at(3, -1), at(-3, 1), at(-3, -1)];
const squared = Float64Array.from(points.flatMap((a) => points.map((b) => square(a, b))));

describe("PrincipalAxes", () => {
  const axes = new PrincipalAxes(points, squared);

  it("knows the shares of its axes", () => {
    expect(axes.explained[0]).toBeCloseTo(0.9, 14);
    expect(axes.explained[1]).toBeCloseTo(0.1, 14);
  });

  it("puts a point where it is in the plane, whatever its distance from it", () => {
    for (const height of [0, 5]) {
      const place = axes.add(Float64Array.from(points, (point) => square(point, at(2, 7)) + height));
      expect(place.x).toBeCloseTo(2, 12);
      expect(place.y).toBeCloseTo(7, 12);
    }
  });

  it("has as many axes as the map", () => {
    const cross = [at(3, 0, 0), at(-3, 0, 0), at(0, 2, 0), at(0, -2, 0), at(0, 0, 1), at(0, 0, -1)];
    const solid = new PrincipalAxes(cross, Float64Array.from(cross.flatMap((a) => cross.map((b) => square(a, b)))));
    const place = solid.add(Float64Array.from(cross, (point) => square(point, at(1, 2, 3))));
    expect(place.x).toBeCloseTo(1, 12);
    expect(place.y).toBeCloseTo(2, 12);
    expect(place.z).toBeCloseTo(3, 12);
    expect(axes.add(new Float64Array(4)).z).toBeNull();
  });

  it("has 0 where there is no axis", () => {
    const line = [at(1, 0), at(-1, 0)];
    const place = new PrincipalAxes(line, Float64Array.of(0, 4, 4, 0)).add(Float64Array.of(1, 9));
    expect(place).toEqual(at(2, 0));
    expect(new PrincipalAxes([at(0, 0), at(0, 0)], new Float64Array(4)).add(Float64Array.of(1, 1))).toEqual(at(0, 0));
  });
});

describe("amongNeighbours", () => {
  it("is the point itself at distance 0, else between the nearest", () => {
    expect(amongNeighbours(points, Float64Array.of(4, 0, 40, 36))).toEqual(points[1]);
    // Weights 1/1, 1/2, 1/2; the fourth is not among the three.
    const place = amongNeighbours(points, Float64Array.of(1, 4, 4, 100));
    expect(place.x).toBeCloseTo((3 + 1.5 - 1.5) / 2, 14);
    expect(place.y).toBeCloseTo((1 - 0.5 + 0.5) / 2, 14);
  });
});
