/** Texts coloured token by token, in the panels of one and of two models, from the file and from a server. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ReportData, ReportTokens } from "../../lib/report/report-data.js";
import type { TextTokens } from "../../lib/report/text-pieces.js";
import { renderReport } from "../../lib/report/write-report.js";
import { startServer } from "../../lib/serve/local-server.js";
import { servedPage } from "../../lib/serve/served-page.js";
import { familyReport } from "../unit/report/sample-report.js";
import { launchChromium, openFile } from "./chromium.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => browser.close());

const hostile = `<img src=x onerror="window.injected=1"> ä😀`;
const names = familyReport().models.map(({ name }) => name);
const model = (name: string): number => names.indexOf(name);
const byteLengths = (content: string, cut: RegExp): number[] => (content.match(cut) ?? []).map((piece) => Buffer.byteLength(piece));

/** Each token has a log-probability that says where it is; models with "gpt2" in their names have one token a byte, the others one a word. */
function tokensOf(data: ReportData, at: number, text: number): TextTokens {
  const content = data.sample.contents[text] ?? "";
  const bytes = names[at]?.startsWith("gpt2") === true ? Array.from({ length: Buffer.byteLength(content) }, () => 1) : byteLengths(content, /\s*\S+/g);
  return { first: 0, bytes, logProbs: bytes.map((length, i) => -(i % 3) * (1 + at) - length / 4) };
}

function reportWithTokens(change: (tokens: ReportTokens, data: ReportData) => Partial<ReportTokens> = () => ({})): ReportData {
  const data = familyReport();
  data.sample.contents = data.sample.contents.map((content, i) => `${content} ${hostile} end ${i}.`);
  const tokens: ReportTokens = {
    models: new Uint8Array(data.models.length).fill(1),
    count: (at, text) => tokensOf(data, at, text).bytes.length,
    read: async (at, texts) => Promise.resolve(texts.map((text) => tokensOf(data, at, text))),
  };
  return { ...data, tokens: { ...tokens, ...change(tokens, data) } };
}

const openReport = async (data: ReportData, options = {}) => openFile(browser, "report.html", await renderReport(data), options);
const openModel = async (page: Page, name: string): Promise<void> => page.locator("table.models").getByRole("button", { name, exact: true }).click();

async function openPair(page: Page, first: string, second: string): Promise<Locator> {
  const section = page.locator("#pair");
  await section.getByLabel("First").selectOption(first);
  await section.getByLabel("Second").selectOption(second);
  await section.locator(".verdict").waitFor();
  const excerpt = section.locator(".excerpt").first();
  await excerpt.locator("summary").click();
  return excerpt;
}

/** Position of a text in the sample, by its excerpt in the page: its contents end with it. */
const textOf = async (excerpt: Locator): Promise<number> => Number(/end (\d+)\./.exec((await excerpt.locator(".text").textContent()) ?? "")?.[1]);

test("two models of one tokenizer: every token says its log-probability under both", async () => {
  const data = reportWithTokens();
  const { page, url, messages, requests } = await openReport(data);
  const excerpt = await openPair(page, "base-f16", "small-f16");
  const tokens = excerpt.locator(".text .token");
  await tokens.first().waitFor();
  const text = await textOf(excerpt);
  const content = data.sample.contents[text] ?? "";
  expect(await excerpt.locator(".text").textContent()).toBe(content);
  expect(await tokens.allTextContents()).toEqual(content.match(/\s*\S+/g));
  const [a, b] = [tokensOf(data, model("base-f16"), text), tokensOf(data, model("small-f16"), text)];
  const titles = await Promise.all((await tokens.all()).map((token) => token.getAttribute("title")));
  titles.forEach((title, i) => {
    const [, one, other] = /: (-?[\d.]+) under base-f16, (-?[\d.]+) under small-f16; difference/.exec(title ?? "") ?? [];
    expect(Math.abs(Number(one) - (a.logProbs[i] ?? NaN))).toBeLessThan(0.011);
    expect(Math.abs(Number(other) - (b.logProbs[i] ?? NaN))).toBeLessThan(0.011);
  });
  // Token 1 is 9 nats likelier under the first, token 0 is equally likely.
  expect(await tokens.nth(1).getAttribute("class")).toContain("first-likelier step-4");
  expect(await tokens.nth(0).getAttribute("class")).toBe("token");
  expect(await excerpt.innerText()).toContain("Both models cut this text into the same tokens.");
  const most = excerpt.getByRole("region", { name: "Pieces of this text that tell the two models apart most" });
  expect(await most.locator("tbody tr").count()).toBe(5);
  expect(await page.evaluate("window.injected")).toBeUndefined();
  expect(messages).toEqual([]);
  expect(requests).toEqual([url]);
});

