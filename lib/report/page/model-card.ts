/** What the card says about one model: its facts and its nearest neighbours. */
import { fieldText, varies, type Field } from "../fields.js";
import { formatKl, nothing } from "../format.js";
import type { Report } from "../page-data.js";
import { definitionList, element, type Child } from "./dom.js";

const neighboursShown = 5;
const always = new Set(["architecture", "quantization", "parameters", "bytes", "bits-per-byte", "cluster"]);

export function modelCard(report: Report, fields: readonly Field[], model: number): Child[] {
  const shown = report.models[model];
  if (shown === undefined) return [];
  const facts = fields
    .filter((field) => always.has(field.id) || field.id.startsWith("label:") || varies(field, report.models))
    .map((field): [string, string] => [field.title, fieldText(field, shown)])
    .filter(([, text]) => text !== nothing);
  const nearest = report.kl.nearest(model, neighboursShown).map(({ model: other, kl }): [string, string] => [
    report.models[other]?.name ?? "",
    formatKl(kl),
  ]);
  const warnings = shown.warnings.map((warning) => element("li", {}, warning));
  return [
    element("strong", { className: "name" }, shown.name),
    definitionList(facts),
    element("p", { className: "card-heading" }, "Nearest models (KL, bits/byte)"),
    definitionList(nearest),
    ...(warnings.length > 0 ? [element("p", { className: "card-heading" }, "Warnings"), element("ul", {}, ...warnings)] : []),
  ];
}
