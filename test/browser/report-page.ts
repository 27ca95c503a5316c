/** A report with everything that its first window can hold, and what the page says of its models. */
import type { Page } from "playwright-core";
import type { ReportData } from "../../lib/report/report-data.js";
import { familyReport } from "../unit/report/sample-report.js";

/** Twelve models with a second map, a depth, ellipses, a path of checkpoints and sizes that differ. */
export function richReport(): ReportData {
  const data = familyReport();
  const [mds] = data.maps;
  if (mds === undefined) throw new Error("no map");
  const ellipses = data.models.map((_, i) => ({ major: 0.3 + 0.05 * i, minor: 0.2, angle: 0.3 }));
  const z = Float32Array.from(data.models, (_, i) => (i % 2 === 0 ? 2 : -2));
  const tsne = { ...mds, method: "tsne" as const, unit: "arbitrary unit", explained: null, settings: ["perplexity 3"], x: mds.y.slice(), y: mds.x.slice() };
  return {
    ...data,
    maps: [{ ...mds, z, ellipses }, tsne],
    models: data.models.map((model, i) => ({ ...model, trajectory: i < 4 ? { name: "main", step: i } : null, bytes: 1e6 * (i + 1) ** 2 })),
  };
}

export const statusOf = (page: Page): Promise<string> => page.locator("#page-controls .status").innerText();
/** Names of the models that are checked in the table. */
export const checkedOf = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>(`Array.from(document.querySelectorAll("table.models tbody tr"), (row) => row.querySelector("input").checked ? row.querySelector("th").innerText : "").filter((name) => name !== "")`);
