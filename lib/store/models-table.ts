/** models.arrow: one row per model of the run, with the facts and what became of it. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { Field, Schema, Table, type TypeMap, type Vector } from "apache-arrow";
import type { Model, ModelFacts } from "../models/model.js";
import { fallbacks, type Fallback } from "../scoring/settings.js";
import { withLock } from "./lock.js";
import { float64Column, int32Column, readArrowFile, utf8Column, writeArrowFile } from "./arrow-file.js";

export type ModelStatus = "complete" | "failed";

/** A row of models.arrow. */
export interface ModelRow extends Pick<Model, "name" | "path" | "adapters" | "labels"> {
  /** The name made safe for a file; null, like the hash and the facts, for a file whose header cannot be read. */
  fileName: string | null;
  sha256: string | null;
  facts: Omit<ModelFacts, "addBosToken"> | null;
  status: ModelStatus;
  /** Why it failed; null otherwise. */
  error: string | null;
  /** What stood in front of each text ("BOS", "EOS", "none"); null for a model that failed. */
  bosPolicy: string | null;
  /** Backend and device that scored it, for example "cpu" and "CPU"; null for a model that failed. */
  backend: string | null;
  device: string | null;
  scorer: string | null;
  /** What it was scored with after it had failed as asked; null: as asked, or failed. */
  fallback: Fallback | null;
  truncatedTexts: number | null;
  warnings: string[];
}

type Facts = NonNullable<ModelRow["facts"]>;

/** Marks the columns that came from the user's list. */
const labelMark: [string, string] = ["llmap", "label"];

type TextKey = "name" | "fileName" | "path" | "sha256" | "status" | "error" | "bosPolicy" | "backend" | "device" | "scorer" | "fallback";
const textColumns: [string, TextKey][] = [
  ["status", "status"],
  ["error", "error"],
  ["bos_policy", "bosPolicy"],
  ["file", "fileName"],
  ["scorer", "scorer"],
  ["backend", "backend"],
  ["device", "device"],
  ["fallback", "fallback"],
];

export async function writeModels(path: string, rows: readonly ModelRow[]): Promise<void> {
  const text = (key: TextKey): Vector => utf8Column(rows.map((row) => row[key]));
  const facts = <Key extends keyof Facts>(key: Key): (Facts[Key] | null)[] => rows.map((row) => row.facts?.[key] ?? null);
  const columns: Record<string, Vector> = {
    model: text("name"),
    path: text("path"),
    sha256: text("sha256"),
    architecture: utf8Column(facts("architecture")),
    parameters: float64Column(facts("parameters")),
    quantization: utf8Column(facts("quantization")),
    bytes: float64Column(facts("bytes")),
    context: int32Column(facts("contextLength")),
    vocabulary: int32Column(facts("vocabularySize")),
    ...Object.fromEntries(textColumns.map(([column, key]) => [column, text(key)])),
    title: utf8Column(facts("title")),
    tokenizer: utf8Column(facts("tokenizer")),
    truncated_texts: int32Column(rows.map((row) => row.truncatedTexts)),
    warnings: utf8Column(rows.map((row) => joinedLines(row.warnings))),
    adapters: utf8Column(rows.map((row) => joinedLines(row.adapters))),
  };
  const own = new Set(Object.keys(columns));
  const labels = new Map<string, string>();
  // Entries, not assignments: a label may have any name, __proto__ included.
  const labelColumns = [...new Set(rows.flatMap((row) => Object.keys(row.labels)))].map((label) => {
    const column = own.has(label) ? `${label}_label` : label;
    labels.set(column, label);
    return [column, utf8Column(rows.map((row) => (Object.hasOwn(row.labels, label) ? (row.labels[label] ?? null) : null)))] as const;
  });
  const plain = new Table(Object.fromEntries([...Object.entries(columns), ...labelColumns]));
  const fields = plain.schema.fields.map((field) => {
    const label = labels.get(field.name);
    if (label === undefined) return field;
    return new Field(field.name, field.type, field.nullable, new Map([labelMark, ["label", label]]));
  });
  const schema = new Schema<TypeMap>(fields as Field<TypeMap[string]>[]);
  await writeArrowFile(path, new Table(schema, plain.batches));
}

