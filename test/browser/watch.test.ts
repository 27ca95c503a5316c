/** `run --watch`: a real run of demo models, followed in a real browser. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { WatchState } from "../../lib/serve/watch-state.js";
import { startCli } from "../helpers/cli.js";
import { demoModel } from "../helpers/fixtures.js";
import { manyBatches, writeTexts } from "../helpers/run-folder.js";
import { linkOf } from "../helpers/served.js";
import { temporaryFolder } from "../helpers/temporary-folder.js";
import { launchChromium, watchedPage, type WatchedPage } from "./chromium.js";

// A real run on a machine that may do other things as well.
vi.setConfig({ testTimeout: 180_000 });

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => browser.close());

/** Keeps the events that the page gets, in order. */
const recorder = `{
  const Source = EventSource;
  window.seen = [];
  window.EventSource = class extends Source {
    constructor(url) {
      super(url);
      for (const type of ["state", "map", "done"]) this.addEventListener(type, ({ data }) => window.seen.push([type, JSON.parse(data)]));
    }
  };
}`;

type Seen = ["state", WatchState] | ["map", { version: number; models: number; isFinal: boolean }] | ["done", object];

async function follow(url: string): Promise<WatchedPage> {
  const watched = await watchedPage(browser);
  await watched.page.addInitScript(recorder);
  await watched.page.goto(url);
  return watched;
}

const seenBy = (page: Page): Promise<Seen[]> => page.evaluate<Seen[]>("window.seen");

test("progress, then the map of the first models, then the whole one, without an error or a request elsewhere", async () => {
  const folder = temporaryFolder();
  const out = join(folder, "out");
  const models = [demoModel("small-f16"), demoModel("gpt2b-f16"), demoModel("base-q4_0")];
  const run = startCli(["run", ...models, "--texts", writeTexts(folder, 60), "--out", out, "--watch", "--no-browser", ...manyBatches(256)]);
  const url = await linkOf(run);
  const { page, messages, requests } = await follow(url);
  await page.locator("#in-hand li").first().waitFor();
  expect(await page.title()).toMatch(/^Scoring: \d of 3 models$/);
  await page.locator("html[data-done]").waitFor({ state: "attached", timeout: 150_000 });
  const frame = page.frameLocator("#report");
  await frame.locator("html[data-ready]").waitFor({ state: "attached" });
  expect((await run.result).code).toBe(0);

  const seen = await seenBy(page);
  expect(seen[0]?.[0]).toBe("state");
  expect(seen.at(-1)?.[0]).toBe("done");
  const states = seen.flatMap((event) => (event[0] === "state" ? [event[1]] : []));
  const steps = states.map(({ step }) => step).filter((step, i, all) => step !== all[i - 1]);
  expect(steps).toEqual(["preparing", "scoring", "mapping", "done"].slice(-steps.length));
  expect(steps.length).toBeGreaterThanOrEqual(3);
  const shares = states.map(({ share }) => share);
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
  expect(shares.some((share) => share > 0.1 && share < 0.9)).toBe(true);
  expect(states.at(-1)).toMatchObject({ step: "done", models: 3, scored: 3, failures: 0, inHand: [] });
  const maps = seen.flatMap((event) => (event[0] === "map" ? [event[1]] : []));
  expect(maps.length).toBeGreaterThanOrEqual(2);
  expect(maps.map(({ isFinal }) => isFinal)).toEqual([...maps.slice(1).map(() => false), true]);
  expect(maps.at(-1)?.models).toBe(3);

  expect(await page.locator("h1").innerText()).toBe("Done: 3 of 3 models");
  expect(await frame.locator("h1").innerText()).toBe("Map of 3 language models");
  expect(await frame.locator(".map-surface canvas").first().isVisible()).toBe(true);
  expect(messages).toEqual([]);
  expect(requests.filter((request) => !request.startsWith(url))).toEqual([]);
  expect(existsSync(join(out, "report.html"))).toBe(true);
});

test("names, reasons and texts from models stay text on the progress page", async () => {
  const folder = temporaryFolder();
  const attack = `<img src=x onerror="window.injected=1"></ul></script><script>window.injected=1</script>`;
  const broken = join(folder, "broken.gguf");
  writeFileSync(broken, "GGUF<script>window.injected=1</script>");
  const rows = [demoModel("small-f16"), demoModel("base-q4_0"), broken].map((path, i) => `${path},"${attack.replaceAll('"', '""')}${i}"`);
  const list = join(folder, "models.csv");
  writeFileSync(list, ["model,name", ...rows].join("\n"));
  const run = startCli(["run", "--models", list, "--texts", writeTexts(folder, 20), "--out", join(folder, "out"), "--watch", "--no-browser", ...manyBatches(256)]);
  const url = await linkOf(run);
  const { page, messages, requests } = await follow(url);
  await page.locator("html[data-done]").waitFor({ state: "attached", timeout: 150_000 });
  const { code } = await run.result;
  expect(code).toBe(3);
  expect(await page.locator("#failed li").first().innerText()).toContain(attack);
  expect(await page.locator("#finished li").count()).toBe(2);
  expect(await page.locator("#finished").textContent()).toContain(attack);
  expect(await page.locator("img, iframe:not(#report), object, embed, base, form").count()).toBe(0);
  expect(await page.locator("script").count()).toBe(1);
  expect(await page.evaluate("window.injected")).toBeUndefined();
  expect(await page.frameLocator("#report").locator("html").evaluate("window.injected")).toBeUndefined();
  expect(messages).toEqual([]);
  expect(requests.filter((request) => !request.startsWith(url))).toEqual([]);
});

test("Ctrl-C ends the run as without --watch, and the page says so", async () => {
  const folder = temporaryFolder();
  const run = startCli(["run", demoModel("base-q4_0"), "--texts", writeTexts(folder, 60), "--out", join(folder, "out"), "--watch", "--no-browser", ...manyBatches(128)]);
  const { page } = await follow(await linkOf(run));
  await page.locator("#in-hand li").first().waitFor();
  run.child.kill("SIGINT");
  const { code, stderr } = await run.result;
  expect(code).toBe(130);
  expect(stderr).toContain("the same command continues");
  expect(await page.locator("h1").innerText()).toMatch(/^Stopped: /);
});
