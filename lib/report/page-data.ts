/** What the page embeds: the report, with the divergences packed. Written by Node, read by the page. */
import type { KlTriangle } from "./kl-triangle.js";
import type { ReportData } from "./report-data.js";

export interface PageData {
  report: Omit<ReportData, "kl">;
  /** {@link KlTriangle} values: little-endian 32-bit floats in base64. */
  kl: string;
  /** Models in the order of the rows of the heat map. */
  order: number[];
}

/** The report as the page and the picture work with it. */
export interface Report extends Omit<ReportData, "kl"> {
  kl: KlTriangle;
}
