/** The panels of one, two and many models: what they say is what the run's files say, and each control does what it says. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { placeAmongBands } from "../../lib/matrix/kl-scale.js";
import { formatBytes, formatFixed, formatKl } from "../../lib/report/format.js";
import type { ReportData } from "../../lib/report/report-data.js";
import { renderReport } from "../../lib/report/write-report.js";
import { compare } from "../../lib/run/compare.js";
import { importScores } from "../../lib/run/import-scores.js";
import { map } from "../../lib/run/map.js";
import { scale } from "../../lib/run/scale.js";
import { readKl, readNeighbours, readSources } from "../../lib/store/map-tables.js";
import { RunFolder } from "../../lib/store/run-folder.js";
import { readRunRecord } from "../../lib/store/run-record.js";
import { simulatedWorld } from "../helpers/simulated-world.js";
import { familyReport, klOf } from "../unit/report/sample-report.js";
import { launchChromium, openFile } from "./chromium.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => browser.close());

const openReport = async (data: ReportData, options = {}) => openFile(browser, "report.html", await renderReport(data), options);
const cellsOf = async (table: Locator): Promise<string[][]> =>
  Promise.all((await table.locator("tbody tr").all()).map((row) => row.locator("th, td").allInnerTexts()));
const regionOf = (page: Page, name: string): Locator => page.getByRole("region", { name, exact: true });
const openModel = async (page: Page, name: string): Promise<void> => page.locator("table.models").getByRole("button", { name, exact: true }).click();

describe("of a run", () => {
  const world = simulatedWorld({ models: 14, texts: 300, families: 3 });
  const directory = mkdtempSync(join(tmpdir(), "llmap-native-test-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const folder = new RunFolder(join(directory, "out"));
  const names = world.models.map(({ name }) => name);
  const [focused = "", other = ""] = [names[3], names[9]];
  let html = "";
  let threshold = NaN;
  beforeAll(async () => {
    await importScores({ out: folder.directory, texts: world.texts, models: world.models });
    await map({ out: folder.directory });
    html = readFileSync(folder.report, "utf8");
    threshold = (await readRunRecord(folder.runRecord))?.map?.clip?.threshold ?? NaN;
  });

  test("one model: nearest models with intervals as in neighbours.arrow, results by source as in sources.arrow", async () => {
    const { page, url, messages, requests } = await openFile(browser, "report.html", html);
    await openModel(page, focused);
    const panel = page.locator("#model");
    expect(await panel.locator("h3").innerText()).toBe(focused);
    expect(await panel.locator("h3").getAttribute("aria-live")).toBe("polite");
    const near = (await readNeighbours(folder.neighbours)).filter(({ model }) => model === focused);
    expect(near).toHaveLength(10);
    expect((await cellsOf(regionOf(page, "Nearest models"))).map((cells) => cells.slice(0, 3))).toEqual(
      near.map(({ neighbour, kl, klLow, klHigh }) => [neighbour, formatKl(Math.fround(kl)), `${formatKl(Math.fround(klLow ?? NaN))} – ${formatKl(Math.fround(klHigh ?? NaN))}`]),
    );
    const { models, kl } = await readKl(folder.kl);
    const [row, column] = [models.indexOf(focused), models.indexOf(near[0]?.neighbour ?? "")];
    expect(await panel.innerText()).toContain(`Its nearest model lies ${placeAmongBands(kl.values[row * models.length + column] ?? NaN)}.`);
    const strip = await cellsOf(panel.locator("table.kl-strip"));
    expect(strip.map(([name]) => name)).toContain("late neighbouring checkpoints");
    const values = strip.map(([, value]) => Number(value));
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(await panel.innerText()).toContain("bitsandbytes, raw and unclipped, and no reference for GGUF quants");

    const sources = new Map((await readSources(folder.sources)).filter(({ model }) => model === focused).map((source) => [source.source, source]));
    const shown = await cellsOf(regionOf(page, "Mean log-likelihood and bits/byte by source"));
    expect(shown).toHaveLength(4);
    for (const [source = "", mean, bits] of shown) {
      expect(bits).toBe(formatFixed(Math.fround(sources.get(source)?.bitsPerByte ?? NaN), 4));
      expect(Math.abs(Number(mean?.replace(",", "")) - (sources.get(source)?.meanLogLikelihood ?? NaN))).toBeLessThan(0.06);
    }
    expect(messages).toEqual([]);
    expect(requests).toEqual([url]);
  });

  test("one model: the most surprising texts are the entries of Q farthest from 0", async () => {
    const { page } = await openFile(browser, "report.html", html);
    await openModel(page, focused);
    const clipped = world.models.map(({ logLikelihood }) => Array.from(logLikelihood, (value) => Math.max(value, threshold)));
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    const rowCentred = clipped.map((row) => row.map((value) => value - mean(row)));
    const centred = (rowCentred[names.indexOf(focused)] ?? []).map((value, text) => ({ text, value: value - mean(rowCentred.map((row) => row[text] ?? NaN)) }));
    centred.sort((a, b) => a.value - b.value);
    const expected = [...centred.slice(0, 3), ...centred.slice(-3).reverse()];
    const items = page.locator("#model .texts li");
    await items.first().waitFor();
    const found = (await items.allInnerTexts()).map((text) => {
      const [, position, sign, size] = /^Text (\d+) \(\w+\): ([+−])([\d.]+) nats/.exec(text) ?? [];
      return { text: Number(position), value: (sign === "−" ? -1 : 1) * Number(size) };
    });
    expect(found.map(({ text }) => text)).toEqual(expected.map(({ text }) => text));
    found.forEach(({ value }, i) => expect(Math.abs(value - (expected[i]?.value ?? NaN))).toBeLessThan(0.1));
    const [first] = expected;
    await items.first().locator("summary").click();
    expect(await items.first().locator(".text").innerText()).toBe(world.texts.texts[first?.text ?? -1]?.content);
  });

  test("two models: divergence, interval, verdict, sources and texts are those of compare", async () => {
    const { page, url, messages, requests } = await openFile(browser, "report.html", html);
    const section = page.locator("#pair");
    await section.getByLabel("First").selectOption(focused);
    await section.getByLabel("Second").selectOption(other);
    await section.locator(".verdict").waitFor();
    const comparison = await compare({ out: folder.directory, models: [focused, other] });
    expect(await section.locator(".verdict strong").innerText()).toBe(comparison.verdict);
    const facts = Object.fromEntries(
      await page.evaluate<[string, string][]>(`Array.from(document.querySelectorAll("#pair dl:first-of-type > dt"), (dt) => [dt.textContent, dt.nextElementSibling.textContent])`),
    );
    expect(facts["KL divergence"]).toBe(`${formatKl(Math.fround(comparison.kl))} bits/byte`);
    const [, low, high] = /^([\d.]+) to ([\d.]+) bits\/byte \(as `llmap-native compare`/.exec(facts["95 % interval"] ?? "") ?? [];
    expect(Math.abs(Number(low) / comparison.interval.low - 1)).toBeLessThan(6e-3);
    expect(Math.abs(Number(high) / comparison.interval.high - 1)).toBeLessThan(6e-3);
    expect(Math.abs(parseFloat(facts["Robust"] ?? "") / comparison.robustKl - 1)).toBeLessThan(6e-3);
    expect(facts["On the KL scale"]).toContain(comparison.orientation);

    const sources = await cellsOf(regionOf(page, "Contributions to the KL divergence by source"));
    expect(sources.map(([source]) => source)).toEqual(comparison.sources.map(({ source }) => source));
    sources.forEach((cells, i) => expect(Math.abs(parseFloat(cells[3] ?? "") - 100 * (comparison.sources[i]?.share ?? NaN))).toBeLessThan(0.11));
    const texts = await cellsOf(regionOf(page, "Texts that tell the two models apart"));
    const positions = texts.map(([text]) => Number(/^Text (\d+)/.exec(text ?? "")?.[1]));
    // Texts of nearly equal contributions may change places: log-likelihoods have 16 bits in the page.
    expect([...positions].sort()).toEqual(comparison.distinguishingTexts.map(({ text }) => text).sort());
    texts.forEach((cells, i) => {
      const [a = NaN, b = NaN] = comparison.distinguishingTexts.find(({ text }) => text === positions[i])?.logLikelihood ?? [];
      expect(Math.abs(Number(cells[1]?.replace(",", "")) - a)).toBeLessThan(0.1);
      expect(Math.abs(Number(cells[2]?.replace(",", "")) - b)).toBeLessThan(0.1);
    });
    expect(messages).toEqual([]);
    expect(requests).toEqual([url]);
  });

  test("two models: a point of the scatter tells its text; swapping turns the axes", async () => {
    const { page } = await openFile(browser, "report.html", html);
    const section = page.locator("#pair");
    await section.getByLabel("First").selectOption(focused);
    await section.getByLabel("Second").selectOption(other);
    const chart = section.locator(".scatter");
    await section.locator(".verdict").waitFor();
    await chart.scrollIntoViewIfNeeded();
    await chart.locator("canvas").waitFor();
    await expect.poll(() => chart.getAttribute("data-points")).toBe("300");
    expect(await chart.getAttribute("aria-label")).toContain(`${focused} (across) and ${other} (up)`);
    const box = (await chart.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    const card = page.locator("#card");
    for (let share = 0.35; share < 0.65 && !(await card.isVisible()); share += 0.03) {
      for (let y = box.y + 20; y < box.y + box.height - 50 && !(await card.isVisible()); y += 5) await page.mouse.move(box.x + 74 + share * (box.width - 96), y);
    }
    const text = await card.innerText();
    const position = Number(/^Text (\d+) \(/.exec(text)?.[1]);
    const value = (name: string): number => Number(new RegExp(`${name}\\s+(-[\\d,.]+) nats`).exec(text)?.[1]?.replace(",", ""));
    for (const name of [focused, other]) expect(Math.abs(value(name) - (world.models[names.indexOf(name)]?.logLikelihood[position] ?? NaN))).toBeLessThan(0.1);
    await section.getByRole("button", { name: "Swap the two models" }).click();
    await expect.poll(() => chart.getAttribute("aria-label")).toContain(`${other} (across) and ${focused} (up)`);
  });

  test("many: the scale of the run is that of the command", async () => {
    const { page } = await openFile(browser, "report.html", html);
    const { relations } = await scale({ out: folder.directory });
    const rows = await cellsOf(regionOf(page, "KL divergences of the run by relation"));
    expect(rows.map((cells) => cells.slice(0, 4))).toEqual(
      relations.map(({ relation, pairs, median, least, most }) => [relation, String(pairs), formatKl(median), `${formatKl(least)} – ${formatKl(most)}`]),
    );
    expect(await page.locator("#scale").innerText()).toContain("bitsandbytes");
  });
});

test("the panel follows the focus, its buttons open and compare, and a link leads back to both", async () => {
  const { page, url, messages, requests } = await openReport(familyReport());
  const panel = page.locator("#model");
  expect(await panel.innerText()).toContain("None chosen yet");
  await openModel(page, "base-f16");
  await regionOf(page, "Nearest models").getByRole("button", { name: "base-q8_0", exact: true }).click();
  expect(await panel.locator("h3").innerText()).toBe("base-q8_0");
  await panel.getByRole("button", { name: "Compare with base-f16" }).click();
  const pair = page.locator("#pair");
  await pair.locator(".verdict").waitFor();
  expect(await pair.locator(".pair-names").innerText()).toBe("base-q8_0 and base-f16");
  expect(await page.evaluate("document.activeElement.id")).toBe("pair");
  expect(await pair.innerText()).toContain("from a sample of 24 texts");
  expect(await page.evaluate("location.hash")).toBe("#model=base-q8_0&pair=base-q8_0&pair=base-f16");
  await panel.getByRole("button", { name: "Close this model" }).click();
  expect(await panel.innerText()).toContain("None chosen yet");
  await page.goBack();
  await expect.poll(() => panel.locator("h3").innerText()).toBe("base-q8_0");
  await page.locator(".map-surface").focus();
  await page.keyboard.press("n");
  await page.keyboard.press("Enter");
  expect(await panel.locator("h3").innerText()).not.toBe("base-q8_0");

  await page.goto(`${url}#model=small-f16&pair=gpt2b-f16&pair=small-f16&reference=base-q8_0`);
  await page.reload();
  await pair.locator(".verdict").waitFor();
  expect(await panel.locator("h3").innerText()).toBe("small-f16");
  expect(await pair.locator(".pair-names").innerText()).toBe("gpt2b-f16 and small-f16");
  expect(await page.locator("#size select").inputValue()).toBe("base-q8_0");
  expect(messages).toEqual([]);
  expect(new Set(requests.map((request) => request.split("#")[0]))).toEqual(new Set([url]));
});

test("size and distance: the front is that of the chosen reference, and a point opens its model", async () => {
  const data = familyReport();
  data.models.forEach((model, i) => (model.bytes = [1_900_000, 1_000_000, 700_000, 600_000, 1_000_000, 1_000_000, 600_000, 1_000_000, 1_000_000, 330_000, 1_900_000, 1_900_000][i] ?? 0));
  const { page, messages } = await openReport(data, { viewport: { width: 1440, height: 1000 } });
  const section = page.locator("#size");
  const names = data.models.map(({ name }) => name);
  expect(await section.locator("select").inputValue()).toBe("base-f16");
  const front = (reference: number): string[][] =>
    names
      .map((name, i) => ({ name, bytes: data.models[i]?.bytes ?? 0, kl: klOf(data, reference, i) }))
      .filter((one, i, all) => !all.some((rival, j) => j !== i && rival.bytes <= one.bytes && rival.kl <= one.kl && (rival.bytes < one.bytes || rival.kl < one.kl)))
      .sort((a, b) => a.bytes - b.bytes)
      .map(({ name, bytes, kl }) => [name, formatBytes(bytes), formatKl(Math.fround(kl))]);
  const shown = async (): Promise<string[][]> => cellsOf(regionOf(page, "Models nearest for their size"));
  expect(await shown()).toEqual(front(0));
  expect(front(0).map(([name]) => name)).toContain("base-q5_0");
  await section.locator("select").selectOption("gpt2b-f16");
  expect(await shown()).toEqual(front(names.indexOf("gpt2b-f16")));
  expect(await page.evaluate("location.hash")).toBe("#reference=gpt2b-f16");

  const chart = section.locator(".scatter");
  await chart.scrollIntoViewIfNeeded();
  await expect.poll(() => chart.getAttribute("data-points")).toBe("12");
  const box = (await chart.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  // The smallest file is the leftmost point: 6 % of the range from the edge of the plot.
  const x = box.x + 74 + (0.06 / 1.12) * (box.width - 96);
  const card = page.locator("#card");
  for (let y = box.y + 16; y < box.y + box.height - 48 && !(await card.isVisible()); y += 4) await page.mouse.move(x, y);
  expect(await card.locator(".name").first().innerText()).toBe("small-f16");
  await page.mouse.down();
  await page.mouse.up();
  expect(await page.locator("#model h3").innerText()).toBe("small-f16");
  await page.getByLabel("Search models").fill("base");
  await expect.poll(() => chart.getAttribute("data-points")).toBe("9");
  expect(messages).toEqual([]);
});

/** A score that grows with the first axis; the last model is suspect. */
function predictedReport(): ReportData {
  const data = familyReport();
  const suspect = data.models.length - 1;
  data.predictions = { label: "score", family: null, leakageLimit: 3.5, screen: { intercept: -1000, slope: -20 } };
  data.models.forEach((model, i) => {
    model.prediction = { actual: i === 2 ? null : 10 + i, predicted: 10.5 + i, predictedSd: 0.2, grouped: null, groupedSd: null, leakage: i === suspect ? 5.25 : 0.1, suspect: i === suspect };
  });
  return data;
}

