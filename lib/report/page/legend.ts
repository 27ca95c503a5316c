/** The legends of colour and shape. */
import { viridisColour, type ColourScale } from "../chart/colour-scale.js";
import type { LegendEntry } from "../chart/encoding.js";
import { formatInteger } from "../format.js";
import { element } from "./dom.js";

const svg = "http://www.w3.org/2000/svg";
/** Outlines of ECharts' named symbols in a square from -5 to 5. */
const outlines: Record<string, string> = {
  circle: "M-5,0A5,5,0,1,1,5,0A5,5,0,1,1,-5,0Z",
  emptyCircle: "M-5,0A5,5,0,1,1,5,0A5,5,0,1,1,-5,0ZM-3.5,0A3.5,3.5,0,1,0,3.5,0A3.5,3.5,0,1,0,-3.5,0Z",
  rect: "M-5,-5H5V5H-5Z",
  triangle: "M0,-5L5,5H-5Z",
  diamond: "M0,-5L5,0L0,5L-5,0Z",
};

/** A list of categories with their marks. */
export function categoryLegend(title: string, entries: readonly (LegendEntry<string> & { symbol: string; colour: string })[]): HTMLElement {
  const items = entries.map(({ title: text, symbol, colour, models }) =>
    element(
      "li",
      {},
      mark(symbol, colour),
      element("span", { className: "name" }, text),
      element("span", { className: "muted" }, formatInteger(models)),
    ),
  );
  return element("div", { className: "legend" }, element("h3", {}, title), element("ul", {}, ...items));
}

function mark(symbol: string, colour: string): SVGElement {
  const picture = document.createElementNS(svg, "svg");
  picture.setAttribute("viewBox", "-6 -6 12 12");
  picture.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svg, "path");
  path.setAttribute("d", outlines[symbol] ?? symbol.replace("path://", ""));
  path.setAttribute("fill", colour);
  picture.append(path);
  return picture;
}

/** A strip of colours with the values below it. */
export function scaleLegend(title: string, scale: ColourScale, format: (value: number) => string): HTMLElement {
  const strip = element("canvas", { className: "strip" });
  strip.width = 256;
  strip.height = 1;
  const context = strip.getContext("2d");
  for (let x = 0; context !== null && x < strip.width; x++) {
    context.fillStyle = `rgb(${viridisColour(x / (strip.width - 1)).join(",")})`;
    context.fillRect(x, 0, 1, 1);
  }
  const ticks = scale.ticks.map((value) => {
    const tick = element("span", {}, format(value));
    tick.style.left = `${scale.position(value) * 100}%`;
    return tick;
  });
  const heading = scale.logarithmic ? `${title}, logarithmic` : title;
  return element("div", { className: "legend scale" }, element("h3", {}, heading), strip, element("div", { className: "ticks" }, ...ticks));
}
