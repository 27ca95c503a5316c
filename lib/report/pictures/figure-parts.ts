/** What all pictures have: a heading, and the legend of the colours, which are those of map.svg. */
import { encodeColour, encodingChoices } from "../chart/encoding.js";
import { mapLegends } from "../chart/map-legends.js";
import { lightTheme as theme } from "../chart/theme.js";
import { reportFields } from "../fields.js";
import { formatInteger, formatSignificant, shortenName } from "../format.js";
import type { ReportData } from "../report-data.js";
import { textSetStatement } from "../statements.js";
import { svg, svgText, type Svg } from "./svg.js";

/** Wide enough for the letters of names at 12 pixels; the exact width depends on the font. */
export const letterWidth = 7;
export const headingHeight = 76;
export const pictureMargin = 20;
export const legendWidth = 190;
const legendLine = 22;

/** A text in at most `width` pixels. */
export const fitText = (text: string, width: number): string => shortenName(text, Math.max(3, Math.floor(width / letterWidth)));

/** Pixels that the longest of the texts takes. */
export const widestText = (texts: readonly string[], most: number): number => texts.reduce((width, text) => Math.max(width, Math.min(most, text.length * letterWidth)), 0);

/** Title and a line below it. */
export function heading(title: string, { texts }: ReportData, width: number): Svg[] {
  const room = width - 2 * pictureMargin;
  return [
    svgText(shortenName(title, Math.floor(room / 11)), pictureMargin, 32, { "font-size": 20, "font-weight": 600 }),
    svgText(fitText(textSetStatement(texts), room), pictureMargin, 54, { "font-size": 13, fill: theme.muted }),
  ];
}

export interface PictureColours {
  /** One per model. */
  colours: readonly string[];
  /** At a place, for example right of a chart. */
  legend: (x: number, y: number) => Svg[];
  /** Pixels that it takes downwards. */
  legendHeight: number;
}

/** The colours that map.svg has. */
export function pictureColours(data: ReportData): PictureColours {
  const { models } = data;
  const field = encodingChoices(reportFields(data), models).firstColour;
  const { colours, legend, scale } = encodeColour(models, field, theme);
  const [found] = mapLegends({ field, legend }, { field: null, legend: [] }, theme);
  const entries = found?.entries.map(({ title, colour, models: of }) => ({ colour, text: `${title} (${formatInteger(of.length)})` })) ?? [];
  if (scale !== null) entries.push({ colour: theme.text, text: `${formatSignificant(scale.low)} (dark) to ${formatSignificant(scale.high)} (light)` });
  const title = field?.title ?? "";
  return {
    colours,
    legendHeight: entries.length === 0 ? 0 : (entries.length + 1) * legendLine,
    legend: (x, y) =>
      entries.length === 0
        ? []
        : [
            svgText(fitText(title, legendWidth), x, y, { "font-weight": 600 }),
            ...entries.flatMap(({ colour, text }, i) => [
              svg("circle", { cx: x + 6, cy: y + (i + 1) * legendLine - 4, r: 5.5, fill: colour }),
              svgText(fitText(text, legendWidth - 20), x + 18, y + (i + 1) * legendLine),
            ]),
          ],
  };
}