test("predicted scores: both plots, the suspects, and the map by predicted score", async () => {
  const { page, messages } = await openReport(predictedReport());
  const section = page.locator("#predictions");
  const charts = section.locator(".scatter");
  await section.scrollIntoViewIfNeeded();
  expect(await charts.nth(0).getAttribute("aria-label")).toBe("Predicted score (up) against the actual one (across) of 11 models, with the diagonal where both agree.");
  await expect.poll(() => charts.nth(0).getAttribute("data-points")).toBe("11");
  await expect.poll(() => charts.nth(1).getAttribute("data-points")).toBe("12");
  expect(await cellsOf(regionOf(page, "Models of suspected leakage"))).toEqual([["gpt2b-ft-french-f16", "21.5", "-1,526.8", "5.3"]]);
  await page.getByLabel("Colour").selectOption("score, predicted");
  expect(await page.locator("#map .legends").innerText()).toContain("score, predicted");
  expect(messages).toEqual([]);
});

test("what is to be known before the figures are trusted", async () => {
  const data = familyReport();
  const [first] = data.models;
  if (first !== undefined) first.fallback = "smaller batch";
  const { page } = await openReport(data);
  const run = page.locator("#run");
  const text = (await run.innerText()).replace(/\s+/g, " ");
  expect(text).toContain("Texts 24 of 240, sampled by source");
  expect(text).toContain("Threshold -3,124.71 nats");
  expect(text).toContain("KL of a model from itself 1.0e-9 bits/byte (default; doctor --noise measures it)");
  expect((await cellsOf(regionOf(page, "Remarks on models"))).map(([name, notes]) => [name, notes?.split("\n")[0]])).toEqual([
    ["base-f16", "scored with: smaller batch, after it had failed as asked"],
    ["gpt2b-f16", "texts cut at the context: 3"],
    ["gpt2b-ft-french-f16", "texts cut at the context: 3"],
  ]);
  expect(await page.locator("#reading").innerText()).toContain("2·KL ≈ Var");
});

