/** The pictures of a run, as files. */
import { rm } from "node:fs/promises";
import { LlmapError } from "../../errors.js";
import { writeFileAtomic } from "../../files/atomic-write.js";
import { renderMapSvg } from "../map-svg.js";
import type { ReportData } from "../report-data.js";
import { treeOrder } from "../tree-order.js";
import { renderHeatMapSvg } from "./heat-map-svg.js";
import { renderParetoSvg } from "./pareto-svg.js";
import { createRasteriser, systemFonts, type Fonts } from "./rasterise.js";
import { renderTreeSvg } from "./tree-svg.js";

/** Pictures and where they go. */
export type PictureFiles = Record<"map.svg" | "map.png" | "tree.svg" | "heatmap.png" | "pareto.svg", string>;

/** Two pixels of the PNG for one of the picture, but not of large ones. */
const sharpScale = 2;
const sharpPixels = 1500;

/**
 * Writes the pictures that the report has, and removes older ones that it no longer has.
 * @param warn why there are no PNG files; those of SVG are there all the same
 * Errors: ERR_RUN_FOLDER.
 */
export async function writePictures(data: ReportData, files: PictureFiles, warn: (message: string) => void, fonts: Fonts = systemFonts): Promise<void> {
  const { kl, tree, models } = data;
  const map = data.maps.length > 0 ? renderMapSvg(data) : null;
  const order = kl === null || tree === null ? null : treeOrder(models.length, tree, (i, j) => kl[i * models.length + j] ?? NaN);
  const ofTree = kl === null || tree === null ? null : { ...data, kl, tree };
  const documents: [keyof PictureFiles, string | null][] = [
    ["map.svg", map],
    ["tree.svg", ofTree && order && renderTreeSvg(ofTree, order)],
    ["pareto.svg", renderParetoSvg(data)],
    ["map.png", map],
    ["heatmap.png", ofTree && order && renderHeatMapSvg(ofTree, order)],
  ];
  const rasteriser = await createRasteriser(fonts).catch((error: unknown) => {
    if (!(error instanceof LlmapError)) throw error;
    if (map !== null) warn(error.message);
    return null;
  });
  for (const [name, document] of documents) {
    const content = document === null || name.endsWith(".svg") ? document : (rasteriser?.png(document, scaleOf(document)) ?? null);
    if (content === null) await rm(files[name], { force: true });
    else await writeFileAtomic(files[name], content);
  }
}

function scaleOf(document: string): number {
  const [, width = "", height = ""] = /^<svg [^>]*?width="(\d+)"[^>]*?height="(\d+)"/.exec(document) ?? [];
  return Math.max(Number(width), Number(height)) > sharpPixels ? 1 : sharpScale;
}
