/** SVG documents from elements. Strings become text and attribute values through one escape. */
import { fontFamily } from "../chart/map-option.js";
import { lightTheme } from "../chart/theme.js";
import type { Size } from "../chart/viewport.js";
import { escapeHtml, wellFormedXml } from "../html.js";

/** Markup that is escaped already: only the functions here make it. */
export interface Svg {
  markup: string;
}

type Attributes = Record<string, string | number>;

export function svg(name: string, attributes: Attributes, children: readonly Svg[] = []): Svg {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${typeof value === "number" ? round(value) : escapeHtml(value)}"`);
  return { markup: `<${name}${written.join("")}>${children.map(({ markup }) => markup).join("")}</${name}>` };
}

export function svgText(text: string, x: number, y: number, attributes: Attributes = {}): Svg {
  const { markup } = svg("text", { x, y, "font-size": 12, fill: lightTheme.text, ...attributes });
  return { markup: markup.replace("></text>", () => `>${escapeHtml(text)}</text>`) };
}

export function svgLine(path: string, attributes: Attributes = {}): Svg {
  return svg("path", { d: path, fill: "none", stroke: lightTheme.muted, "stroke-width": 1, ...attributes });
}

/** A document on the background of the theme, in its font. */
export function svgDocument({ width, height }: Size, children: readonly Svg[]): string {
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  const attributes = { xmlns: "http://www.w3.org/2000/svg", "xmlns:xlink": "http://www.w3.org/1999/xlink", width: w, height: h, viewBox: `0 0 ${w} ${h}`, "font-family": fontFamily };
  return wellFormedXml(svg("svg", attributes, [svg("rect", { width: w, height: h, fill: lightTheme.background }), ...children]).markup);
}

/** To a hundredth of a pixel. */
export const round = (value: number): number => Math.round(value * 100) / 100;
