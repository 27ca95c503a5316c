/** report.html: one file that opens from disk. The page itself is built by scripts/build-page.mjs; here it receives its data. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LlmapError } from "../errors.js";
import { packageRoot } from "../package-root.js";
import { writeFileAtomic } from "../store/atomic-write.js";
import { escapeHtml, jsonForScript } from "./html.js";
import { KlTriangle } from "./kl-triangle.js";
import type { PageData } from "./page-data.js";
import type { ReportData } from "./report-data.js";
import { treeOrder } from "./tree-order.js";

const templatePath = join(packageRoot, "dist/report/page/page.html");

/** Writes the page, atomically. Errors: ERR_NOT_FOUND where the page has not been built. */
export async function writeReport(data: ReportData, path: string): Promise<void> {
  await writeFileAtomic(path, await renderReport(data));
}

/** The page as HTML. Errors: ERR_NOT_FOUND where the page has not been built. */
export async function renderReport(data: ReportData): Promise<string> {
  if (!existsSync(templatePath)) {
    throw new LlmapError("ERR_NOT_FOUND", `The report page is not built: ${templatePath} is missing. Run: npm run build:ts`);
  }
  const [beforeTitle, afterTitle, afterData] = readFileSync(templatePath, "utf8").split(/%TITLE%|%DATA%/);
  if (beforeTitle === undefined || afterTitle === undefined || afterData === undefined) {
    throw new LlmapError("ERR_NOT_FOUND", `${templatePath} has no place for the title and the data. Run: npm run build:ts`);
  }
  return `${beforeTitle}${escapeHtml(data.title)}${afterTitle}${jsonForScript(await pageData(data))}${afterData}`;
}

async function pageData({ kl, ...report }: ReportData): Promise<PageData> {
  const triangle = KlTriangle.fromMatrix(kl, report.models.length);
  return { report, kl: littleEndianBase64(triangle.values), order: await treeOrder(triangle) };
}

function littleEndianBase64(values: Float32Array): string {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeFloatLE(value, i * 4));
  return bytes.toString("base64");
}
