import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatKl } from "../../lib/report/format.js";
import type { ReportData } from "../../lib/report/report-data.js";
import { renderReport } from "../../lib/report/write-report.js";
import { cloudReport, familyReport, klOf } from "../unit/report/sample-report.js";
import { launchChromium, openFile } from "./chromium.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => browser.close());

const openReport = async (data: ReportData, options = {}) => openFile(browser, "report.html", await renderReport(data), options);

/** Place in the window, and number, of the pixels of the map that have nearly this colour. */
async function mapPixels(page: Page, [red, green, blue]: [number, number, number]): Promise<{ count: number; x: number; y: number }> {
  return page.evaluate(`(() => {
    const canvas = document.querySelector(".map-surface canvas");
    const context = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
    context.drawImage(canvas, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const box = canvas.getBoundingClientRect();
    let count = 0, x = 0, y = 0;
    for (let i = 0; i < data.length; i += 4) {
      const difference = Math.abs(data[i] - ${red}) + Math.abs(data[i + 1] - ${green}) + Math.abs(data[i + 2] - ${blue});
      if (data[i + 3] < 200 || difference > 60) continue;
      if (count++ === 0) {
        x = box.left + (i / 4 % canvas.width) / devicePixelRatio;
        y = box.top + Math.floor(i / 4 / canvas.width) / devicePixelRatio;
      }
    }
    return { count, x, y };
  })()`);
}
const blue: [number, number, number] = [0x00, 0x72, 0xb2];
const vermilion: [number, number, number] = [0xd5, 0x5e, 0x00];

const firstColumn = async (page: Page): Promise<string[]> => page.locator("table.models tbody th").allInnerTexts();

test("the page of twelve models opens from disk, shows all parts, and asks for nothing else", async () => {
  const data = familyReport();
  const { page, url, messages, requests } = await openReport(data);
  expect(await page.title()).toBe(data.title);
  expect(await firstColumn(page)).toEqual(data.models.map((model) => model.name));
  for (const section of ["#map", "#distances", "#models", "#not-scored", "#reading", "#run"]) {
    expect(await page.locator(section).isVisible()).toBe(true);
  }
  expect(await page.locator("#summary").innerText()).toContain("Nearest pair: base-f16 and base-q8_0");
  expect(await page.locator("#not-scored").innerText()).toContain("The header ends after 20 bytes");
  expect(await page.locator("#run").innerText()).toContain(data.texts.hash);
  expect((await mapPixels(page, vermilion)).count).toBeGreaterThan(100);
  expect(messages).toEqual([]);
  expect(requests).toEqual([url]);
});

test("another colour field changes the points and the legend", async () => {
  const { page, messages } = await openReport(familyReport());
  const legend = page.locator("#map .legend").first();
  expect(await legend.innerText()).toMatch(/recipe\s+fine-tuned\s+4\s+pretrained\s+8/);
  const before = await mapPixels(page, blue);
  await page.getByLabel("Colour").selectOption("Architecture");
  expect(await legend.innerText()).toMatch(/Architecture\s+gpt2\s+2\s+llama\s+10/);
  const after = await mapPixels(page, blue);
  expect(before.count / after.count).toBeGreaterThan(1.5);
  await page.getByLabel("Colour").selectOption("Bits/byte");
  expect(await legend.innerText()).toContain("2.6100");
  expect((await mapPixels(page, blue)).count).toBe(0);
  expect(messages).toEqual([]);
});

test("a point of the map tells the model's facts and its nearest models", async () => {
  const data = familyReport();
  const { page } = await openReport(data);
  await page.getByLabel("Colour").selectOption("Architecture");
  const { x, y } = await mapPixels(page, blue);
  await page.mouse.move(x, y + 4);
  const card = page.locator("#card");
  await card.waitFor({ state: "visible" });
  const text = await card.innerText();
  // The upper one of the two gpt2 models is the first in the rows of the picture.
  expect(text).toMatch(/^gpt2b-f16\n/);
  expect(text).toMatch(/Vocabulary\s+512/);
  const names = data.models.map((model) => model.name);
  const kl = klOf(data, names.indexOf("gpt2b-f16"), names.indexOf("gpt2b-ft-french-f16"));
  expect(text.replace(/\s+/g, " ")).toContain(`Nearest models (KL, bits/byte) gpt2b-ft-french-f16 ${formatKl(kl)}`);
  await page.keyboard.press("Escape");
  expect(await card.isVisible()).toBe(false);
});

test("wheel, buttons and keys zoom and move the map; All shows every model again", async () => {
  const { page } = await openReport(familyReport(), { viewport: { width: 1280, height: 1100 } });
  const whole = await mapPixels(page, vermilion);
  const box = await page.locator(".map-surface").boundingBox();
  if (box === null) throw new Error("no map");
  await page.mouse.move(box.x + box.width - 60, box.y + 40);
  await page.mouse.wheel(0, -2000);
  await expect.poll(async () => (await mapPixels(page, vermilion)).count).toBe(0);
  await page.getByRole("button", { name: "Show all models" }).click();
  await expect.poll(() => mapPixels(page, vermilion)).toEqual(whole);
  await page.locator(".map-surface").focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(async () => (await mapPixels(page, vermilion)).x).toBeCloseTo(whole.x - 60, -0.5);
  await page.keyboard.press("0");
  await expect.poll(() => mapPixels(page, vermilion)).toEqual(whole);
  await page.mouse.move(box.x + 300, box.y + 300);
  await page.mouse.down();
  await page.mouse.move(box.x + 340, box.y + 280);
  await page.mouse.up();
  await expect.poll(async () => (await mapPixels(page, vermilion)).y).toBeCloseTo(whole.y - 20, -0.5);
});

