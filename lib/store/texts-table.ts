/** texts.arrow: the text set of a run, so that the folder is complete in itself. */
import { Table, type Vector } from "apache-arrow";
import { makeTextSet, ownColumns, type ColumnValue, type TextSet } from "../texts/text-set.js";
import { boolColumn, float64Column, int32Column, readArrowFile, utf8Column, writeArrowFile } from "./arrow-file.js";

/** Columns text (position), content, bytes, source, then the user's own in their order. */
export async function writeTexts(path: string, { texts }: TextSet): Promise<void> {
  const own: Record<string, Vector> = {
    text: int32Column(texts.map((_, position) => position)),
    content: utf8Column(texts.map((text) => text.content)),
    bytes: int32Column(texts.map((text) => text.bytes)),
    source: utf8Column(texts.map((text) => text.source)),
  };
  const names = [...new Set(texts.flatMap((text) => Object.keys(text.columns)))];
  // Entries, not assignments: a column may have any name, __proto__ included.
  const users = names.map((name) => [name, userColumn(texts.map(({ columns }) => (Object.hasOwn(columns, name) ? (columns[name] ?? null) : null)))] as const);
  await writeArrowFile(path, new Table(Object.fromEntries([...Object.entries(own), ...users])));
}

/** float64, bool or utf8: the one type that all values of a column have, else utf8. */
function userColumn(values: readonly ColumnValue[]): Vector {
  const present = values.filter((value) => value !== null);
  if (present.every((value) => typeof value === "number")) return float64Column(values as (number | null)[]);
  if (present.every((value) => typeof value === "boolean")) return boolColumn(values as (boolean | null)[]);
  return utf8Column(values.map((value) => (value === null ? null : String(value))));
}

/** Reads texts.arrow back; the hash is computed from the contents. */
export async function readTexts(path: string, name: string): Promise<TextSet> {
  const table = await readArrowFile(path);
  const names = table.schema.fields.map((field) => field.name).filter((column) => !ownColumns.includes(column));
  const contents = Array.from(table.getChild("content") ?? [], String);
  return makeTextSet(
    name,
    contents.map((content, row) => ({
      content,
      source: (table.getChild("source")?.get(row) as string | null | undefined) ?? null,
      columns: Object.fromEntries(
        names.map((column) => [column, (table.getChild(column)?.get(row) as ColumnValue | undefined) ?? null]),
      ),
    })),
  );
}
