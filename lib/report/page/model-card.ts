/** What the card beside the pointer says about one model: its facts and its nearest neighbours. */
import { fieldText, varies } from "../fields.js";
import { formatKl, nothing } from "../format.js";
import { definitionList, element, type Child } from "./dom.js";
import type { PageContext } from "./page-context.js";
import type { ScatterActions } from "./scatter-figure.js";

const neighboursShown = 5;
const always = new Set(["architecture", "quantization", "parameters", "bytes", "bits-per-byte", "cluster"]);

/** What the pointer does on a chart whose points are models. */
export function modelPointActions(page: PageContext): ScatterActions {
  const { store, card } = page;
  const cards = modelCards(page);
  return {
    point: (model, x, y) => {
      store.set({ hovered: model }, "flow");
      if (model === null) card.hide();
      else card.show(x, y, ...cards(model));
    },
    click: (model) => store.set({ focused: model }),
  };
}

/** A function, since which facts tell models apart is found out once. */
export function modelCards({ report, fields }: Pick<PageContext, "report" | "fields">): (model: number) => Child[] {
  const told = fields.filter((field) => always.has(field.id) || field.id.startsWith("label:") || varies(field, report.models));
  return (model) => {
    const shown = report.models[model];
    if (shown === undefined) return [];
    const facts = told.map((field): [string, string] => [field.title, fieldText(field, shown)]).filter(([, text]) => text !== nothing);
    const nearest = report.divergences
      .nearest(model, neighboursShown)
      .map(({ model: other, kl }): [string, string] => [report.models[other]?.name ?? "", formatKl(kl)]);
    const warnings = shown.warnings.map((warning) => element("li", {}, warning));
    return [
      element("strong", { className: "name" }, shown.name),
      definitionList(facts),
      element("p", { className: "card-heading" }, "Nearest models (KL, bits/byte)"),
      definitionList(nearest),
      ...(warnings.length > 0 ? [element("p", { className: "card-heading" }, "Warnings"), element("ul", {}, ...warnings)] : []),
    ];
  };
}
