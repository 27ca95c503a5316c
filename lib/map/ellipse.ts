/** Ellipses that hold a share of scattered points, as of a normal distribution in the plane. */

export interface Ellipse {
  /** Semi-axes, the longer one first. */
  major: number;
  minor: number;
  /** Of the longer axis, radians counter-clockwise from x, above -pi/2 and up to pi/2. */
  angle: number;
}

/** Mean and scatter of points that are added one by one (Welford 1962). */
export class Scatter {
  #count = 0;
  #x = 0;
  #y = 0;
  #xx = 0;
  #xy = 0;
  #yy = 0;

  add(x: number, y: number): void {
    this.#count++;
    const [dx, dy] = [x - this.#x, y - this.#y];
    this.#x += dx / this.#count;
    this.#y += dy / this.#count;
    this.#xx += dx * (x - this.#x);
    this.#xy += dx * (y - this.#y);
    this.#yy += dy * (y - this.#y);
  }

  /**
   * The ellipse of a normal distribution with the covariance of the points (ddof 1) that holds the share `confidence` of it: semi-axes
   * sqrt(-2 ln(1 - confidence)) times the standard deviations along the principal axes.
   */
  ellipse(confidence: number): Ellipse {
    const [xx, xy, yy] = [this.#xx, this.#xy, this.#yy].map((sum) => sum / Math.max(1, this.#count - 1)) as [number, number, number];
    const [middle, half] = [(xx + yy) / 2, Math.hypot((xx - yy) / 2, xy)];
    const radius = Math.sqrt(-2 * Math.log1p(-confidence));
    return {
      major: radius * Math.sqrt(Math.max(0, middle + half)),
      minor: radius * Math.sqrt(Math.max(0, middle - half)),
      angle: Math.atan2(2 * xy, xx - yy) / 2,
    };
  }
}

/** Points on the edge of an ellipse around a centre, for drawing. */
export function ellipseOutline([x, y]: readonly [number, number], { major, minor, angle }: Ellipse, corners = 48): [number, number][] {
  return Array.from({ length: corners }, (_, i) => {
    const turn = (2 * Math.PI * i) / corners;
    const [along, across] = [major * Math.cos(turn), minor * Math.sin(turn)];
    return [x + along * Math.cos(angle) - across * Math.sin(angle), y + along * Math.sin(angle) + across * Math.cos(angle)];
  });
}
