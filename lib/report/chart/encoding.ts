/** How a field of the models becomes colour or shape. */
import { fieldText, varies, type CategoryField, type Field, type NumberField } from "../fields.js";
import type { ReportModel } from "../report-data.js";
import { colourScale, viridisColour, type ColourScale } from "./colour-scale.js";
import { otherShape, shapes, type Shape } from "./shapes.js";
import type { ChartTheme } from "./theme.js";

export interface LegendEntry<Channel> {
  title: string;
  channel: Channel;
  /** Positions of the models that it stands for. */
  models: number[];
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
  size: NumberField[];
  firstColour: Field | null;
  firstShape: CategoryField | null;
}

export interface ShapeEncoding {
  /** One per model. */
  shapes: Shape[];
  legend: LegendEntry<Shape>[];
}

export interface SizeEncoding {
  /** Pixels, one per model. */
  radii: Float32Array;
  /** Values and their radii, from small to large; empty where all are alike. */
  legend: { value: number; radius: number }[];
}

/** With colour and shape for one field, more of its categories have a mark of their own. */
const categoriesOfBoth = 21;

/** Colour and shape of each model. Where one field decides both, no two of its categories share colour and shape, and neighbours in the legend neither. */
export function encodeMarks(
  models: readonly ReportModel[],
  colour: Field | null,
  shape: CategoryField | null,
  theme: ChartTheme,
): { colour: ColourEncoding; shape: ShapeEncoding } {
  if (shape === null || colour !== shape) return { colour: encodeColour(models, colour, theme), shape: encodeShape(models, shape) };
  const marks = Array.from({ length: categoriesOfBoth }, (_, i) => i);
  const colours = marks.map((i) => theme.categories[i % theme.categories.length] ?? theme.other);
  const ofBoth = marks.map((i) => shapes[(i + Math.floor(i / theme.categories.length)) % shapes.length] ?? otherShape);
  return { colour: encodeColour(models, shape, { ...theme, categories: colours }), shape: encodeShape(models, shape, ofBoth) };
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
  // Steps too fine to see, so that points of one colour can be drawn together.
  const steps = Array.from({ length: colourSteps }, (_, step) => `rgb(${viridisColour(step / (colourSteps - 1)).join(",")})`);
  const colours = values.map((value) => (value === null ? theme.other : (steps[Math.round(scale.position(value) * (colourSteps - 1))] ?? theme.other)));
  return { colours, legend: [], scale };
}

const colourSteps = 128;

/** Shapes by a field; all discs without one. */
export function encodeShape(models: readonly ReportModel[], field: CategoryField | null, available = shapes): ShapeEncoding {
  if (field === null) return { shapes: models.map(() => shapes[0] ?? otherShape), legend: [] };
  const { channels, legend } = encodeCategories(models, field, available, otherShape);
  return { shapes: channels, legend };
}

/** Radii of points for up to so many models: without a field, and of the lowest and highest value of one. */
const radiiFor = [
  { models: 300, plain: 5.5, least: 2.5, most: 14 },
  { models: 2000, plain: 3.4, least: 2, most: 8 },
  { models: Infinity, plain: 2.4, least: 1.5, most: 5 },
] as const;

/** Sizes by a field: the area grows with the value, or, over a wide range, with its logarithm; all alike without a field. */
export function encodeSize(models: readonly ReportModel[], field: NumberField | null): SizeEncoding {
  const { plain, least, most } = radiiFor.find((entry) => models.length <= entry.models) ?? radiiFor[0];
  if (field === null) return { radii: new Float32Array(models.length).fill(plain), legend: [] };
  const values = models.map((model) => field.value(model));
  const scale = colourScale(values.filter((value) => value !== null));
  const area = (value: number): number => least ** 2 + scale.position(value) * (most ** 2 - least ** 2);
  const radius = (value: number): number => Math.sqrt(area(value));
  return {
    radii: Float32Array.from(values, (value) => (value === null ? least : radius(value))),
    legend: scale.ticks.map((value) => ({ value, radius: radius(value) })),
  };
}

const { compare: byName } = new Intl.Collator("en", { numeric: true });

/** The most frequent categories have a channel each, in the order of their names; the rest share `other`. */
function encodeCategories<Channel>(
  models: readonly ReportModel[],
  field: CategoryField,
  available: readonly Channel[],
  other: Channel,
): { channels: Channel[]; legend: LegendEntry<Channel>[] } {
  const titles = models.map((model) => fieldText(field, model));
  const members = new Map<string, number[]>();
  titles.forEach((title, model) => {
    const of = members.get(title);
    if (of === undefined) members.set(title, [model]);
    else of.push(model);
  });
  const sorted = Array.from(members).sort(([a, ofA], [b, ofB]) => ofB.length - ofA.length || byName(a, b));
  const own = sorted
    .slice(0, available.length)
    .sort(([a], [b]) => byName(a, b))
    .map(([title, of], i) => ({ title, channel: available[i] ?? other, models: of }));
  const rest = sorted.slice(available.length);
  const legend = [...own];
  const [first] = rest;
  if (first !== undefined) {
    const title = rest.length === 1 ? first[0] : `${rest.length} others`;
    legend.push({ title, channel: other, models: rest.flatMap(([, of]) => of) });
  }
  const channelOf = new Map(own.map(({ title, channel }) => [title, channel]));
  return { channels: titles.map((title) => channelOf.get(title) ?? other), legend };
}

/** The fields that tell the models apart, and the ones to begin with: the user's own labels first, then the clusters. */
export function encodingChoices(fields: readonly Field[], models: readonly ReportModel[]): EncodingChoices {
  const colour = fields.filter((field) => varies(field, models));
  const shape = colour.filter((field) => field.kind === "category");
  const label = shape.find(({ id }) => id.startsWith("label:"));
  const size = colour.filter((field) => field.kind === "number");
  const byId = (id: string): CategoryField | undefined => shape.find((field) => field.id === id);
  const firstColour = label ?? byId("cluster") ?? byId("architecture") ?? byId("quantization") ?? colour[0] ?? null;
  // Nothing is told by colour alone: where there is no other field, the shapes repeat the colours.
  const repeated = firstColour?.kind === "category" ? firstColour : null;
  const firstShape = ["quantization", "architecture"].map(byId).find((field) => field !== undefined && field !== firstColour) ?? repeated;
  return { colour, shape, size, firstColour, firstShape };
}
