/** What a page carries inside. */
import { gunzipSync } from "node:zlib";
import { unpack } from "../../lib/report/packed.js";
import type { PageData, PageTexts } from "../../lib/report/page-data.js";

export const embedded = (html: string): PageData => unpacked(html, "report-data") as PageData;
export const embeddedTexts = (html: string): PageTexts => unpacked(html, "report-texts") as PageTexts;

function unpacked(html: string, id: string): unknown {
  const text = new RegExp(`<script type="application/gzip" id="${id}">([A-Za-z0-9+/=]*)</script>`).exec(html)?.[1];
  if (text === undefined) throw new Error(`no ${id} in the page`);
  return unpack(new Uint8Array(gunzipSync(Buffer.from(text, "base64"))).buffer);
}
