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
  // Plain loops: there are half a million pairs of a thousand models.
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  const view = new DataView(bytes.buffer);
  const values = new Float32Array(binary.length / 4);
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(i * 4, true);
  return values;
}
