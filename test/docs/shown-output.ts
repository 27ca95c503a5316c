/** Compares the output that a page shows with what its command prints. */

/** Numbers may differ by this share: processors round differently, and quantized models then differ in the second digit. */
const tolerance = 0.1;
const number = /(?<![\w.])[-−]?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?/g;

const skeleton = (line: string): string => line.replaceAll(number, "#").replaceAll(/\s+/g, " ").trim();
const numbers = (line: string): number[] => Array.from(line.matchAll(number), ([text]) => Number(text.replaceAll(",", "").replace("−", "-")));

/**
 * The first line of the page that the output does not have, behind the line before it; null where it has all. A line of … stands for any others.
 * @param exact compare numbers too, not only the words around them
 */
export function missingLine(shown: string, printed: string, exact: boolean): string | null {
  const lines = printed.split(/\r?\n/);
  let next = 0;
  for (const line of shown.split("\n").filter((text) => text.trim() !== "" && text.trim() !== "…")) {
    const found = lines.findIndex((candidate, index) => index >= next && agrees(line, candidate, exact));
    if (found < 0) return line;
    next = found + 1;
  }
  return null;
}

function agrees(shown: string, printed: string, exact: boolean): boolean {
  const isCut = shown.trimEnd().endsWith("…");
  const [one, other] = [skeleton(shown).replace(/ ?…$/, ""), skeleton(printed)];
  if (isCut ? !other.startsWith(one) : one !== other) return false;
  if (!exact) return true;
  const theirs = numbers(printed);
  return numbers(shown).every((value, index) => Math.abs(value - (theirs[index] ?? NaN)) <= tolerance * Math.max(Math.abs(value), 1e-9));
}
