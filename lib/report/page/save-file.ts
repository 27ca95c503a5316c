/** Hands the reader a file that the page made. */
import { looksLikeFormula } from "../../spreadsheet-formula.js";

export function saveFile(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser has taken the file up by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * Rows as CSV (RFC 4180), with the mark that tells spreadsheets it is UTF-8. A text that a spreadsheet would take for a formula has an apostrophe
 * in front: names and labels are untrusted.
 */
export function csvOf(rows: readonly (readonly (string | number | null)[])[]): string {
  const cell = (value: string | number | null): string => {
    if (value === null || typeof value === "number") return value === null ? "" : String(value);
    const text = looksLikeFormula(value) ? `'${value}` : value;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `\uFEFF${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}
