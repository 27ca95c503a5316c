/** The panel of one model: facts, nearest models, its place on the KL scale, results by source, its most surprising texts. */
import { bandsWarning, placeAmongBands, publishedBands } from "../../matrix/kl-scale.js";
import { fieldText } from "../fields.js";
import { formatFixed, formatInteger, formatKl, nothing } from "../format.js";
import type { Sample } from "../report.js";
import { CentredTexts, type SurprisingText } from "../surprising-texts.js";
import { surprisingTextsShown } from "../token-choice.js";
import { bar, dataTable } from "./data-table.js";
import { button, definitionList, element, type Child } from "./dom.js";
import { klStrip } from "./kl-strip.js";
import { modelButton } from "./model-choice.js";
import type { PageContext } from "./page-context.js";
import { goTo } from "./sections.js";
import { tokenColouring } from "./token-colouring.js";
import { textExcerpt, textName, unreadableTexts } from "./text-excerpt.js";

const neighboursShown = 10;
const neighboursOnScale = 6;
/** Of the controls at the top of the window, pixels. */
const barHeight = 54;

export class ModelSection {
  readonly #body = element("div", { className: "panel-body" });
  readonly #name = element("h3", { className: "panel-name" });
  readonly #close: HTMLButtonElement;
  #centred: Promise<{ sample: Sample; centred: CentredTexts }> | null = null;