test("a model that was scored on resampled texts only has no texts to compare", async () => {
  const data = familyReport();
  const whole = data.sample.logLikelihood;
  data.sample.logLikelihood = (model, text) => (model === 1 ? NaN : whole(model, text));
  const { page, messages } = await openReport(data);
  await openModel(page, "base-q8_0");
  await page.locator("#model").getByRole("button", { name: "Compare with base-f16" }).click();
  await expect.poll(() => page.locator("#pair").innerText()).toContain("scored on resampled texts only");
  expect(await page.locator("#pair .scatter").isVisible()).toBe(false);
  await openModel(page, "base-q5_0");
  await page.locator("#model .texts li").first().waitFor();
  expect(await page.locator("#model .texts").first().innerText()).not.toContain("NaN");
  expect(messages).toEqual([]);
});

test("on a phone the panel stands below the map, and nothing is wider than the screen", async () => {
  const { page } = await openReport(predictedReport(), { viewport: { width: 390, height: 844 } });
  await openModel(page, "base-f16");
  await page.locator("#model").getByRole("button", { name: "Compare with base-q8_0" }).click();
  await page.locator("#pair .verdict").waitFor();
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
  const bottom = async (id: string): Promise<{ top: number; bottom: number }> => page.evaluate(`(({ top, bottom }) => ({ top, bottom }))(document.getElementById("${id}").getBoundingClientRect())`);
  expect((await bottom("model")).top).toBeGreaterThanOrEqual((await bottom("map")).bottom);
});

