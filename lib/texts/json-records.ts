/** Where the records of a JSONL or JSON file begin and end, so that an error can name the line of its record. */
import { textsError, excerpt } from "./texts-error.js";

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
 * @throws ERR_TEXTS if the array is not closed or if something follows it
 */
export function* jsonArrayElements(text: string, file: string): Generator<JsonRecord> {
  let line = 1;
  let depth = 0;
  let insideString = false;
  /** Where the element begins, and on which line; the line is 0 until its first character. */
  let start = 0;
  let startLine = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === "\n") line += 1;
    if (insideString) {
      if (character === "\\") at += 1;
      else if (character === '"') insideString = false;
      continue;
    }
    if (isSpace(character)) continue;

    const closesArray = depth === 1 && character === "]";
    if (closesArray || (depth === 1 && character === ",")) {
      const json = text.slice(start, at);
      const emptyArray = closesArray && json.trim() === "" && text.slice(0, start).trim() === "[";
      if (!emptyArray) yield { line: startLine === 0 ? line : startLine, json };
      if (closesArray) return requireNothingAfter(text, at + 1, line, file);
      start = at + 1;
      startLine = 0;
      continue;
    }
    if (depth === 1 && startLine === 0) startLine = line;
    if (character === '"') insideString = true;
    else if (character === "[" || character === "{") depth += 1;
    else if (character === "]" || character === "}") depth -= 1;
    if (depth === 1 && startLine === 0) start = at + 1;
  }
  throw textsError(file, line, 'a "]" that closes the array', "the end of the file");
}

function isSpace(character: string | undefined): boolean {
  return character === " " || character === "\n" || character === "\r" || character === "\t";
}

function requireNothingAfter(text: string, from: number, line: number, file: string): void {
  const rest = text.slice(from);
  if (rest.trim() === "") return;
  const before = rest.slice(0, rest.search(/\S/));
  throw textsError(file, line + before.split("\n").length - 1, "nothing after the array", excerpt(rest.trim()));
}
