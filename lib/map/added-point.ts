/** Where a model that joins a map goes, while the others stay. */

export interface Point {
  x: number;
  y: number;
  /** Null in two dimensions. */
  z: number | null;
}

const axisNames = ["x", "y", "z"] as const;
type Axis = (typeof axisNames)[number];

/** Axes shorter than this share of all squared distances hold nothing but rounding: two models have no second axis. */
const shortestAxis = 1e-12;

/**
 * Adds points to a map by principal axes (classical MDS, PCA), as the projection of the new point on them, from its squared distances alone (Gower
 * 1968, "Adding a point to vector diagrams in multivariate analysis"): coordinate c = sum over i of y_ic (b_i - d_i) / (2 lambda_c), with y
 * the drawn points, b_i their squared distances to their centroid, d_i those to the new point, lambda_c the sum of y_ic^2.
 */
export class PrincipalAxes {
  /** Squared distances of the drawn points to their centroid. */
  readonly #toCentroid: Float64Array;
  /** Share of all squared distances that each axis shows. */
  readonly explained: number[];
  readonly #axes: readonly Axis[];

  /** @param points drawn, centred @param squared K x K squared distances, in the unit of the map */
  constructor(
    private readonly points: readonly Point[],
    squared: Float64Array,
  ) {
    const count = points.length;
    const rowMean = (i: number): number => squared.subarray(i * count, (i + 1) * count).reduce((sum, d) => sum + d, 0) / count;
    const means = Float64Array.from({ length: count }, (_, i) => rowMean(i));
    const half = means.reduce((sum, mean) => sum + mean, 0) / count / 2;
    this.#toCentroid = means.map((mean) => mean - half);
    const all = this.#toCentroid.reduce((sum, b) => sum + b, 0);
    const share = (axis: Axis): number => (all > 0 ? points.reduce((sum, point) => sum + (point[axis] ?? 0) ** 2, 0) / all : 0);
    this.#axes = axesOf(points);
    this.explained = this.#axes.map(share);
  }

  /** @param toPoints squared distances of the new point to the drawn ones, in the unit of the map */
  add(toPoints: Float64Array): Point {
    return pointOf(this.#axes, (axis, number) => this.#coordinate(axis, this.explained[number] ?? 0, toPoints));
  }

  #coordinate(axis: Axis, explained: number, toPoints: Float64Array): number {
    if (explained < shortestAxis) return 0;
    let [sum, lambda] = [0, 0];
    this.points.forEach((point, i) => {
      const at = point[axis] ?? 0;
      sum += at * ((this.#toCentroid[i] ?? NaN) - (toPoints[i] ?? NaN));
      lambda += at ** 2;
    });
    return sum / (2 * lambda);
  }
}

/**
 * Adds a point to a map without axes (t-SNE, UMAP): the mean of its nearest drawn points, weighted by the inverse of their distances. Only a
 * hint of where such a map would have it. A point at distance 0 is the drawn point itself.
 */
export function amongNeighbours(points: readonly Point[], squared: Float64Array, neighbours = 3): Point {
  const nearest = points
    .map((point, i) => ({ point, distance: Math.sqrt(squared[i] ?? NaN) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, neighbours);
  const [first] = nearest;
  if (first?.distance === 0) return first.point;
  const total = nearest.reduce((sum, { distance }) => sum + 1 / distance, 0);
  return pointOf(axesOf(points), (axis) => nearest.reduce((sum, { point, distance }) => sum + (point[axis] ?? 0) / distance, 0) / total);
}

function axesOf(points: readonly Point[]): readonly Axis[] {
  return points.some(({ z }) => z !== null) ? axisNames : ["x", "y"];
}

function pointOf(axes: readonly Axis[], at: (axis: Axis, number: number) => number): Point {
  const [x = NaN, y = NaN, z = null] = axes.map(at);
  return { x, y, z };
}
