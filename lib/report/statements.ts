/** Sentences that stand in several places of the page and the pictures. */
import { formatFixed, formatInteger, formatKl } from "./format.js";
import type { ReportData } from "./report-data.js";

/** "demo texts: 180 texts, mean 972.3 bytes". */
export function textSetStatement({ name, count, meanBytes }: Pick<ReportData["texts"], "name" | "count" | "meanBytes">): string {
  return `${name}: ${formatInteger(count)} texts, mean ${formatFixed(meanBytes, 1)} bytes`;
}

/** The noise floor, and where it comes from. */
export function noiseFloorStatement({ bitsPerByte, from }: ReportData["noiseFloor"]): string {
  return `${formatKl(bitsPerByte)} bits/byte (${from === "run" ? "measured for this run" : "default; doctor --noise measures it"})`;
}
