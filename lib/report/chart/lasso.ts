/** Which points lie inside a line that was drawn around them. */

type Corner = readonly [number, number];

/** Even-odd rule. @param corners of the closed line */
export function isInside(corners: readonly Corner[], x: number, y: number): boolean {
  let inside = false;
  let [previousX, previousY] = corners.at(-1) ?? [NaN, NaN];
  for (const [cornerX, cornerY] of corners) {
    if (cornerY > y !== previousY > y && x < cornerX + ((previousX - cornerX) * (y - cornerY)) / (previousY - cornerY)) inside = !inside;
    [previousX, previousY] = [cornerX, cornerY];
  }
  return inside;
}

/** The corners of a box between two opposite ones. */
export function boxCorners([x1, y1]: Corner, [x2, y2]: Corner): Corner[] {
  return [
    [x1, y1],
    [x2, y1],
    [x2, y2],
    [x1, y2],
  ];
}
