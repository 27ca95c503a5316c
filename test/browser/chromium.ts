/** The browser of the tests: Debian's Chromium, or the one that CHROMIUM_PATH names. */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "../helpers/temporary-folder.js";

export async function launchChromium(): Promise<Browser> {
  const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    throw new Error(
      `The browser tests need Chromium, and ${executablePath} is missing. Run: apt-get install -y chromium, or set CHROMIUM_PATH.`,
    );
  }
  return chromium.launch({
    executablePath,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

export interface WatchedPage {
  page: Page;
  /** Errors of the page and everything on its console. */
  messages: string[];
  /** URLs that were asked for, the page itself included. */
  requests: string[];
}

/** An empty page that is closed when the test is done, and what happens on it from now on. */
export async function watchedPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const messages: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => messages.push(message.text()));
  page.on("pageerror", (error) => messages.push(error.message));
  page.on("request", (request) => requests.push(request.url()));
  return { page, messages, requests };
}

export interface OpenedFile extends WatchedPage {
  url: string;
}

/** Writes a file and opens it from disk. */
export async function openFile(browser: Browser, name: string, content: string, options: BrowserContextOptions = {}): Promise<OpenedFile> {
  const path = join(temporaryFolder(), name);
  await writeFile(path, content);
  const url = pathToFileURL(path).href;
  const watched = await watchedPage(browser, options);
  await watched.page.goto(url);
  if (name === "report.html") await watched.page.locator("html[data-ready]").waitFor({ state: "attached" });
  return { ...watched, url };
}