function joinedLines(lines: readonly string[]): string | null {
  return lines.length === 0 ? null : lines.join("\n");
}

/** Runs `work` while no other process of the folder changes the table. */
export async function withModelsLock<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  return await withLock(join(dirname(path), ".models.lock"), "The table of models", work);
}

/**
 * Adds or replaces rows of models (by their file, else their name), safe against other processes of the folder. The whole table is written anew, so
 * where there are many models, rows are better written together.
 */
export async function updateModels(path: string, changed: ModelRow | readonly ModelRow[]): Promise<void> {
  const rowsChanged = "name" in changed ? [changed] : changed;
  if (rowsChanged.length === 0) return;
  await withModelsLock(path, async () => {
    const models = new ModelRows(await readModels(path));
    for (const row of rowsChanged) models.put(row);
    await writeModels(path, models.rows);
  });
}

/** Rows in which that of the same model (by its file, else its name) is found without looking at all of them. */
export class ModelRows {
  readonly #byFile = new Map<string, number>();
  readonly #byName = new Map<string, number>();

  constructor(readonly rows: ModelRow[]) {
    rows.forEach((row, index) => this.#note(row, index));
  }

  find(row: Pick<ModelRow, "fileName" | "name">): ModelRow | undefined {
    const index = this.#indexOf(row);
    return index === undefined ? undefined : this.rows[index];
  }

  /** In the place of the row of the same model, or behind all. */
  put(row: ModelRow): void {
    const index = this.#indexOf(row) ?? this.rows.length;
    this.rows[index] = row;
    this.#note(row, index);
  }

  #indexOf({ fileName, name }: Pick<ModelRow, "fileName" | "name">): number | undefined {
    const file = fileName === null ? undefined : this.#byFile.get(fileName);
    if (file !== undefined) return file;
    const namesake = this.#byName.get(name);
    const other = namesake === undefined ? undefined : this.rows[namesake];
    // A file name tells more than a name, where both rows have one.
    return other?.name === name && (fileName === null || other.fileName === null) ? namesake : undefined;
  }

  #note({ fileName, name }: ModelRow, index: number): void {
    if (fileName !== null && !this.#byFile.has(fileName)) this.#byFile.set(fileName, index);
    if (!this.#byName.has(name)) this.#byName.set(name, index);
  }
}

/** Rows of models.arrow; none where there is no file yet. Errors: ERR_RUN_FOLDER where it is damaged. */
export async function readModels(path: string): Promise<ModelRow[]> {
  if (!existsSync(path)) return [];
  const table = await readArrowFile(path);
  const labelColumns = table.schema.fields.filter((field) => field.metadata.get("llmap") === "label");
  return Array.from({ length: table.numRows }, (_, row): ModelRow => {
    const value = (column: string): unknown => table.getChild(column)?.get(row) ?? null;
    const text = (column: string): string | null => value(column) as string | null;
    const number = (column: string): number | null => {
      const found = value(column);
      return found === null ? null : Number(found);
    };
    const labels = labelColumns.flatMap((field): [string, string][] => {
      const label = text(field.name);
      return label === null ? [] : [[field.metadata.get("label") ?? field.name, label]];
    });
    const architecture = text("architecture");
    return {
      name: text("model") ?? "",
      fileName: text("file"),
      path: text("path") ?? "",
      adapters: text("adapters")?.split("\n") ?? [],
      sha256: text("sha256"),
      facts: architecture === null ? null : {
        architecture,
        title: text("title"),
        parameters: number("parameters") ?? 0,
        quantization: text("quantization"),
        bytes: number("bytes") ?? 0,
        contextLength: number("context"),
        vocabularySize: number("vocabulary"),
        tokenizer: text("tokenizer"),
      },
      labels: Object.fromEntries(labels),
      status: text("status") === "complete" ? "complete" : "failed",
      error: text("error"),
      bosPolicy: text("bos_policy"),
      scorer: text("scorer"),
      backend: text("backend"),
      device: text("device"),
      fallback: fallbacks.find((fallback) => fallback === text("fallback")) ?? null,
      truncatedTexts: number("truncated_texts"),
      warnings: text("warnings")?.split("\n") ?? [],
    };
  });
}
