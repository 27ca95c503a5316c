/** report.html: one file that opens from disk. The page itself is built by scripts/build-page.mjs; here it receives its data. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { LlmapError } from "../errors.js";
import { packageRoot } from "../package-root.js";
import { writeFileAtomic } from "../files/atomic-write.js";
import { escapeHtml } from "./html.js";
import { pack } from "./packed.js";
import { pageData, pageTexts } from "./page-data.js";
import { pageTokens } from "./page-tokens.js";
import type { ReportData } from "./report-data.js";

const templatePath = join(packageRoot, "dist/report/page/page.html");
const compress = promisify(gzip);

/** Writes the page, atomically. Errors: ERR_NOT_FOUND where the page has not been built. */
export async function writeReport(data: ReportData, path: string): Promise<void> {
  await writeFileAtomic(path, await renderReport(data));
}

/** The page as HTML. Errors: ERR_NOT_FOUND where the page has not been built. */
export async function renderReport(data: ReportData): Promise<string> {
  if (!existsSync(templatePath)) {
    throw new LlmapError("ERR_NOT_FOUND", `The report page is not built: ${templatePath} is missing. Run: npm run build:ts`);
  }
  const template = readFileSync(templatePath, "utf8");
  const texts = pageTexts(data.sample, data.models.length);
  const parts: Record<string, string> = {
    "%TITLE%": escapeHtml(data.title),
    "%DATA%": await base64(pageData(data)),
    "%TEXTS%": await base64(texts),
    "%TOKENS%": await base64(await pageTokens(data, texts)),
  };
  for (const place of Object.keys(parts)) {
    if (template.includes(place)) continue;
    throw new LlmapError("ERR_NOT_FOUND", `${templatePath} has no place ${place}. Run: npm run build:ts`);
  }
  return template.replace(/%TITLE%|%DATA%|%TEXTS%|%TOKENS%/g, (place) => parts[place] ?? "");
}

/** Packed, compressed, and in letters that mean nothing to HTML, whatever the data holds. */
async function base64(value: unknown): Promise<string> {
  return (await compress(pack(value))).toString("base64");
}
