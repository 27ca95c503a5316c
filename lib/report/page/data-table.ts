/** Small tables of results: columns with titles, cells of text or nodes, and bars beside numbers. */
import { element, type Child } from "./dom.js";

export interface TableColumn {
  title: string;
  /** Numbers stand at the right. */
  numeric?: boolean;
  /** Text that may take several lines. */
  wrap?: boolean;
}

/** @param label what the table holds, for screen readers */
export function dataTable(label: string, columns: readonly TableColumn[], rows: readonly (readonly Child[])[]): HTMLElement {
  const classOf = ({ numeric = false, wrap = false }: TableColumn): string => (numeric ? "number" : wrap ? "wrap" : "");
  const header = element("tr", {}, ...columns.map((column) => element("th", { scope: "col", className: column.numeric ? "number" : "" }, column.title)));
  const body = rows.map((cells) =>
    element("tr", {}, ...columns.map((column, i) => (i === 0 ? element("th", { scope: "row", className: classOf(column) }, cells[i] ?? "") : element("td", { className: classOf(column) }, cells[i] ?? "")))),
  );
  const frame = element("div", { className: "scroll", tabIndex: 0 }, element("table", { className: "data" }, element("thead", {}, header), element("tbody", {}, ...body)));
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", label);
  return frame;
}

/** A bar of a share of its cell; the number beside it says the same. @param share 0 to 1 */
export function bar(share: number): HTMLElement {
  const fill = element("span", { className: "fill" });
  fill.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
  const frame = element("span", { className: "bar" }, fill);
  frame.ariaHidden = "true";
  return frame;
}
