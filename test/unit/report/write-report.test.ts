import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { restoreRow } from "../../../lib/report/quantised.js";
import { renderReport, writeReport } from "../../../lib/report/write-report.js";
import { embedded, embeddedTexts } from "../../helpers/embedded-report.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";
import { cloudReport, familyReport } from "./sample-report.js";

test.each([1, 2, 3, 12])("the page of %d models holds the report, and its divergences as 32-bit floats", async (count) => {
  const data = familyReport(count);
  const { kl: matrix, sample, tokens, ...rest } = data;
  expect(tokens).toBeNull();
  const { report, kl, order, overview, texts, klError } = embedded(await renderReport(data));
  expect(report).toEqual(rest);
  expect(order).toHaveLength(count);
  expect(overview).toBeNull();
  expect(texts).toBe(sample.positions.length);
  if (count === 1) expect(kl).toBeNull();
  else {
    expect(kl).toBeInstanceOf(Float32Array);
    expect(kl).toHaveLength((count * (count - 1)) / 2);
    expect((kl as Float32Array)[0]).toBe(Math.fround(matrix?.[1] ?? NaN));
    expect(klError).toBeLessThan(1e-7);
  }
});

test("the texts come with the log-likelihoods of each model, within half a step of 16 bits", async () => {
  const { sample, models } = familyReport();
  const { logLikelihoods, contents, positions } = embeddedTexts(await renderReport(familyReport()));
  expect(contents).toEqual(sample.contents);
  expect(positions).toEqual(sample.positions);
  models.forEach((_, model) => {
    restoreRow(logLikelihoods, model).forEach((value, text) => {
      expect(Math.abs(value - sample.logLikelihood(model, text))).toBeLessThanOrEqual((logLikelihoods.steps[text] ?? 0) / 2 + 1e-9);
    });
  });
});

test("more models have divergences of 16 bits, with the error that the page states; many have blocks in place of pairs", async () => {
  const { kl: matrix, ...rest } = cloudReport(501);
  const { kl, klError } = embedded(await renderReport({ kl: matrix, ...rest }));
  expect(kl).toMatchObject({ codes: expect.any(Uint16Array) as Uint16Array });
  expect(klError).toBeGreaterThan(1e-6);
  expect(klError).toBeLessThan(2e-4);
  const many = cloudReport(2001);
  const { kl: none, overview } = embedded(await renderReport(many));
  expect(none).toBeNull();
  expect(overview?.blocks).toBe(1000);
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
  expect(html.match(/<script/g)).toHaveLength(4);
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
