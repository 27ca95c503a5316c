/** Where the records of a JSONL or JSON file begin and end, so that an error can name the line of its record. */
import { excerpt, textsError } from "./texts-error.js";

/** One record, still as JSON text. */
export interface JsonRecord {
  /** Line on which the record begins, from 1. */
  line: number;
  json: string;
}

/** The lines of a JSONL file; blank ones are skipped. A carriage return before the newline is white space to JSON. */
export function* jsonLines(text: string): Generator<JsonRecord> {
  let line = 1;
  for (let start = 0; start < text.length; line += 1) {
    const newline = text.indexOf("\n", start);
    const end = newline === -1 ? text.length : newline;
    const json = text.slice(start, end);
    if (json.trim() !== "") yield { line, json };
    start = end + 1;
  }
}

/**
 * The elements of a JSON array. Only the commas and brackets of the outermost level are looked at; whether an element
 * is JSON is for JSON.parse to say.
 * @param text begins with "[", white space aside
 * @throws ERR_TEXTS if the array does not end, or if something follows it
 */
export function* jsonArrayElements(text: string, file: string): Generator<JsonRecord> {
  const open = text.indexOf("[");
  let line = 1 + newlines(text.slice(0, open));
  /** How many brackets inside the element are open. */
  let depth = 0;
  let insideString = false;
  let elements = 0;
  let start = open + 1;
  /** Line of the element's first character; null before it. */
  let startLine: number | null = null;
  for (let at = start; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "\n") line += 1;
    if (insideString) {
      if (character === "\\") at += 1;
      else if (character === '"') insideString = false;
    } else if (depth === 0 && (character === "," || character === "]")) {
      if (startLine !== null || character === "," || elements > 0) {
        yield { line: startLine ?? line, json: text.slice(start, at) };
        elements += 1;
      }
      if (character === "]") {
        requireEnd(text.slice(at + 1), line, file);
        return;
      }
      start = at + 1;
      startLine = null;
    } else if (!isSpace(character)) {
      startLine ??= line;
      if (character === '"') insideString = true;
      else if (character === "[" || character === "{") depth += 1;
      else if (depth > 0 && (character === "]" || character === "}")) depth -= 1;
    }
  }
  throw textsError(file, startLine ?? line, 'a record that ends, and a "]" after the last one', "the end of the file");
}

function requireEnd(rest: string, line: number, file: string): void {
  const first = rest.search(/\S/);
  if (first === -1) return;
  throw textsError(file, line + newlines(rest.slice(0, first)), "nothing after the array", excerpt(rest.slice(first).trimEnd()));
}

function newlines(text: string): number {
  return text.split("\n").length - 1;
}

function isSpace(character: string): boolean {
  return character === " " || character === "\n" || character === "\r" || character === "\t";
}
