/** The heat map of more models than the page holds pairs of: narrowed where a server computes the pairs, not from disk. */
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { normal, seededRandom } from "../../lib/random.js";
import { importScores } from "../../lib/run/import-scores.js";
import { map } from "../../lib/run/map.js";
import { openRun } from "../../lib/serve/open-run.js";
import type { LocalServer } from "../../lib/serve/local-server.js";
import { readKl } from "../../lib/store/map-tables.js";
import { RunFolder } from "../../lib/store/run-folder.js";
import { makeTextSet } from "../../lib/texts/text-set.js";
import { sharedFolder } from "../helpers/served.js";
import { launchChromium, watchedPage } from "./chromium.js";

const models = 2010;
const { path: folder, remove } = sharedFolder();
const out = join(folder, "out");
let browser: Browser;
let server: LocalServer;

beforeAll(async () => {
  const random = seededRandom(4);
  const texts = makeTextSet("set", Array.from({ length: 12 }, (_, i) => ({ content: `text ${i}`, source: null, columns: {} })));
  const vector = (): Float64Array => Float64Array.from(texts.texts, () => -60 + 5 * normal(random));
  await importScores({ out, texts, models: Array.from({ length: models }, (_, i) => ({ name: `${i % 400 === 0 ? "rare" : "common"}-${i}`, logLikelihood: vector() })) });
  await map({ out, map: "mds", bootstrap: 0 });
  server = await openRun({ out });
  browser = await launchChromium();
}, 180_000);
afterAll(async () => {
  await browser.close();
  await server.close();
  remove();
});

const heatMapOf = (page: Page) => page.locator("#distances");
const ready = (page: Page) => page.locator("html[data-ready]").waitFor({ state: "attached" });

test("what the search finds has its pairs, as in kl.arrow; an answer that comes too late is dropped, and all models come back", async () => {
  const { page, messages } = await watchedPage(browser);
  await page.goto(server.url);
  await ready(page);
  const section = heatMapOf(page);
  expect(await section.innerText()).toContain("It narrows to what the search finds");
  const search = page.locator("#page-controls").getByRole("searchbox");
  await search.fill("rare");
  const canvas = section.locator("canvas.heat-map");
  await canvas.scrollIntoViewIfNeeded();
  await canvas.focus();
  const { models: names, kl } = await readKl(new RunFolder(out).kl);
  const found = new Set<string>();
  const card = page.locator(".hover-card, .card").first();
  await expect.poll(async () => {
    await page.keyboard.press("ArrowRight");
    return card.innerText();
  }).toMatch(/rare-\d+\s+rare-\d+\s+KL [\d.e−-]+ bits\/byte$/);
  for (const key of ["ArrowRight", "ArrowRight", "ArrowDown"]) {
    const [, one = "", other = "", shown = ""] = /(rare-\d+)\s+(rare-\d+)\s+KL (\S+) bits/.exec(await card.innerText()) ?? [];
    if (one !== "") {
      const expected = kl.values[names.indexOf(one) * kl.columns + names.indexOf(other)] ?? NaN;
      expect(Math.abs(Number(shown) / expected - 1)).toBeLessThan(0.005);
      found.add(`${one} ${other}`);
    }
    await page.keyboard.press(key);
  }
  expect(found.size).toBeGreaterThan(1);
  await search.fill("");
  await canvas.focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => card.innerText()).toContain("(geometric mean)");
  expect(messages).toEqual([]);
}, 60_000);

test("a link with selected models only is narrowed at once", async () => {
  const { page } = await watchedPage(browser);
  const asked = page.waitForRequest(/data\/divergences/);
  await page.goto(`${server.url}#rows=3-40&only=selected`);
  expect((await asked).url()).toMatch(/divergences\?models=3-40$/);
  await ready(page);
  await expect.poll(() => heatMapOf(page).locator("p.muted").first().textContent()).toBe("");
}, 60_000);

test("from disk it is whole, and says what would narrow it", async () => {
  const { page, requests } = await watchedPage(browser);
  await page.goto(`file://${new RunFolder(out).report}#search=rare`);
  await ready(page);
  expect(await heatMapOf(page).innerText()).toContain("Served by `llmap-native open`, it narrows to what is shown, up to 1,000 models.");
  expect(requests).toHaveLength(1);
}, 60_000);
