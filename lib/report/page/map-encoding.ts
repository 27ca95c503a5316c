/** Colour, shape and size of the models on the map by the chosen fields, and their legends. */
import { encodeMarks, encodeSize, type ColourEncoding, type EncodingChoices, type ShapeEncoding, type SizeEncoding } from "../chart/encoding.js";
import type { FigureLegend } from "../chart/map-figure.js";
import { mapLegends } from "../chart/map-legends.js";
import { element } from "./dom.js";
import { categoryLegend, scaleLegend, sizeLegend } from "./legend.js";
import type { PageContext } from "./page-context.js";

export class MapEncoding {
  /** The legends, with the models of each category to be selected by a press. */
  readonly node = element("div", { className: "legends" });
  colour!: ColourEncoding;
  shape!: ShapeEncoding;
  size!: SizeEncoding;
  /** Of categories, for pictures. */
  legends!: FigureLegend[];

  constructor(
    private readonly page: PageContext,
    private readonly choices: EncodingChoices,
  ) {
    this.update();
  }

  /** After another field was chosen, or other colours of the page. */
  update(): void {
    const { report, store, theme } = this.page;
    const chosen = <T extends { id: string }>(fields: readonly T[], id: string | null): T | null => fields.find((field) => field.id === id) ?? null;
    const colourField = chosen(this.choices.colour, store.state.colour);
    const shapeField = chosen(this.choices.shape, store.state.shape);
    const sizeField = chosen(this.choices.size, store.state.size);
    const { colour, shape } = encodeMarks(report.models, colourField, shapeField, theme.colours);
    const size = encodeSize(report.models, sizeField);
    const legends = mapLegends({ field: colourField, ...colour }, { field: shapeField, ...shape }, theme.colours);
    Object.assign(this, { colour, shape, size, legends });
    this.node.replaceChildren(
      ...(colour.scale !== null && colourField?.kind === "number" ? [scaleLegend(colourField.title, colour.scale, colourField.format)] : []),
      ...legends.map((legend) => categoryLegend(legend, (models) => store.set({ selected: new Set(models) }))),
      ...(sizeField === null ? [] : [sizeLegend(sizeField.title, size, sizeField.format, theme.colours.muted)]),
    );
  }
}
