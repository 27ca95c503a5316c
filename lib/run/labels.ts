/** Checks of labels that an option names. */
import { LlmapError } from "../errors.js";
import { labelOf } from "../models/labels.js";
import type { ModelRow } from "../store/models-table.js";

type Labelled = Pick<ModelRow, "name" | "labels">;

/** Errors: ERR_USAGE naming the labels there are, where no model has this one. @param option of the command line that named it */
export function requireLabel(models: readonly Labelled[], label: string, option: string): void {
  if (models.some(({ labels }) => Object.hasOwn(labels, label))) return;
  const known = [...new Set(models.flatMap(({ labels }) => Object.keys(labels)))].join(", ") || "none";
  throw new LlmapError("ERR_USAGE", `No model has the label ${label} (${option}). Labels of the run: ${known}.`);
}

/** The number that a label holds, null without one. Errors: ERR_USAGE naming the model for anything else. @param option as for {@link requireLabel} */
export function numberLabel(model: Labelled, label: string, option: string): number | null {
  const text = labelOf(model, label);
  if (text === null) return null;
  const number = Number(text);
  if (Number.isFinite(number)) return number;
  throw new LlmapError(
    "ERR_USAGE",
    `Expected a number for the label ${label} of ${model.name} but found "${text}". Correct it in the list of models (an empty cell: not known), or name another label with ${option}.`,
  );
}