test("the table sorts by numbers and by names, in both directions", async () => {
  const data = familyReport();
  const { page } = await openReport(data);
  const sorter = page.locator("table.models thead").getByRole("button", { name: "Bits/byte", exact: true });
  const byBits = data.models.map((model) => model.name);
  await sorter.click();
  expect(await firstColumn(page)).toEqual(byBits);
  await sorter.click();
  expect(await firstColumn(page)).toEqual(byBits.toReversed());
  expect(await page.locator("th[aria-sort]").getAttribute("aria-sort")).toBe("descending");
  await page.locator("table.models thead").getByRole("button", { name: "Model", exact: true }).click();
  const { compare } = new Intl.Collator("en", { numeric: true });
  expect(await firstColumn(page)).toEqual([...byBits].sort(compare));
  expect(await page.locator("th[aria-sort]").count()).toBe(1);
});

test("every cell of the heat map tells its pair and its divergence, to pointer and keyboard", async () => {
  const data = familyReport();
  const { page } = await openReport(data);
  const names = data.models.map((model) => model.name);
  const canvas = page.locator("canvas.heat-map");
  await canvas.scrollIntoViewIfNeeded();
  const card = page.locator("#card");
  const pairs = new Set<string>();
  const check = async (): Promise<void> => {
    const [a = "", b = ""] = await card.locator(".name").allInnerTexts();
    const text = await card.locator("p").innerText();
    if (b === "") expect(text).toBe("The model itself: KL 0");
    else {
      const kl = klOf(data, names.indexOf(a), names.indexOf(b));
      expect(text).toBe(`KL ${formatKl(Math.fround(kl))} bits/byte`);
    }
    pairs.add(`${a} ${b}`);
  };
  // The cells end where the canvas does below, and as far to the right, where the tree begins.
  const { height } = (await canvas.boundingBox()) ?? { height: 0 };
  for (let row = 0; row < 12; row += 4) {
    for (let column = 0; column < 12; column++) {
      await canvas.hover({ position: { x: height - 20 - column * 55, y: height - 20 - row * 55 } });
      await check();
    }
  }
  expect(pairs.size).toBe(36);
  await page.mouse.move(1, 1);
  expect(await card.isVisible()).toBe(false);

  pairs.clear();
  await canvas.focus();
  for (let step = 0; step < 11; step++) {
    await page.keyboard.press("ArrowRight");
    await check();
  }
  expect(pairs.size).toBe(11);
});

test("one model has scores, facts and a sentence instead of a map", async () => {
  const { page, messages } = await openReport(familyReport(1));
  expect(await page.locator("#map").isVisible()).toBe(false);
  expect(await page.locator("#distances").isVisible()).toBe(false);
  expect(await page.locator("#summary").innerText()).toContain("Distances need at least two models");
  expect(await firstColumn(page)).toEqual(["base-f16"]);
  expect(messages).toEqual([]);
});

test.each([2, 3])("%d models have a map and distances but no clusters", async (count) => {
  const { page, messages } = await openReport(familyReport(count));
  expect(await page.locator("#map").isVisible()).toBe(true);
  expect(await page.locator("#distances").isVisible()).toBe(true);
  expect(await page.locator("table.models thead").innerText()).not.toContain("Cluster");
  expect(messages).toEqual([]);
});

test("two identical models have a map and a divergence of 0", async () => {
  const data = familyReport(2);
  data.kl?.fill(0);
  data.neighbours.kl.fill(0);
  for (const map of data.maps) {
    map.x.fill(0);
    map.y.fill(0);
  }
  const { page, messages } = await openReport(data);
  expect(await page.locator("#summary").innerText()).toContain("(KL 0 bits/byte)");
  expect(messages).toEqual([]);
});

test.each(["light", "dark"] as const)("on a phone, %s, nothing is wider than the screen", async (colorScheme) => {
  const { page, messages } = await openReport(familyReport(), { viewport: { width: 390, height: 844 }, colorScheme, hasTouch: true });
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
  const { width, height } = (await page.locator("canvas.heat-map").boundingBox()) ?? { width: Infinity, height: 0 };
  expect(width).toBeLessThanOrEqual(390);
  await page.locator("canvas.heat-map").tap({ position: { x: height - 10, y: height - 40 } });
  expect(await page.locator("#card").innerText()).toContain("bits/byte");
  expect(messages).toEqual([]);
});

test("a thousand models can be looked at", async () => {
  const data = cloudReport(1000);
  const { page, messages } = await openReport(data);
  expect(await page.locator("table.models").getAttribute("aria-rowcount")).toBe("1001");
  const canvas = page.locator("canvas.heat-map");
  await canvas.hover({ position: { x: 700, y: 300 } });
  const [a = "", b = ""] = await page.locator("#card .name").allInnerTexts();
  const names = data.models.map((model) => model.name);
  const kl = klOf(data, names.indexOf(a), names.indexOf(b));
  const shown = Number(/^KL ([\d.]+) bits/.exec(await page.locator("#card p").innerText())?.[1]);
  expect(Math.abs(shown / kl - 1)).toBeLessThan(6e-3);
  expect(messages).toEqual([]);
});
