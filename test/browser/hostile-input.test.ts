import { readFileSync } from "node:fs";
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { renderMapSvg } from "../../lib/report/map-svg.js";
import type { ReportData } from "../../lib/report/report-data.js";
import { renderReport } from "../../lib/report/write-report.js";
import { familyReport } from "../unit/report/sample-report.js";
import { launchChromium, openFile } from "./chromium.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => browser.close());

const attacks = [
  `<img src=x onerror="window.injected=1">`,
  `</script><script>window.injected=1</script>`,
  `</title></style><svg onload="window.injected=1">`,
  `"><iframe srcdoc="<script>parent.injected=1</script>"></iframe>`,
  `' onmouseover='window.injected=1' x='`,
  `javascript:window.injected=1`,
  `<!--<script>window.injected=1</script>`,
  `]]><script>window.injected=1</script>`,
  `{b|window.injected=1}{{constructor.constructor("window.injected=1")()}}\${window.injected=1}`,
  `%SCRIPT%%DATA%$&$'\u2028window.injected=1\u2029`,
  `__proto__`,
  `\u0000\u001b[2J\ud800\u202e&lt;script&gt;`,
];

/** All in one string; in both orders, because one that opens a comment could hide those behind it. */
const orders = [
  ["forwards", attacks.join(" ")],
  ["backwards", attacks.toReversed().join(" ")],
] as const;

/** The report with an attack in front of every string, also in the names of labels, settings and versions. */
function hostileReport(attack: string): ReportData {
  const attacked = (value: unknown): unknown => {
    if (typeof value === "string") return `${attack}${value}`;
    if (Array.isArray(value)) return value.map(attacked);
    return value;
  };
  const names = (entries: Record<string, string>): Record<string, string> =>
    Object.fromEntries(Object.entries(entries).map(([name, value]) => [`${attack}${name}`, `${attack}${value}`]));
  const each = <Value extends object>(value: Value): Value =>
    Object.fromEntries(Object.entries(value).map(([name, part]) => [name, attacked(part)])) as Value;
  const data = familyReport();
  return {
    ...each(data),
    versions: names(data.versions),
    settings: names(data.settings),
    texts: { ...each(data.texts), sources: data.texts.sources.map(each) },
    models: data.models.map((model, i) => ({
      ...each(model),
      labels: { ...names(model.labels), [attack]: attack },
      fallback: attack,
      trajectory: { name: attack, step: i },
      klToReference: i,
      prediction: { actual: i, predicted: i, predictedSd: null, grouped: null, groupedSd: null, leakage: i, suspect: i === 0 },
    })),
    predictions: { label: attack, family: attack, leakageLimit: 3, screen: { intercept: 0, slope: 1 } },
    relations: (data.relations ?? []).map(each),
    failed: data.failed.map(each),
    skipped: data.skipped.map(each),
    maps: data.maps.map((map) => ({ ...map, unit: `${attack}${map.unit}`, settings: [attack] })),
    sources: { ...data.sources, names: data.sources.names.map((name) => `${attack}${name}`) },
    sample: { ...data.sample, contents: data.sample.contents.map((text) => `${attack}${text}`), sources: data.sample.sources.map((name) => `${attack}${name}`) },
    tree: data.tree && { ...data.tree, linkage: attack },
    reference: attack,
  };
}

/** All elements of a locator, of which there must be one: else a test would walk through nothing. */
async function some(locator: Locator): Promise<Locator[]> {
  const all = await locator.all();
  expect(all.length, String(locator)).toBeGreaterThan(0);
  return all;
}

test("an attack that does get through is noticed", async () => {
  const { page } = await openFile(browser, "control.html", `<!doctype html><p>${attacks[1] ?? ""}</p>`);
  expect(await page.evaluate("window.injected")).toBe(1);
});

