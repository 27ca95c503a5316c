/** The facts and labels of a model that can be shown, sorted by, and used for colour and shape. */
import { formatBytes, formatFixed, formatInteger, formatKl, formatParameters, formatSignificant, nothing } from "./format.js";
import type { ReportData, ReportModel } from "./report-data.js";

interface FieldOf<Kind extends string, Value> {
  /** Unique in a report. */
  id: string;
  title: string;
  kind: Kind;
  /** Null where the model does not say. */
  value: (model: ReportModel) => Value | null;
  format: (value: Value) => string;
}
export type CategoryField = FieldOf<"category", string>;
export type NumberField = FieldOf<"number", number>;
export type Field = CategoryField | NumberField;

const category = (id: string, title: string, value: CategoryField["value"]): CategoryField => ({
  id,
  title,
  kind: "category",
  value,
  format: (text) => text,
});

const number = (
  id: string,
  title: string,
  value: (model: ReportModel) => number | null,
  format: NumberField["format"],
): NumberField => ({
  id,
  title,
  kind: "number",
  value: (model) => {
    const found = value(model);
    return found !== null && Number.isFinite(found) ? found : null;
  },
  format,
});

const facts: Field[] = [
  number("bits-per-byte", "Bits/byte", (model) => model.bitsPerByte, (value) => formatFixed(value, 4)),
  number("mean-log-likelihood", "Mean log-likelihood, clipped", (model) => model.meanLogLikelihood, (value) => `${formatFixed(value, 2)} nats`),
  category("architecture", "Architecture", (model) => model.architecture),
  number("parameters", "Parameters", (model) => model.parameters || null, formatParameters),
  category("quantization", "Quantization", (model) => model.quantization),
  number("bytes", "Size", (model) => model.bytes || null, formatBytes),
  number("context", "Context", (model) => model.contextLength, formatInteger),
  number("vocabulary", "Vocabulary", (model) => model.vocabularySize, formatInteger),
  category("bos", "BOS policy", (model) => model.bosPolicy),
  category("cluster", "Cluster", (model) => (model.cluster === null ? null : `Cluster ${model.cluster + 1}`)),
  category("backend", "Backend", (model) => model.backend),
  category("fallback", "Fallback", (model) => model.fallback),
  number("truncated", "Truncated texts", (model) => model.truncatedTexts || null, formatInteger),
];

/** The fields that at least one model has: the facts, what is relative to a model or predicted, then the labels in the order of their first appearance. */
export function reportFields({ models, reference, predictions }: Pick<ReportData, "models" | "reference" | "predictions">): Field[] {
  const labels = new Set(models.flatMap((model) => Object.keys(model.labels)));
  const fields = [
    ...facts,
    number("kl-to-reference", `KL to ${reference ?? "the reference"}`, (model) => model.klToReference, formatKl),
    category("pareto", "Nearest for its size", (model) => (model.pareto === null ? null : model.pareto ? "yes" : "no")),
    number("predicted", `${predictions?.label ?? "Score"}, predicted`, ({ prediction }) => prediction?.grouped ?? prediction?.predicted ?? null, formatSignificant),
    number("leakage", "Leakage", ({ prediction }) => prediction?.leakage ?? null, formatSignificant),
    category("suspect", "Suspected leakage", ({ prediction }) => ((prediction?.suspect ?? null) === null ? null : prediction?.suspect === true ? "suspect" : "no")),
    ...Array.from(labels, (name) => labelField(name, models)),
  ];
  return fields.filter((field) => models.some((model) => field.value(model) !== null));
}

/** A label is a number where every model that has it gives one. */
function labelField(name: string, models: readonly ReportModel[]): Field {
  const id = `label:${name}`;
  const text = (model: ReportModel): string | null => (Object.hasOwn(model.labels, name) ? model.labels[name]?.trim() || null : null);
  const values = models.map(text).filter((value) => value !== null);
  const numeric = values.length > 0 && values.every((value) => Number.isFinite(Number(value)));
  if (!numeric) return category(id, name, text);
  const value = (model: ReportModel): number | null => {
    const found = text(model);
    return found === null ? null : Number(found);
  };
  return number(id, name, value, formatSignificant);
}

/** The value of a field as text, a dash where there is none. */
export function fieldText(field: Field, model: ReportModel): string {
  if (field.kind === "number") {
    const value = field.value(model);
    return value === null ? nothing : field.format(value);
  }
  return field.value(model) ?? nothing;
}

/** Whether the models differ in a field. */
export function varies(field: Field, models: readonly ReportModel[]): boolean {
  return new Set(models.map((model) => field.value(model))).size > 1;
}