  constructor(
    section: HTMLElement,
    private readonly page: PageContext,
  ) {
    const { store, report } = page;
    this.#name.setAttribute("aria-live", "polite");
    this.#close = button("Close", "Close this model", () => store.set({ focused: null }));
    section.append(element("div", { className: "panel-head" }, this.#name, element("span", { className: "buttons" }, this.#close)), this.#body);
    section.hidden = false;
    this.#close.hidden = report.models.length === 1;
    store.follow(["focused"], ({ focused }) => {
      this.#show();
      // Opened from far below, its name would stand under the bar of controls or above the window.
      if (focused !== null && this.#name.getBoundingClientRect().top < barHeight) section.scrollIntoView();
    });
    this.#show();
  }

  #show(): void {
    const { report, store } = this.page;
    const focused = store.state.focused ?? (report.models.length === 1 ? 0 : null);
    const model = focused === null ? undefined : report.models[focused];
    this.#close.parentElement?.toggleAttribute("hidden", focused === null || report.models.length === 1);
    this.#name.textContent = model?.name ?? "None chosen yet";
    if (focused === null || model === undefined) {
      this.#body.replaceChildren(
        element("p", { className: "muted" }, "Click a point of the map or a name in the table to read here about one model: what it is, who is near, where it surprises."),
        element("p", { className: "muted" }, "With the keyboard: N and P on the map go from model to model, Enter opens one. Compare beside a nearest model, or a click on the heat map, picks two to compare."),
      );
      return;
    }
    const texts = element("div", {}, element("p", { className: "muted" }, "Reading the texts …"));
    this.#body.replaceChildren(...this.#facts(focused), ...this.#nearest(focused), ...this.#scale(focused), ...this.#sources(focused), texts);
    this.#body.scrollTop = 0;
    if (report.models.length === 1) {
      texts.replaceChildren();
      return;
    }
    void this.#surprises(focused).then((nodes) => {
      if (texts.isConnected) texts.replaceChildren(...nodes);
    });
  }

  #facts(focused: number): Child[] {
    const { report, fields } = this.page;
    const model = report.models[focused];
    if (model === undefined) return [];
    const facts = fields.map((field): [string, string] => [field.title, fieldText(field, model)]).filter(([, text]) => text !== nothing);
    const title: [string, string][] = model.title === null ? [] : [["Title", model.title]];
    const notes = [
      ...(model.estimated ? ["Scored on resampled texts only: its divergences are estimates."] : model.added ? ["Joined the map after it was drawn."] : []),
      ...model.warnings,
    ];
    const warnings = notes.length === 0 ? [] : [element("h4", {}, "Warnings"), element("ul", { className: "notes" }, ...notes.map((note) => element("li", {}, note)))];
    return [definitionList([...title, ...facts]), ...warnings];
  }

  #nearest(focused: number): Child[] {
    const { report, store } = this.page;
    const nearest = report.divergences.nearest(focused, neighboursShown);
    if (nearest.length === 0) return [];
    const rows = nearest.map(({ model, kl, interval }): Child[] => {
      const compare = button("Compare", `Compare with ${report.models[model]?.name ?? ""}`, () => {
        store.set({ pair: [focused, model] });
        goTo("pair");
      });
      compare.className = "link";
      return [modelButton(this.page, model), formatKl(kl), interval === null ? nothing : `${formatKl(interval.low)} – ${formatKl(interval.high)}`, compare];
    });
    const confidence = report.bootstrap === null ? "interval" : `${formatInteger(100 * report.bootstrap.confidence)} % interval, ${formatInteger(report.bootstrap.resamples)} resamples`;
    const columns = [{ title: "Nearest" }, { title: "KL", numeric: true }, { title: confidence, numeric: true }, { title: "" }];
    return [element("h4", {}, "Nearest models (KL, bits/byte)"), dataTable("Nearest models", columns, rows)];
  }

  #scale(focused: number): Child[] {
    const { report } = this.page;
    const nearest = report.divergences.nearest(focused, neighboursOnScale);
    const [first] = nearest;
    if (first === undefined) return [];
    const rows = [
      ...nearest.map(({ model, kl, interval }) => ({ name: report.models[model]?.name ?? "", kl, interval, kind: "run" as const })),
      ...publishedBands.map(({ relation, median }) => ({ name: relation, kl: median, interval: null, kind: "published" as const })),
    ];
    return [
      element("h4", {}, "On the KL scale"),
      element("p", {}, `Its nearest model lies ${placeAmongBands(first.kl)}.`),
      klStrip("Nearest models and published medians by KL divergence", rows),
      element("p", { className: "muted small" }, `● nearest models of this run, with their intervals; ◇ published medians (arXiv 2505.15353). ${bandsWarning}`),
    ];
  }

  #sources(focused: number): Child[] {
    const { names, texts, bytes, bitsPerByte, leftOut } = this.page.report.sources;
    const values = names.map((_, source) => bitsPerByte[focused * names.length + source] ?? NaN);
    if (names.length === 0 || values.every(Number.isNaN)) return [];
    const most = Math.max(...values.filter((value) => !Number.isNaN(value)));
    const rows = names.map((name, source): Child[] => {
      const value = values[source] ?? NaN;
      const mean = (-value * (bytes[source] ?? NaN) * Math.LN2) / (texts[source] ?? NaN);
      return [name, formatFixed(mean, 1), formatFixed(value, 4), bar(value / most)];
    });
    const columns = [{ title: "Source", wrap: true }, { title: "Mean log-likelihood (nats)", numeric: true }, { title: "Bits/byte", numeric: true }, { title: "" }];
    return [
      element("h4", {}, "By source"),
      dataTable("Mean log-likelihood and bits/byte by source", columns, rows),
      ...(leftOut > 0 ? [element("p", { className: "muted small" }, `${formatInteger(leftOut)} smaller sources are in sources.arrow.`)] : []),
    ];
  }

  async #surprises(focused: number): Promise<Child[]> {
    const { report } = this.page;
    this.#centred ??= report.sample().then((sample) => ({ sample, centred: new CentredTexts(report, sample) }));
    let read: { sample: Sample; centred: CentredTexts };
    try {
      read = await this.#centred;
    } catch (error) {
      this.#centred = null;
      return [element("p", {}, `${unreadableTexts} (${error instanceof Error ? error.message : String(error)})`)];
    }
    const { sample, centred } = read;
    const { below, above } = centred.farthest(focused, surprisingTextsShown);
    const list = (title: string, texts: readonly SurprisingText[]): Child[] =>
      texts.length === 0
        ? []
        : [
            element("h5", {}, title),
            element(
              "ul",
              { className: "texts" },
              ...texts.map(({ text, centred: value, logLikelihood }) =>
                element(
                  "li",
                  {},
                  element("span", {}, `${textName(sample, text)}: ${value > 0 ? "+" : "−"}${formatFixed(Math.abs(value), 1)} nats `),
                  element("span", { className: "muted" }, `(log-likelihood ${formatFixed(logLikelihood, 1)})`),
                  textExcerpt(sample, text, tokenColouring(report, sample, text, [focused])),
                ),
              ),
            ),
          ];
    const from = report.textCount === report.texts.count ? "" : `, of the ${formatInteger(report.textCount)} texts in this page`;
    if (below.length + above.length === 0) return [];
    return [
      element("h4", {}, `Most surprising texts${from}`),
      element("p", { className: "muted small" }, "Double-centred log-likelihood: against this model's own mean and what the other models give the same text."),
      ...list("Less likely than expected", below),
      ...list("Likelier than expected", above),
    ];
  }
}
