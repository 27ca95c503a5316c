/** The marks of models, distinct also in one colour. */

/** What a mark is drawn on: a canvas context, or zrender's path. */
export interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  arc(x: number, y: number, radius: number, start: number, end: number, anticlockwise?: boolean): void;
}

export interface Shape {
  id: string;
  /** Corners in units of the radius; empty: a disc, or a ring with a hole of this share of the radius. */
  corners: readonly (readonly [number, number])[];
  hole: number;
}

const polygon = (id: string, ...corners: [number, number][]): Shape => ({ id, corners, hole: 0 });
const star = Array.from({ length: 10 }, (_, i): [number, number] => {
  const radius = i % 2 === 0 ? 1.25 : 0.5;
  return [radius * Math.sin((i * Math.PI) / 5), -radius * Math.cos((i * Math.PI) / 5)];
});

/** Of about one area, in the order in which they are given out. */
export const shapes: readonly Shape[] = [
  { id: "disc", corners: [], hole: 0 },
  polygon("square", [-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]),
  polygon("triangle", [0, -1.2], [1.15, 0.85], [-1.15, 0.85]),
  polygon("diamond", [0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]),
  polygon(
    "cross",
    [-0.4, -1.1], [0.4, -1.1], [0.4, -0.4], [1.1, -0.4], [1.1, 0.4], [0.4, 0.4],
    [0.4, 1.1], [-0.4, 1.1], [-0.4, 0.4], [-1.1, 0.4], [-1.1, -0.4], [-0.4, -0.4],
  ),
  polygon("triangle down", [0, 1.2], [1.15, -0.85], [-1.15, -0.85]),
  polygon("star", ...star),
];
/** For the categories beyond those. */
export const otherShape: Shape = { id: "ring", corners: [], hole: 0.55 };

/** Comes back to its beginning by a line, since Chromium's closePath takes as long as the whole path before it: seconds for thousands of marks. */
export function traceShape(pen: Pen, { corners, hole }: Shape, x: number, y: number, radius: number): void {
  const [first] = corners;
  if (first !== undefined) {
    pen.moveTo(x + first[0] * radius, y + first[1] * radius);
    for (const [dx, dy] of corners) pen.lineTo(x + dx * radius, y + dy * radius);
    pen.lineTo(x + first[0] * radius, y + first[1] * radius);
    return;
  }
  pen.moveTo(x + radius, y);
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  if (hole > 0) {
    pen.moveTo(x + hole * radius, y);
    pen.arc(x, y, hole * radius, 0, 2 * Math.PI, true);
  }
}

/** Outline as the data of an SVG path, in a square from -5 to 5. */
export function shapePath({ corners, hole }: Shape): string {
  const radius = 3.9;
  const round = (value: number): number => Number(value.toFixed(2));
  if (corners.length > 0) return `M${corners.map(([x, y]) => `${round(x * radius)},${round(y * radius)}`).join("L")}Z`;
  const circle = (r: number, sweep: 0 | 1): string => `M${-r},0A${r},${r},0,1,${sweep},${r},0A${r},${r},0,1,${sweep},${-r},0Z`;
  return circle(radius, 1) + (hole > 0 ? circle(round(hole * radius), 0) : "");
}
