import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { PageData } from "../../../lib/report/page-data.js";
import { renderReport, writeReport } from "../../../lib/report/write-report.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";
import { familyReport } from "./sample-report.js";

function embedded(html: string): PageData {
  const json = /<script type="application\/json" id="report-data">([^<]*)<\/script>/.exec(html)?.[1];
  if (json === undefined) throw new Error("no data in the page");
  return JSON.parse(json) as PageData;
}

test.each([1, 2, 3, 12])("the page of %d models holds the report and its divergences as 32-bit floats", async (count) => {
  const data = familyReport(count);
  const { kl: matrix, ...rest } = data;
  const { report, kl, order } = embedded(await renderReport(data));
  expect(report).toEqual(rest);
  expect(order).toHaveLength(count);
  const bytes = Buffer.from(kl, "base64");
  expect(bytes.length).toBe((4 * count * (count - 1)) / 2);
  if (count > 1) expect(bytes.readFloatLE(0)).toBe(Math.fround(matrix[1] ?? NaN));
});

test("the policy allows the page's own script and style and nothing else", async () => {
  const html = await renderReport(familyReport());
  const sha256 = (text: string | undefined): string => `'sha256-${createHash("sha256").update(text ?? "").digest("base64")}'`;
  const script = /<script>([^]*?)<\/script>/.exec(html)?.[1];
  const style = /<style>([^]*?)<\/style>/.exec(html)?.[1];
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
  expect(policy).toBe(
    `default-src 'none'; script-src ${sha256(script)}; style-src ${sha256(style)}; base-uri 'none'; form-action 'none'`,
  );
  expect(html.match(/<script/g)).toHaveLength(2);
});

test("text that looks like a place in the template, or like markup, stays text", async () => {
  const data = familyReport();
  data.title = "</title><script>x()</script>%DATA%$&";
  const html = await renderReport(data);
  expect(html).toContain("<title>&lt;/title&gt;&lt;script&gt;x()&lt;/script&gt;%DATA%$&amp;</title>");
  expect(embedded(html).report.title).toBe(data.title);
});

test("the file is written whole, with nothing beside it", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "report.html");
  await writeReport(familyReport(), path);
  expect(readFileSync(path, "utf8")).toBe(await renderReport(familyReport()));
  expect(readdirSync(folder)).toEqual(["report.html"]);
});
