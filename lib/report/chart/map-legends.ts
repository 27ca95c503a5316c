/** The legends of categories: one where a field decides both colour and shape. */
import type { CategoryField, Field } from "../fields.js";
import type { ColourEncoding, ShapeEncoding } from "./encoding.js";
import type { FigureLegend } from "./map-figure.js";
import { otherShape, shapes } from "./shapes.js";
import type { ChartTheme } from "./theme.js";

/** A number as colour has a scale and no legend of this kind. */
export function mapLegends(
  colour: Pick<ColourEncoding, "legend"> & { field: Field | null },
  shape: Pick<ShapeEncoding, "legend"> & { field: CategoryField | null },
  theme: ChartTheme,
): FigureLegend[] {
  const both = colour.field !== null && colour.field === shape.field;
  const plain = shapes[0] ?? otherShape;
  const legends = [
    {
      title: colour.field?.title ?? "",
      entries: colour.legend.map((entry, i) => ({ ...entry, shape: both ? (shape.legend[i]?.channel ?? plain) : plain, colour: entry.channel })),
    },
    {
      title: shape.field?.title ?? "",
      entries: both ? [] : shape.legend.map((entry) => ({ ...entry, shape: entry.channel, colour: theme.muted })),
    },
  ];
  return legends.filter(({ entries }) => entries.length > 0);
}
