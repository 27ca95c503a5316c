/** Unpacks the data that the page embeds. */
import { KlTriangle } from "../kl-triangle.js";
import type { PageData, Report } from "../page-data.js";
import { byId } from "./dom.js";

export function readReport(): { report: Report; order: number[] } {
  // The text was written by renderReport of the same version; there is no other source.
  const { report, kl, order } = JSON.parse(byId("report-data").textContent) as PageData;
  return { report: { ...report, kl: new KlTriangle(report.models.length, floatsFromBase64(kl)) }, order };
}

function floatsFromBase64(text: string): Float32Array {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(i * 4, true));
}
