/** The sections below the first window: table and heat map, when they are made, and what of them is printed. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReportData } from "../../lib/report/report-data.js";
import { renderReport } from "../../lib/report/write-report.js";
import { temporaryFolder } from "../helpers/temporary-folder.js";
import { cloudReport, familyReport } from "../unit/report/sample-report.js";
import { launchChromium, openFile, watchedPage } from "./chromium.js";
import { checkedOf, richReport, statusOf } from "./report-page.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => browser.close());

const open = async (data: ReportData) => openFile(browser, "report.html", await renderReport(data), { viewport: { width: 1280, height: 1100 } });

describe("the heat map", () => {
  it("compares the two models of a cell that is pressed, and a branch of the tree is selected by a press", async () => {
    const { page } = await open(familyReport());
    const canvas = page.locator("canvas.heat-map");
    await canvas.scrollIntoViewIfNeeded();
    const { height, width } = (await canvas.boundingBox()) ?? { height: 0, width: 0 };
    await canvas.click({ position: { x: height - 20, y: height - 75 } });
    expect(await page.locator("tr[aria-current]").count()).toBe(2);
    expect(page.url()).toMatch(/pair=.+&pair=/);
    // The root of the tree is its rightmost line; it stands between the two branches that are joined last.
    const place = await page.evaluate<number | null>(`(() => {
      const canvas = document.querySelector("canvas.heat-map");
      const context = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
      context.drawImage(canvas, 0, 0);
      const x = Math.round(${width} - 3);
      const { data } = context.getImageData(x - 1, 0, 3, canvas.height);
      for (let i = 3; i < data.length; i += 4) if (data[i] > 60) return Math.floor(i / 12) + 3;
      return null;
    })()`);
    expect(place).not.toBeNull();
    await canvas.click({ position: { x: width - 3, y: place ?? 0 } });
    expect(await checkedOf(page)).toHaveLength(12);
  });
});

describe("the sections below the first window", () => {
  it("come after it, with headings that can be linked to at once, and paper does not wait for them", async () => {
    const { page } = await watchedPage(browser);
    await page.addInitScript(`new MutationObserver((_, observer) => {
      if (document.documentElement.dataset.drawn === undefined) return;
      observer.disconnect();
      const made = () => ["models", "distances", "run"].map((id) => document.getElementById(id).children.length);
      const before = made();
      const links = document.querySelectorAll("#sections a").length;
      const points = document.querySelector(".map-surface canvas") !== null;
      dispatchEvent(new Event("beforeprint"));
      window.seen = { before, after: made(), links, points, rows: document.querySelectorAll("table.models tbody tr").length };
    }).observe(document, { attributes: true, subtree: true })`);
    const path = join(temporaryFolder(), "report.html");
    await writeFile(path, await renderReport(richReport()));
    await page.goto(pathToFileURL(path).href);
    await page.locator("html[data-ready]").waitFor({ state: "attached" });
    const seen = await page.evaluate<{ before: number[]; after: number[]; links: number; points: boolean; rows: number }>("window.seen");
    expect(seen.points).toBe(true);
    expect(seen.before).toEqual([1, 1, 1]);
    expect(Math.min(...seen.after)).toBeGreaterThan(1);
    expect(seen.rows).toBe(12);
    expect(seen.links).toBe(await page.locator("main section:visible").count());
  });
});

describe("ten thousand rows", () => {
  it("on paper are two thousand, and the page says how many are missing", async () => {
    const { page } = await open(cloudReport(2500));
    const printed = page.locator("#models .on-paper");
    expect(await printed.isVisible()).toBe(false);
    await page.emulateMedia({ media: "print" });
    await page.evaluate(`dispatchEvent(new Event("beforeprint"))`);
    expect(await page.locator("table.models tbody tr[data-model]").count()).toBe(2000);
    expect(await printed.innerText()).toContain("500 of 2,500 models are not printed");
    await page.emulateMedia({ media: null });
    await page.evaluate(`dispatchEvent(new Event("afterprint"))`);
    await expect.poll(() => page.locator("table.models tbody tr[data-model]").count()).toBeLessThan(150);
    await page.locator("#page-controls").getByRole("searchbox").fill("phi3");
    await page.evaluate(`dispatchEvent(new Event("beforeprint"))`);
    const shown = Number(/^[\d,]+/.exec(await statusOf(page))?.[0].replace(",", ""));
    expect(await page.locator("table.models tbody tr[data-model]").count()).toBe(shown);
    expect(await printed.textContent()).toBe("");
  });

  it("of a long table only those on the screen are in the page, in the order of the chosen column", async () => {
    const data = cloudReport(2500);
    const { page, messages } = await open(data);
    expect(await page.locator("table.models").getAttribute("aria-rowcount")).toBe("2501");
    expect(await page.locator("table.models tbody tr").count()).toBeLessThan(150);
    await page.locator("table.models thead").getByRole("button", { name: "Bits/byte", exact: true }).click();
    const sorted = [...data.models].sort((a, b) => a.bitsPerByte - b.bitsPerByte).map(({ name }) => name);
    expect(await page.locator("table.models tbody th").first().innerText()).toBe(sorted[0]);
    await page.evaluate(`document.querySelector(".tall").scrollTop = 1e7`);
    await expect.poll(() => page.locator("table.models tbody th").last().innerText()).toBe(sorted.at(-1));
    expect(await page.locator("#distances").innerText()).toContain("geometric mean over two blocks");
    expect(messages).toEqual([]);
  });
});
