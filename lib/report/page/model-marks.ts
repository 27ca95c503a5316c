/** Colours and shapes of the models as on the map, for other charts of models. */
import { encodeColour, encodeShape, type EncodingChoices } from "../chart/encoding.js";
import { emphasis } from "../chart/map-option.js";
import { pointGroups } from "../chart/map-marks.js";
import type { ScatterGroup, ScatterPoint } from "../chart/scatter-option.js";
import type { PageContext } from "./page-context.js";
import type { StateKey } from "./state.js";

/** A chart of models changes with these. */
export const markKeys: StateKey[] = ["colour", "shape", "selected", "focused", "pair"];

/**
 * Points of the models that are shown, in groups of one colour and shape; selected, opened and compared ones are strong.
 * @param place of a model; null: it has none. `label`: names beside the points. `mark`: these are strong too
 */
export function modelGroups(
  { report, store, shown, theme }: PageContext,
  choices: EncodingChoices,
  place: (model: number) => { x: number; y: number } | null,
  label: (model: number) => boolean,
  mark: (model: number) => boolean = () => false,
): ScatterGroup[] {
  const { colour, shape, selected, focused, pair } = store.state;
  const { colours } = encodeColour(report.models, choices.colour.find(({ id }) => id === colour) ?? null, theme.colours);
  const { shapes } = encodeShape(report.models, choices.shape.find(({ id }) => id === shape) ?? null);
  const isStrong = (model: number): boolean => selected.has(model) || focused === model || pair?.includes(model) === true || mark(model);
  const levels = Uint8Array.from(report.models, (_, model) => (isStrong(model) ? emphasis.strong : emphasis.plain));
  return pointGroups(colours, shapes, levels, (model) => shown.mask[model] === 1).map(({ colour: fill, shape: outline, models }) => ({
    colour: fill,
    shape: outline,
    points: models.flatMap((model): ScatterPoint[] => {
      const at = place(model);
      if (at === null || !Number.isFinite(at.x) || !Number.isFinite(at.y)) return [];
      return [{ id: model, ...at, strong: isStrong(model), label: isStrong(model) || label(model) ? (report.models[model]?.name ?? "") : null }];
    }),
  }));
}