test.each(orders)("attacks in every field stay text in the page (%s)", async (_order, attack) => {
  const data = hostileReport(attack);
  const { page, url, messages, requests } = await openFile(browser, "report.html", await renderReport(data));
  const shown = await page.evaluate<string>("document.querySelector('table.models tbody .name').textContent");
  expect(shown).toBe(data.models[0]?.name);

  // Every field as colour, shape and size, and one model in every state.
  for (const select of await some(page.locator("#map select"))) {
    for (let option = 0; option < (await select.locator("option").count()); option++) await select.selectOption({ index: option });
  }
  for (const layer of await some(page.locator("#map .toggles input"))) await layer.click();
  await page.locator("table.models tbody button").first().click();
  await page.locator("table.models tbody input").first().check();
  for (const entry of await some(page.locator("#map .legend button"))) await entry.click();
  await page.getByRole("searchbox").fill(attack);
  await page.getByRole("searchbox").fill("");
  await page.goBack();
  for (const sorter of await some(page.locator("table.models thead button"))) await sorter.click();
  await page.locator("table.models tbody button").first().click();
  await page.locator("#model .texts summary").first().click();
  expect(await page.locator("#model .texts .text").first().textContent()).toContain(attack.slice(0, 20));
  await page.locator("#model").getByRole("button", { name: /^Compare with/ }).first().click();
  await page.locator("#pair .verdict").waitFor();
  for (const summary of await some(page.locator("#pair summary"))) await summary.click();
  for (const chart of await some(page.locator(".scatter"))) {
    await chart.scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await chart.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    for (let step = 0; step < 20; step++) await page.mouse.move(x + (step * width) / 20, y + height - (step * height) / 20);
  }
  await page.locator("#size select").selectOption({ index: 2 });
  const canvas = page.locator("canvas.heat-map");
  await canvas.hover({ position: { x: 300, y: 400 } });
  const box = await page.locator(".map-surface").boundingBox();
  for (let x = 0; x < (box?.width ?? 0); x += 40) await page.mouse.move((box?.x ?? 0) + x, (box?.y ?? 0) + (x % 300));

  expect(await page.evaluate("window.injected")).toBeUndefined();
  expect(await page.locator("img, iframe, object, embed, base, form").count()).toBe(0);
  expect(await page.locator("script").count()).toBe(4);
  expect(messages).toEqual([]);
  expect(requests).toEqual([url]);
});

test("a picture that the page saves is well-formed, and a table has no formula", async () => {
  const [, attack] = orders[0];
  const data = hostileReport(`=${attack}`);
  const { page } = await openFile(browser, "report.html", await renderReport(data));
  const save = async (name: string): Promise<string> => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name }).click()]);
    return readFileSync(await download.path(), "utf8");
  };
  const saved = await openFile(browser, "saved.svg", await save("Save the map as SVG"));
  expect(await saved.page.evaluate("document.documentElement.nodeName")).toBe("svg");
  expect(await saved.page.evaluate("document.querySelectorAll('parsererror, script, image, foreignObject, a, iframe').length")).toBe(0);
  expect(await saved.page.evaluate("window.injected")).toBeUndefined();
  const csv = await save("Save what is shown as CSV");
  expect(csv).not.toMatch(/(^|[,"\n\uFEFF])=/);
  expect(csv).toContain("'=");
});

test.each(orders)("attacks in every field stay text in the picture, which is well-formed XML (%s)", async (_order, attack) => {
  const data = hostileReport(attack);
  const { page, messages, requests, url } = await openFile(browser, "map.svg", renderMapSvg(data));
  expect(await page.evaluate("document.documentElement.nodeName")).toBe("svg");
  expect(await page.evaluate("document.querySelectorAll('parsererror, script, image, foreignObject, a, iframe').length")).toBe(0);
  const attributes = "Array.from(document.querySelectorAll('*')).flatMap((node) => node.getAttributeNames())";
  expect((await page.evaluate<string[]>(attributes)).filter((name) => name.startsWith("on"))).toEqual([]);
  expect(await page.evaluate("window.injected")).toBeUndefined();
  expect(messages).toEqual([]);
  expect(requests).toEqual([url]);
});

test.each([2, 3, 12])("the picture of %d models is well-formed XML", async (count) => {
  const { page, messages } = await openFile(browser, "map.svg", renderMapSvg(familyReport(count)));
  expect(await page.evaluate("document.documentElement.nodeName")).toBe("svg");
  expect(await page.evaluate("document.querySelectorAll('parsererror').length")).toBe(0);
  expect(messages).toEqual([]);
});
