/** Which texts spreadsheets take for formulas: names and labels are untrusted. */

export function looksLikeFormula(value: unknown): boolean {
  return typeof value === "string" && /^[=+\-@\t\r]/.test(value);
}
