/** Divergences on one logarithmic scale, a row each: published medians beside those of the run. */
import { formatKl } from "../format.js";
import { element, type Child } from "./dom.js";

export interface StripRow {
  name: Child;
  /** Bits/byte. */
  kl: number;
  interval: { low: number; high: number } | null;
  kind: "run" | "published";
}

/** Rows in increasing order. @param label what the table holds, for screen readers */
export function klStrip(label: string, rows: readonly StripRow[]): HTMLElement {
  const sorted = [...rows].sort((a, b) => a.kl - b.kl);
  const values = sorted.flatMap(({ kl, interval }) => [kl, ...(interval === null ? [] : [interval.low, interval.high])]).filter((value) => value > 0);
  const [low, high] = [Math.min(...values) / 1.5, Math.max(...values) * 1.5];
  const place = (value: number): number => (value > 0 ? Math.max(0, Math.log(value / low) / Math.log(high / low)) * 100 : 0);
  const body = sorted.map(({ name, kl, interval, kind }) => {
    const line = element("span", { className: "strip-line" });
    if (interval !== null) {
      const whisker = element("span", { className: "whisker" });
      whisker.style.left = `${place(interval.low)}%`;
      whisker.style.width = `${place(interval.high) - place(interval.low)}%`;
      line.append(whisker);
    }
    const mark = element("span", { className: `strip-mark ${kind}` });
    mark.style.left = `${place(kl)}%`;
    line.append(mark);
    line.ariaHidden = "true";
    return element(
      "tr",
      { className: kind },
      element("th", { scope: "row" }, name),
      element("td", { className: "number" }, formatKl(kl)),
      element("td", { className: "strip-cell" }, line),
    );
  });
  const head = element(
    "tr",
    {},
    element("th", { scope: "col" }, "Pair"),
    element("th", { scope: "col", className: "number" }, "KL"),
    element("th", { scope: "col", className: "strip-cell" }, "bits/byte, logarithmic"),
  );
  const table = element("table", { className: "data kl-strip" }, element("thead", {}, head), element("tbody", {}, ...body));
  table.setAttribute("aria-label", label);
  return table;
}