test("not by colour alone: who finds a piece likelier is a solid or a dotted line, and swapping the models turns it", async () => {
  const { page } = await openReport(reportWithTokens());
  const line = async (): Promise<string> => {
    await page.locator("#pair .excerpt .text .token").nth(1).waitFor();
    return page.evaluate(`getComputedStyle(document.querySelectorAll("#pair .excerpt .text .token")[1]).textDecorationStyle`);
  };
  await openPair(page, "base-f16", "small-f16");
  expect(await line()).toBe("solid");
  await page.locator("#pair").getByRole("button", { name: "Swap the two models" }).click();
  await page.locator("#pair .excerpt summary").first().click();
  expect(await line()).toBe("dotted");
});

test("two models of different tokenizers: the pieces end where tokens of both end, and no character is halved", async () => {
  const data = reportWithTokens();
  const { page } = await openReport(data);
  const excerpt = await openPair(page, "base-f16", "gpt2b-f16");
  const tokens = excerpt.locator(".text .token");
  await tokens.first().waitFor();
  const text = await textOf(excerpt);
  expect(await tokens.allTextContents()).toEqual(data.sample.contents[text]?.match(/\s*\S+/g));
  expect(await tokens.nth(1).getAttribute("title")).toMatch(/under gpt2b-f16 \(\d+ tokens\); difference/);
  expect(await excerpt.innerText()).toMatch(/into different tokens.*\d+ of \d+ pieces hold more than one token/);
});

test("one model: its most surprising texts by the log-probability of each token", async () => {
  const data = reportWithTokens();
  const { page } = await openReport(data);
  await openModel(page, "gpt2b-f16");
  const excerpt = page.locator("#model .excerpt").first();
  await excerpt.locator("summary").click();
  const tokens = excerpt.locator(".text .token");
  await tokens.first().waitFor();
  const content = data.sample.contents[await textOf(excerpt)] ?? "";
  // One token a byte, joined to whole characters.
  expect(await tokens.allTextContents()).toEqual(Array.from(content));
  expect(await tokens.nth(1).getAttribute("title")).toMatch(/^“e”: -11\.2\d nats \(under 0\.1 %\)$/);
  expect(await tokens.nth(1).getAttribute("class")).toBe("token unlikely step-4");
  expect(await excerpt.getByRole("region", { name: "Least likely tokens of this text" }).locator("tbody tr").count()).toBe(5);
});

test("what cannot be coloured says why", async () => {
  const unplaced = await openReport(reportWithTokens((tokens) => ({ read: async (_, texts) => Promise.resolve(texts.map(() => null)), count: tokens.count })));
  expect(await reasonIn(await openPair(unplaced.page, "base-f16", "small-f16"))).toContain("not known which characters the tokens of base-f16 stand for");
  const partly = await openReport(reportWithTokens(({ models }) => ({ models: models.map((_, i) => Number(i === model("base-f16"))) })));
  expect(await reasonIn(await openPair(partly.page, "base-f16", "small-f16"))).toContain("the tokens of small-f16 were not recorded");
  const large = await openReport(reportWithTokens(() => ({ count: () => 1_000_000 })));
  expect(await reasonIn(await openPair(large.page, "base-f16", "small-f16"))).toContain("are not in this page");
  const none = await openReport(familyReport());
  expect(await (await openPair(none.page, "base-f16", "small-f16")).locator("p").count()).toBe(0);
});

const reasonIn = async (excerpt: Locator): Promise<string> => excerpt.locator("p").innerText();

test("a page that is served asks for the tokens that it does not hold", async () => {
  const data = reportWithTokens(() => ({ count: () => 1_000_000 }));
  const content = servedPage(await renderReport(data));
  const asked: string[] = [];
  const server = await startServer(async (path, query) => {
    if (path === "") return content;
    const at = Number(/^data\/model\/(\d+)\/tokens$/.exec(path)?.[1]);
    const position = Number(query.get("text"));
    const found = tokensOf(data, at, data.sample.positions.indexOf(position));
    asked.push(`${at} ${position}`);
    return Promise.resolve({ type: "application/json", body: JSON.stringify({ firstByte: found.first, bytes: found.bytes, logProbs: found.logProbs }) });
  });
  try {
    const page = await browser.newPage();
    const messages: string[] = [];
    page.on("console", (message) => messages.push(message.text()));
    await page.goto(server.url);
    const excerpt = await openPair(page, "base-f16", "small-f16");
    await excerpt.locator(".text .token").first().waitFor();
    const position = data.sample.positions[await textOf(excerpt)] ?? NaN;
    expect(asked.sort()).toEqual([`${model("base-f16")} ${position}`, `${model("small-f16")} ${position}`].sort());
    expect(messages).toEqual([]);
    await page.close();
  } finally {
    await server.close();
  }
});

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

test.each(["light", "dark"] as const)("axe finds nothing serious in coloured texts, %s", async (colorScheme) => {
  const { page } = await openReport(reportWithTokens(), { colorScheme, bypassCSP: true });
  await openModel(page, "small-f16");
  await page.locator("#model .excerpt summary").first().click();
  const excerpt = await openPair(page, "base-f16", "small-f16");
  await excerpt.locator(".token").first().waitFor();
  await page.evaluate(axe);
  const { violations } = await page.evaluate<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>(`axe.run(document, { resultTypes: ["violations"] })`);
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)).join(" ")}`)).toEqual([]);
});
