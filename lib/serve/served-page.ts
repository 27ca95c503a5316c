/** The page of a run as a server shows it: it may ask this server for what does not fit into the file, and nobody else for anything. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { LlmapError, messageOf } from "../errors.js";
import type { Content } from "./local-server.js";

/** As scripts/build-page.mjs writes it: nothing is allowed but one script and one style, by their hashes. */
const filePolicy = /<meta http-equiv="Content-Security-Policy" content="(default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none')" \/>/;

/** @param html what renderReport made. Errors: ERR_RUN_FOLDER where it is another page. */
export function servedPage(html: string): Content {
  const [meta, policy] = filePolicy.exec(html) ?? [];
  if (meta === undefined || policy === undefined) {
    throw new LlmapError("ERR_RUN_FOLDER", "report.html is not a page that this version of llmap-native wrote. Run `llmap-native map`, which writes it anew.");
  }
  const served = `${policy}; connect-src 'self'; frame-ancestors 'self'`;
  // The policy comes with the answer; the file's own would forbid to connect.
  const body = html.replace(meta, "").replace("<html ", '<html data-served="" ');
  return { type: "text/html; charset=utf-8", body, policy: served };
}

/** The page in a run folder. Errors: ERR_NOT_FOUND, ERR_RUN_FOLDER. */
export async function readServedPage(path: string): Promise<Content> {
  let html: string;
  try {
    html = await readFile(path, "utf8");
  } catch (error) {
    const hint = existsSync(dirname(path)) ? "Run `llmap-native map`, which draws the page." : "There is no such folder; name that of a run (without --out it is llmap-out).";
    throw new LlmapError("ERR_NOT_FOUND", `Cannot read ${path}: ${messageOf(error)}. ${hint}`, { cause: error });
  }
  return servedPage(html);
}
