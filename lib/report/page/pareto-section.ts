/** Size against divergence from a reference: which files are worth their bytes. */
import { paretoFront } from "../../matrix/nearest-for-size.js";
import type { EncodingChoices } from "../chart/encoding.js";
import { formatBytes, formatKl } from "../format.js";
import { defaultReference } from "../reference.js";
import { dataTable } from "./data-table.js";
import { element, type Child } from "./dom.js";
import { modelCards } from "./model-card.js";
import { modelButton, modelChooser } from "./model-choice.js";
import { markKeys, modelGroups } from "./model-marks.js";
import type { PageContext } from "./page-context.js";
import { ScatterFigure } from "./scatter-figure.js";

/** Of more models only those on the frontier are named. */
const mostNamed = 60;

export class ParetoSection {
  readonly #figure: ScatterFigure;
  readonly #table = element("div");
  readonly #about = element("p");

  constructor(
    section: HTMLElement,
    private readonly page: PageContext,
    private readonly choices: EncodingChoices,
  ) {
    const { report, store, shown, theme, card } = page;
    const cards = modelCards(page);
    this.#figure = new ScatterFigure(theme, "", {
      point: (model, x, y) => {
        store.set({ hovered: model }, "flow");
        if (model === null) card.hide();
        else card.show(x, y, ...cards(model));
      },
      click: (model) => store.set({ focused: model }),
    });
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
    return store.state.reference ?? defaultReference(report.models, report.reference);
  }

  #show(): void {
    const { report, shown } = this.page;
    const reference = this.#reference();
    const { pairs } = report.divergences;
    const kl = report.models.map((model, i) => (pairs === null ? (model.klToReference ?? NaN) : pairs.at(reference, i)));
    const sizes = report.models.map(({ bytes }) => bytes);
    const visible = report.models.map((_, model) => shown.mask[model] === 1 && (sizes[model] ?? 0) > 0 && Number.isFinite(kl[model]));
    const onFront = paretoFront(sizes.map((size, model) => (visible[model] ? size : 0)), kl);
    const front = new Set(onFront);
    const few = visible.filter(Boolean).length <= mostNamed;
    const name = report.models[reference]?.name ?? "";
    const unknown = sizes.filter((size) => size === 0).length;
    this.#about.textContent =
      `KL divergence to ${name} against the size of the file. The line joins the models than which no other is both as small and as near: those are the ones to choose from.` +
      (unknown > 0 ? ` ${unknown} of unknown size are left out.` : "");
    this.#figure.label(`Size of the file (across) and KL divergence to ${name} (up) of ${visible.filter(Boolean).length} models; ${onFront.length} are nearest for their size.`);
    this.#figure.show(() => ({
      x: { name: "size of the file, logarithmic", logarithmic: true, format: formatBytes },
      y: { name: "KL to the reference, bits/byte, logarithmic", logarithmic: true, format: formatKl },
      square: false,
      groups: modelGroups(this.page, this.choices, (model) => (visible[model] ? { x: sizes[model] ?? NaN, y: kl[model] ?? NaN } : null), (model) => few || front.has(model)),
      lines: onFront.length > 1 ? [{ corners: onFront.map((model) => [sizes[model] ?? NaN, kl[model] ?? NaN]), dashed: false, stepped: true }] : [],
    }));
    const rows = onFront.map((model): Child[] => [modelButton(this.page, model), formatBytes(sizes[model] ?? NaN), formatKl(kl[model] ?? NaN)]);
    this.#table.replaceChildren(
      element("h3", {}, "Nearest for their size"),
      dataTable("Models nearest for their size", [{ title: "Model" }, { title: "Size", numeric: true }, { title: "KL (bits/byte)", numeric: true }], rows),
      element("p", { className: "muted small" }, "A model with KL 0, as the reference itself, stands at the lower edge. Colours and shapes are those of the map."),
    );
  }
}
