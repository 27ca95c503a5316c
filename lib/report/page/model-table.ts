/** The sortable table of models. */
import { fieldText, type Field } from "../fields.js";
import { formatKl, nothing } from "../format.js";
import type { Report } from "../page-data.js";
import { element } from "./dom.js";

interface Column {
  title: string;
  numeric: boolean;
  /** What rows are sorted by; null goes last in both directions. */
  key: (model: number) => string | number | null;
  cell: (model: number) => Node | string;
}

type Direction = "ascending" | "descending";

export function modelTable(report: Report, fields: readonly Field[]): HTMLElement {
  const columns = modelColumns(report, fields);
  const rows = report.models.map((_, model) => {
    const cells = columns.map((column, position) => {
      const className = column.numeric ? "number" : "";
      return position === 0
        ? element("th", { scope: "row", className }, column.cell(model))
        : element("td", { className }, column.cell(model));
    });
    return element("tr", {}, ...cells);
  });
  const body = element("tbody", {}, ...rows);
  const headers = columns.map((column) => {
    const header = element("th", { scope: "col", className: column.numeric ? "number" : "" });
    const sorter = element("button", { type: "button" }, column.title);
    sorter.addEventListener("click", () => {
      const direction: Direction = header.ariaSort === "ascending" ? "descending" : "ascending";
      for (const other of headers) other.removeAttribute("aria-sort");
      header.ariaSort = direction;
      body.append(...sortedModels(report.models.length, column, direction).flatMap((model) => rows[model] ?? []));
    });
    header.append(sorter);
    return header;
  });
  const table = element("table", { className: "models" }, element("thead", {}, element("tr", {}, ...headers)), body);
  const frame = element("div", { className: "scroll tall", tabIndex: 0 }, table);
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", "Table of models");
  return frame;
}

function modelColumns(report: Report, fields: readonly Field[]): Column[] {
  const { models } = report;
  const nearest = models.map((_, model) => report.kl.nearest(model, 1)[0]);
  const nameOf = (model: number): string => models[model]?.name ?? "";
  const fieldColumns = fields.map((field): Column => {
    const key = (model: number): string | number | null => {
      const row = models[model];
      return row === undefined ? null : field.value(row);
    };
    const cell = (model: number): string => {
      const row = models[model];
      return row === undefined ? nothing : fieldText(field, row);
    };
    return { title: field.title, numeric: field.kind === "number", key, cell };
  });
  const neighbours: Column[] = [
    {
      title: "Nearest model",
      numeric: false,
      key: (model) => nameOf(nearest[model]?.model ?? -1) || null,
      cell: (model) => element("span", { className: "name" }, nameOf(nearest[model]?.model ?? -1)),
    },
    {
      title: "KL to it (bits/byte)",
      numeric: true,
      key: (model) => nearest[model]?.kl ?? null,
      cell: (model) => formatKl(nearest[model]?.kl ?? NaN),
    },
  ];
  const warnings: Column = {
    title: "Warnings",
    numeric: false,
    key: (model) => models[model]?.warnings.join(" ") || null,
    cell: (model) => element("span", { className: "warnings" }, models[model]?.warnings.join("; ") || nothing),
  };
  return [
    { title: "Model", numeric: false, key: nameOf, cell: (model) => modelName(nameOf(model), models[model]?.title ?? null) },
    ...(models.length > 1 ? neighbours : []),
    ...fieldColumns,
    ...(models.some((model) => model.warnings.length > 0) ? [warnings] : []),
  ];
}

/** The name, with the title that the file gives itself as a hint. */
function modelName(name: string, title: string | null): HTMLElement {
  return element("span", { className: "name", title: title === null || title === name ? name : `${name} (${title})` }, name);
}

/** Ties keep the order of the report. */
function sortedModels(count: number, { key }: Column, direction: Direction): number[] {
  const sign = direction === "ascending" ? 1 : -1;
  return Array.from({ length: count }, (_, model) => ({ model, value: key(model) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
      return sign * (typeof a.value === "number" && typeof b.value === "number" ? a.value - b.value : compareText(a.value, b.value));
    })
    .map(({ model }) => model);
}

const collator = new Intl.Collator("en", { numeric: true });
function compareText(a: string | number, b: string | number): number {
  return collator.compare(String(a), String(b));
}
