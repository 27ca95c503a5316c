/** Tells where a page is served, and shows it. */
import { isLoopback } from "../serve/loopback.js";
import { openBrowser } from "../serve/open-browser.js";
import type { ServeArguments } from "./options/serve-options.js";
import { printResult } from "./print-result.js";

export function showLink(url: string, command: string, { json, host, browser }: ServeArguments & { json: boolean }): void {
  if (!isLoopback(host)) {
    console.error(
      `Warning: ${host} is not loopback. Whoever can reach this machine and gets hold of the link can read this run: texts, names and paths of models. ` +
        "The connection is not encrypted.",
    );
  }
  printResult(json, command, { url }, () => [`The page is served at ${url}`]);
  if (browser) openBrowser(url);
}