test("on a wide screen the panel stands beside the map and stays in view beside the table", async () => {
  const { page } = await openReport(familyReport(), { viewport: { width: 1440, height: 900 } });
  const [mapBox, panelBox] = [await page.locator("#map").boundingBox(), await page.locator("#model").boundingBox()];
  expect(panelBox?.x ?? 0).toBeGreaterThan((mapBox?.x ?? 0) + (mapBox?.width ?? 0));
  await page.locator("#models").scrollIntoViewIfNeeded();
  await openModel(page, "gpt2b-f16");
  const { y = -1, height = 0 } = (await page.locator("#model h3").boundingBox()) ?? {};
  expect(y).toBeGreaterThanOrEqual(0);
  expect(y + height).toBeLessThanOrEqual(900);
});

test("paper has every text unfolded", async () => {
  const { page } = await openReport(familyReport());
  await openModel(page, "base-f16");
  await page.locator("#model details").first().waitFor();
  await page.evaluate("dispatchEvent(new Event('beforeprint'))");
  expect(await page.locator("details:not([open])").count()).toBe(0);
});

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

test.each(["light", "dark"] as const)("axe finds nothing serious in open panels, %s", async (colorScheme) => {
  const { page } = await openReport(predictedReport(), { colorScheme, bypassCSP: true, viewport: { width: 1440, height: 900 } });
  await openModel(page, "gpt2b-f16");
  await page.locator("#model").getByRole("button", { name: "Compare with gpt2b-ft-french-f16" }).click();
  await page.locator("#pair .verdict").waitFor();
  await page.locator("#model .texts li").first().waitFor();
  await page.evaluate(axe);
  const { violations } = await page.evaluate<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>("axe.run(document)");
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)).join(" ")}`)).toEqual([]);
});
