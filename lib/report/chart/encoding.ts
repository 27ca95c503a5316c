/** How a field of the models becomes colour or shape. */
import { fieldText, varies, type CategoryField, type Field } from "../fields.js";
import type { ReportModel } from "../report-data.js";
import { colourScale, viridisColour, type ColourScale } from "./colour-scale.js";
import { otherShape, shapes, type ChartTheme } from "./theme.js";

export interface LegendEntry<Channel> {
  title: string;
  channel: Channel;
  models: number;
}

export interface ColourEncoding {
  /** One colour per model. */
  colours: string[];
  /** Of a category field. Empty for numbers. */
  legend: LegendEntry<string>[];
  /** Of a number field, else null. */
  scale: ColourScale | null;
}

/** What a map offers for colour and shape, and what it begins with. */
export interface EncodingChoices {
  colour: Field[];
  shape: CategoryField[];
  firstColour: Field | null;
  firstShape: CategoryField | null;
}

export interface ShapeEncoding {
  /** One ECharts symbol per model. */
  symbols: string[];
  legend: LegendEntry<string>[];
}

/** Colours by a field; all alike without one. */
export function encodeColour(models: readonly ReportModel[], field: Field | null, theme: ChartTheme): ColourEncoding {
  if (field === null) return { colours: models.map(() => theme.categories[0] ?? theme.other), legend: [], scale: null };
  if (field.kind === "category") {
    const { channels, legend } = encodeCategories(models, field, theme.categories, theme.other);
    return { colours: channels, legend, scale: null };
  }
  const values = models.map((model) => field.value(model));
  const scale = colourScale(values.filter((value) => value !== null));
  const colours = values.map((value) => (value === null ? theme.other : `rgb(${viridisColour(scale.position(value)).join(",")})`));
  return { colours, legend: [], scale };
}

/** Shapes by a field; all circles without one. */
export function encodeShape(models: readonly ReportModel[], field: CategoryField | null): ShapeEncoding {
  if (field === null) return { symbols: models.map(() => shapes[0]), legend: [] };
  const { channels, legend } = encodeCategories(models, field, shapes, otherShape);
  return { symbols: channels, legend };
}

const { compare: byName } = new Intl.Collator("en", { numeric: true });

/** The most frequent categories have a channel each, in the order of their names; the rest share `other`. */
function encodeCategories(
  models: readonly ReportModel[],
  field: CategoryField,
  available: readonly string[],
  other: string,
): { channels: string[]; legend: LegendEntry<string>[] } {
  const titles = models.map((model) => fieldText(field, model));
  const counts = new Map<string, number>();
  for (const title of titles) counts.set(title, (counts.get(title) ?? 0) + 1);
  const sorted = Array.from(counts).sort(([a, countA], [b, countB]) => countB - countA || byName(a, b));
  const own = sorted
    .slice(0, available.length)
    .sort(([a], [b]) => byName(a, b))
    .map(([title, count], i) => ({ title, channel: available[i] ?? other, models: count }));
  const rest = sorted.slice(available.length);
  const legend = [...own];
  const [first] = rest;
  if (first !== undefined) {
    const title = rest.length === 1 ? first[0] : `${rest.length} others`;
    legend.push({ title, channel: other, models: rest.reduce((sum, [, count]) => sum + count, 0) });
  }
  const channelOf = new Map(own.map(({ title, channel }) => [title, channel]));
  return { channels: titles.map((title) => channelOf.get(title) ?? other), legend };
}

/** The fields that tell the models apart, and the ones to begin with: the user's own labels first, then the clusters. */
export function encodingChoices(fields: readonly Field[], models: readonly ReportModel[]): EncodingChoices {
  const colour = fields.filter((field) => varies(field, models));
  const shape = colour.filter((field) => field.kind === "category");
  const label = shape.find(({ id }) => id.startsWith("label:"));
  const byId = (id: string): CategoryField | undefined => shape.find((field) => field.id === id);
  const firstColour = label ?? byId("cluster") ?? byId("architecture") ?? byId("quantization") ?? colour[0] ?? null;
  const firstShape = ["quantization", "architecture"].map(byId).find((field) => field !== undefined && field !== firstColour) ?? null;
  return { colour, shape, firstColour, firstShape };
}
