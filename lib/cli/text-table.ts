/** Tables for the terminal. */

/**
 * Lines of a table: a heading, then the rows, columns two spaces apart. A column whose cells are all numbers or empty is right-aligned.
 * @param rows cells as they are to be shown, one per heading
 */
export function textTable(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const columns = headings.map((heading, column) => {
    const cells = rows.map((row) => row[column] ?? "");
    return {
      width: Math.max(heading.length, ...cells.map((cell) => cell.length)),
      isNumeric: cells.every((cell) => cell === "" || /^[<>~]?[-+]?[\d.,]+(e[-+]?\d+)?( ?%)?$/.test(cell)),
    };
  });
  return [headings, ...rows].map((row) =>
    columns
      .map(({ width, isNumeric }, column) => {
        const cell = row[column] ?? "";
        return isNumeric ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd(),
  );
}
