/** SVG to PNG, by resvg. */
import { LlmapError, messageOf } from "../../errors.js";

/** Draws documents of this library as PNG files. */
export interface Rasteriser {
  /** @param scale pixels of the PNG for one of the document */
  png: (svg: string, scale: number) => Buffer;
}

/** Where fonts are looked for. */
export interface Fonts {
  loadSystemFonts: boolean;
}

export const systemFonts: Fonts = { loadSystemFonts: true };

const sansSerifFamilies = ["Liberation Sans", "DejaVu Sans", "Noto Sans", "Arial", "Helvetica", "Segoe UI", "Roboto", "Cantarell"];

/**
 * Errors: ERR_NOT_FOUND where this machine has no font, since names would be missing from the pictures without a word, and where resvg has no binary for
 * this platform.
 */
export async function createRasteriser(fonts: Fonts = systemFonts): Promise<Rasteriser> {
  const { Resvg } = await import("@resvg/resvg-js").catch((error: unknown) => {
    throw new LlmapError("ERR_NOT_FOUND", `Pictures as PNG need @resvg/resvg-js, which cannot be loaded here: ${messageOf(error)}. Install the package again with its optional dependencies, or use the SVG files, which are written all the same.`, { cause: error });
  });
  const widthIn = (family: string): number | undefined => {
    const letters = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text font-family="${family}">mmmiii</text></svg>`;
    return new Resvg(letters, { font: fonts }).getBBox()?.width;
  };
  // resvg has one font for all families that it does not know, often one with serifs.
  const unknown = widthIn("no such family");
  if (unknown === undefined) {
    throw new LlmapError("ERR_NOT_FOUND", "This machine has no font, so pictures as PNG would lack all names. Install one, for example: apt-get install fonts-dejavu-core.");
  }
  const defaultFontFamily = sansSerifFamilies.find((family) => widthIn(family) !== unknown);
  const font = { ...fonts, ...(defaultFontFamily === undefined ? {} : { defaultFontFamily }) };
  return { png: (svg, scale) => new Resvg(svg, { font, fitTo: { mode: "zoom", value: scale } }).render().asPng() };
}
