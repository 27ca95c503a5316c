/** The records of a JSONL or JSON file as texts with their source and columns. */
import { messageOf } from "../errors.js";
import { jsonArrayElements, jsonLines, type JsonRecord } from "./json-records.js";
import { ownColumns, type ColumnValue, type TextContent } from "./text-set.js";
import { excerpt, textsError } from "./texts-error.js";

type Fields = Record<string, unknown>;
type TextColumn = "text" | "content";

/** A lone surrogate: half of a UTF-16 pair, which JSON can spell ("\ud800") and UTF-8 cannot. */
const loneSurrogate = /\p{Surrogate}/u;

/**
 * Reads a JSON array, or else one record per line. All records have their text in the column where the first has it.
 * @param file as the user named it, for errors
 * @throws ERR_TEXTS naming the line
 */
export function readRecords(text: string, file: string): TextContent[] {
  const records = text.trimStart().startsWith("[") ? jsonArrayElements(text, file) : jsonLines(text);
  const texts: TextContent[] = [];
  let textColumn: TextColumn | null = null;
  for (const record of records) {
    const fail = (expected: string, found: string): Error => textsError(file, record.line, expected, found);
    const fields = fieldsOf(record, fail);
    textColumn ??= typeof fields["text"] !== "string" && typeof fields["content"] === "string" ? "content" : "text";
    texts.push({
      content: contentOf(fields, textColumn, fail),
      source: sourceOf(fields, fail),
      columns: columnsOf(fields, textColumn),
    });
  }
  return texts;
}

type Fail = (expected: string, found: string) => Error;

const recordKinds = 'an object with a "text", or a string';

/** A record that is only a string is its text. */
function fieldsOf({ json }: JsonRecord, fail: Fail): Fields {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw fail(recordKinds, `${excerpt(json.trim())}, which is not JSON (${messageOf(error).replace(/\s+/g, " ")})`);
  }
  if (typeof value === "string") return { text: value };
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw fail(recordKinds, excerpt(value));
  return value as Fields;
}

function contentOf(fields: Fields, column: TextColumn, fail: Fail): string {
  const content = fields[column];
  if (typeof content !== "string") throw fail(`a string in "${column}"`, excerpt(content));
  if (content === "") throw fail(`a text in "${column}"`, "an empty one");
  const position = content.search(loneSurrogate);
  if (position !== -1) {
    throw fail(`Unicode characters in "${column}"`, `the lone surrogate ${JSON.stringify(content[position])}`);
  }
  return content;
}

function sourceColumn(fields: Fields): "source" | "pile_set_name" {
  return "source" in fields ? "source" : "pile_set_name";
}

function sourceOf(fields: Fields, fail: Fail): string | null {
  const column = sourceColumn(fields);
  const source = fields[column] ?? null;
  if (typeof source === "number") return String(source);
  if (source !== null && typeof source !== "string") throw fail(`a string in "${column}"`, excerpt(source));
  return source;
}

/** What is neither the text nor its source. */
function columnsOf(fields: Fields, textColumn: TextColumn): Record<string, ColumnValue> {
  const taken: string[] = [textColumn, sourceColumn(fields)];
  const names = Object.keys(fields).filter((name) => !taken.includes(name));
  // fromEntries, since assigning to a column named "__proto__" would be lost.
  return Object.fromEntries(names.map((name) => [columnName(name, fields), columnValue(fields[name])]));
}

/** `file_bytes` for a column `bytes`, which texts.arrow has itself. */
function columnName(name: string, fields: Fields): string {
  if (!ownColumns.includes(name)) return name;
  let free = `file_${name}`;
  while (free in fields) free = `file_${free}`;
  return free;
}

/** Lists and objects are kept as their JSON text. */
function columnValue(value: unknown): ColumnValue {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return JSON.stringify(value);
}
