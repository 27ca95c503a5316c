/** Orthogonal Procrustes alignment in the plane. */

/** x, y, x, y, ... of points. */
export type PlanePoints = Float64Array;

/**
 * The points turned, and mirrored where that fits better, so that the sum of squared distances to `target` is least (Gower 1975; in the plane the
 * best angle has a closed form). No scaling and no shift: both configurations are centred at the origin, as principal coordinates are.
 * @param points, target the same number of points, in the same order
 */
export function alignedTo(points: PlanePoints, target: PlanePoints): PlanePoints {
  // H = sum of target times point transposed; a turn by t gains (xx + yy) cos t + (yx - xy) sin t, a turned mirror image the same with y negated.
  let [xx, xy, yx, yy] = [0, 0, 0, 0];
  for (let i = 0; i < points.length; i += 2) {
    const [px, py, tx, ty] = [points[i] ?? 0, points[i + 1] ?? 0, target[i] ?? 0, target[i + 1] ?? 0];
    xx += tx * px;
    xy += tx * py;
    yx += ty * px;
    yy += ty * py;
  }
  const mirror = Math.hypot(xx - yy, yx + xy) > Math.hypot(xx + yy, yx - xy) ? -1 : 1;
  const angle = Math.atan2(yx - mirror * xy, xx + mirror * yy);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const aligned = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i] ?? 0, mirror * (points[i + 1] ?? 0)];
    aligned[i] = cos * x - sin * y;
    aligned[i + 1] = sin * x + cos * y;
  }
  return aligned;
}
