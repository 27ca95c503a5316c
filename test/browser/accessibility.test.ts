import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { renderReport } from "../../lib/report/write-report.js";
import { cloudReport, familyReport } from "../unit/report/sample-report.js";
import { launchChromium, openFile } from "./chromium.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => browser.close());

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Finding {
  id: string;
  impact: string;
  nodes: { html: string }[];
}

const pages = [
  ["one model", () => familyReport(1)],
  ["twelve models", () => familyReport()],
  ["400 models", () => cloudReport(400)],
] as const;

test.each(pages.flatMap(([name, data]) => (["light", "dark"] as const).map((scheme) => [name, scheme, data] as const)))(
  "axe finds nothing serious in a page of %s, %s",
  async (_name, colorScheme, data) => {
    const { page } = await openFile(browser, "report.html", await renderReport(data()), { colorScheme, bypassCSP: true });
    await page.evaluate(axe);
    const { violations } = await page.evaluate<{ violations: Finding[] }>("axe.run(document)");
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)).join(" ")}`)).toEqual([]);
  },
);
