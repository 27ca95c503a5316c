/** Names beside the points of a map. Points that fall on one another share one label. */

/** Points nearer than this, in pixels, cannot be told apart. */
const sharedRadius = 7;

/**
 * @param pixels places of the points on the screen
 * @returns one label per point: its name, its name and how many more there are ("base-f16 +3"), or empty where another point speaks for it
 */
export function mapLabels(names: readonly string[], pixels: readonly (readonly [number, number])[]): string[] {
  const speakers: { point: number; others: number }[] = [];
  // A grid of squares as wide as the radius: only the nine around a point can hold one that speaks for it.
  const squares = new Map<string, number[]>();
  pixels.forEach(([x, y], point) => {
    const column = Math.floor(x / sharedRadius);
    const row = Math.floor(y / sharedRadius);
    for (let c = column - 1; c <= column + 1; c++) {
      for (let r = row - 1; r <= row + 1; r++) {
        for (const candidate of squares.get(`${c},${r}`) ?? []) {
          const speaker = speakers[candidate];
          const at = pixels[speaker?.point ?? point];
          if (speaker !== undefined && at !== undefined && Math.hypot(at[0] - x, at[1] - y) < sharedRadius) {
            speaker.others++;
            return;
          }
        }
      }
    }
    const square = `${column},${row}`;
    squares.set(square, [...(squares.get(square) ?? []), speakers.length]);
    speakers.push({ point, others: 0 });
  });
  const labels = names.map(() => "");
  for (const { point, others } of speakers) labels[point] = others > 0 ? `${names[point] ?? ""} +${others}` : (names[point] ?? "");
  return labels;
}
