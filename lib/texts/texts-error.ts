/** What is wrong with a text set, and in which line of which file. */
import { LlmapError } from "../errors.js";

/** @param file as the user named it @param line from 1 */
export function textsError(file: string, line: number, expected: string, found: string): LlmapError {
  return new LlmapError("ERR_TEXTS", `${file} line ${line}: expected ${expected}, found ${found}; mend that line or leave it out.`);
}

const excerptLength = 40;

/** The beginning of a value as JSON, in one line. */
export function excerpt(value: unknown): string {
  if (value === undefined) return "none";
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  const shown = typeof value === "string" && value.length > excerptLength ? `${value.slice(0, excerptLength)}…` : value;
  return JSON.stringify(shown);
}
