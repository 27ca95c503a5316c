/** The legends of colour, shape and size. */
import { viridisColour, type ColourScale } from "../chart/colour-scale.js";
import type { SizeEncoding } from "../chart/encoding.js";
import type { FigureLegend } from "../chart/map-figure.js";
import { shapePath, type Shape } from "../chart/shapes.js";
import { formatInteger } from "../format.js";
import { element } from "./dom.js";

const svg = "http://www.w3.org/2000/svg";

/** A list of categories with their marks; each is a button. */
export function categoryLegend({ title, entries }: FigureLegend, press: (models: readonly number[]) => void): HTMLElement {
  const items = entries.map(({ title: text, shape, colour, models }) => {
    const entry = element(
      "button",
      { type: "button", title: `Select: ${text}` },
      markPicture(shape, colour),
      element("span", { className: "name" }, text),
      element("span", { className: "muted" }, formatInteger(models.length)),
    );
    entry.addEventListener("click", () => press(models));
    return element("li", {}, entry);
  });
  return element("div", { className: "legend" }, element("h3", {}, title), element("ul", {}, ...items));
}

export function markPicture(shape: Shape, colour: string): SVGElement {
  return picture("-6 -6 12 12", { d: shapePath(shape), fill: colour });
}

function picture(viewBox: string, attributes: Record<string, string>): SVGElement {
  const node = document.createElementNS(svg, "svg");
  node.setAttribute("viewBox", viewBox);
  node.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svg, "path");
  for (const [name, value] of Object.entries(attributes)) path.setAttribute(name, value);
  node.append(path);
  return node;
}

/** Discs of the sizes that values have. */
export function sizeLegend(title: string, { legend }: SizeEncoding, format: (value: number) => string, colour: string): HTMLElement {
  const shown = legend.length > 4 ? legend.filter((_, i) => i === 0 || i === legend.length - 1 || i === legend.length >> 1) : legend;
  const items = shown.map(({ value, radius }) => {
    const disc = picture("-15 -15 30 30", { d: `M${-radius},0A${radius},${radius},0,1,1,${radius},0A${radius},${radius},0,1,1,${-radius},0Z`, fill: colour });
    disc.setAttribute("class", "disc");
    return element("li", {}, disc, element("span", { className: "name" }, format(value)));
  });
  return element("div", { className: "legend" }, element("h3", {}, `${title} (area)`), element("ul", {}, ...items));
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
