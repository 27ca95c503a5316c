/** Size against divergence from a reference: which files are worth their bytes. */
import type { EncodingChoices } from "../chart/encoding.js";
import { paretoFigure, type ParetoFigure } from "../chart/pareto-picture.js";
import { formatBytes, formatKl } from "../format.js";
import { defaultReference } from "../reference.js";
import { dataTable } from "./data-table.js";
import { element, type Child } from "./dom.js";
import { modelPointActions } from "./model-card.js";
import { modelButton, modelChooser } from "./model-choice.js";
import { markKeys, modelGroups } from "./model-marks.js";
import type { PageContext } from "./page-context.js";
import { ScatterFigure } from "./scatter-figure.js";

export class ParetoSection {
  readonly #figure: ScatterFigure;
  readonly #table = element("div");
  readonly #about = element("p");

  constructor(
    section: HTMLElement,
    private readonly page: PageContext,
    private readonly choices: EncodingChoices,
  ) {
    const { report, store, shown, theme } = page;
    this.#figure = new ScatterFigure(theme, "", modelPointActions(page));
    const chooser = modelChooser("Reference", report.models, (reference) => store.set({ reference }));
    chooser.node.hidden = report.divergences.pairs === null;
    section.append(element("div", { className: "controls" }, chooser.node), this.#about, element("div", { className: "figure-and-table" }, this.#figure.node, this.#table));
    section.hidden = false;
    const show = (): void => {
      chooser.show(this.#reference());
      this.#show();
    };
    store.follow(["reference", ...markKeys], show);
    shown.onChange(show);
    theme.onChange(() => this.#show());
    show();
  }

  #reference(): number {
    const { report, store } = this.page;
    // Without all pairs there are distances from the run's reference only.
    const chosen = report.divergences.pairs === null ? null : store.state.reference;
    return chosen ?? defaultReference(report.models, report.reference);
  }

  #show(): void {
    const { report, shown } = this.page;
    const reference = this.#reference();
    const { pairs } = report.divergences;
    const isShown = (model: number): boolean => shown.mask[model] === 1;
    // Those of the run's own reference are exact: so the front is that of map.arrow.
    const isOwn = report.models[reference]?.name === report.reference;
    const kl = report.models.map((model, i) => (isOwn ? model.klToReference : null) ?? pairs?.at(reference, i) ?? NaN);
    const sizes = report.models.map(({ bytes }, model) => (isShown(model) ? bytes : 0));
    const figure = (): ParetoFigure => paretoFigure(sizes, kl, (place, label, isOnFront) => modelGroups(this.page, this.choices, place, label, isOnFront));
    const { front, points } = figure();
    const name = report.models[reference]?.name ?? "";
    const unknown = report.models.filter(({ bytes }) => bytes === 0).length;
    this.#about.textContent =
      `KL divergence to ${name} against the size of the file. Outlined and joined are the models than which no other is both as small and as near: those are the ones to choose from.` +
      (unknown > 0 ? ` ${unknown} of unknown size are left out.` : "");
    this.#figure.label(`Size of the file (across) and KL divergence to ${name} (up) of ${points} models; ${front.length} are nearest for their size.`);
    this.#figure.show(() => figure().picture);
    const rows = front.map((model): Child[] => [modelButton(this.page, model), formatBytes(report.models[model]?.bytes ?? NaN), formatKl(kl[model] ?? NaN)]);
    this.#table.replaceChildren(
      element("h3", {}, "Nearest for their size"),
      dataTable("Models nearest for their size", [{ title: "Model" }, { title: "Size", numeric: true }, { title: "KL (bits/byte)", numeric: true }], rows),
      element("p", { className: "muted small" }, "A model with KL 0, as the reference itself, stands at the lower edge. Colours and shapes are those of the map."),
    );
  }
}
