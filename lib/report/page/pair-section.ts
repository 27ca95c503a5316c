/** Two models: how far apart, how sure, on which texts and sources. */
import type { Resamples } from "../../matrix/bootstrap.js";
import { bandsWarning, placeAmongBands, relationOf } from "../../matrix/kl-scale.js";
import { closeLimit, type Verdict } from "../../matrix/verdict.js";
import { otherShape, shapes, type Shape } from "../chart/shapes.js";
import { formatFixed, formatInteger, formatKl, formatPercent } from "../format.js";
import { comparePairOnPage, pairResamples, type PairOnPage } from "../pair-on-page.js";
import type { Sample } from "../report.js";
import { distinguishingTextsShown } from "../token-choice.js";
import { noiseFloorStatement } from "../statements.js";
import { bar, dataTable } from "./data-table.js";
import { button, definitionList, element, type Child } from "./dom.js";
import { markPicture } from "./legend.js";
import { modelButton, modelChooser } from "./model-choice.js";
import type { PageContext } from "./page-context.js";
import { ScatterFigure } from "./scatter-figure.js";
import { tokenColouring } from "./token-colouring.js";
import { excerptOf, textExcerpt, textName, unreadableTexts } from "./text-excerpt.js";

const verdicts: Record<Verdict, string> = {
  indistinguishable: "indistinguishable: the interval reaches down to the noise floor, so the difference may be that of computing one model twice",
  close: `close: up to ${closeLimit} bits/byte, as late neighbouring checkpoints of one training are`,
  apart: `apart: above ${closeLimit} bits/byte`,
};

type Pair = readonly [number, number];

export class PairSection {
  readonly #result = element("div");
  readonly #figure: ScatterFigure;
  readonly #legend = element("ul", { className: "marks" });
  readonly #charts: HTMLElement;
  readonly #details = element("div");
  readonly #status = element("p", { className: "unseen" });
  #resamples: Resamples | null = null;
  #sample: Sample | null = null;

  constructor(
    section: HTMLElement,
    private readonly page: PageContext,
  ) {
    const { report, store, theme, card } = page;
    const chosen: [number | null, number | null] = [null, null];
    const choose = (): void => {
      const [a, b] = chosen;
      if (a !== null && b !== null && a !== b) store.set({ pair: [a, b] });
    };
    const choosers = ([0, 1] as const).map((side) =>
      modelChooser(side === 0 ? "First" : "Second", report.models, (model) => {
        chosen[side] = model;
        choose();
      }),
    );
    const swap = button("Swap", "Swap the two models", () => {
      const { pair } = store.state;
      if (pair !== null) store.set({ pair: [pair[1], pair[0]] });
    });
    this.#figure = new ScatterFigure(theme, "", {
      point: (text, x, y) => {
        if (text === null || this.#sample === null) card.hide();
        else card.show(x, y, ...this.#textCard(text));
      },
      click: () => undefined,
    });
    this.#charts = element("div", { className: "pair-charts", hidden: true }, this.#figure.node, this.#legend);
    this.#status.setAttribute("role", "status");
    section.append(
      element("div", { className: "controls" }, ...choosers.map(({ node }) => node), element("span", { className: "buttons" }, swap)),
      this.#status,
      this.#result,
      this.#charts,
      this.#details,
    );
    section.hidden = false;
    const show = (): void => {
      const { pair } = store.state;
      [chosen[0], chosen[1]] = pair ?? [chosen[0], chosen[1]];
      choosers.forEach(({ show: showChoice }, side) => showChoice(pair?.[side] ?? chosen[side] ?? null));
      void this.#show(pair);
    };
    store.follow(["pair"], show);
    theme.onChange(() => {
      const { pair } = store.state;
      if (pair !== null && this.#sample !== null) this.#draw(pair, this.#sample);
    });
    show();
  }

  async #show(pair: Pair | null): Promise<void> {
    const { report, store } = this.page;
    if (pair === null) {
      this.#charts.hidden = true;
      this.#details.replaceChildren();
      this.#result.replaceChildren(
        element("p", { className: "muted" }, "Choose two models here, click a cell of the heat map, or Compare beside a nearest model."),
      );
      return;
    }
    try {
      this.#sample = await report.sample();
    } catch (error) {
      this.#result.replaceChildren(element("p", {}, `${unreadableTexts} (${error instanceof Error ? error.message : String(error)})`));
      return;
    }
    if (store.state.pair !== pair) return; // another pair was chosen meanwhile
    const sample = this.#sample;
    this.#resamples ??= pairResamples(sample);
    const found = comparePairOnPage(report, sample, this.#resamples, pair);
    this.#result.replaceChildren(...this.#numbers(pair, found));
    this.#charts.hidden = found === null;
    this.#details.replaceChildren(...(found === null ? [] : this.#parts(pair, sample, found)));
    if (found !== null) this.#draw(pair, sample);
    this.#status.textContent = `${this.#nameOf(pair[0])} and ${this.#nameOf(pair[1])}${found === null ? "" : `: ${found.verdict}`}`;
  }

  #nameOf(model: number): string {
    return this.page.report.models[model]?.name ?? "";
  }

  #numbers([a, b]: Pair, found: PairOnPage | null): Child[] {
    const { report } = this.page;
    const known = report.divergences.between(a, b);
    const heading = element("h3", { className: "pair-names" }, modelButton(this.page, a), " and ", modelButton(this.page, b));
    const [one, other] = [report.models[a], report.models[b]];
    const relation: [string, string][] = one === undefined || other === undefined ? [] : [["Relation", relationOf(one, other)]];
    const kl = known?.kl ?? found?.comparison.kl ?? NaN;
    const scale: [string, string][] = Number.isNaN(kl) ? [] : [["On the KL scale", `${placeAmongBands(kl)}. ${bandsWarning}`]];
    if (found === null) {
      const interval = known?.interval ?? null;
      return [
        heading,
        definitionList([
          ["KL divergence", known === null ? "not in this page; it is in kl.arrow" : `${formatKl(kl)} bits/byte${interval === null ? "" : `, interval ${formatKl(interval.low)} to ${formatKl(interval.high)}`}`],
          ...relation,
          ...scale,
        ]),
        element("p", { className: "muted" }, "One of the two was scored on resampled texts only, so they cannot be compared text by text."),
      ];
    }
    const { comparison, interval, verdict, allTexts } = found;
    const { meanDifference } = comparison;
    const likelier = meanDifference === 0 ? "equally likely" : `likelier under ${this.#nameOf(meanDifference > 0 ? a : b)} by ${formatFixed(Math.abs(meanDifference), 2)} nats`;
    const count = formatInteger(report.textCount);
    const basis = allTexts ? "as `llmap-native compare`: from all texts, 1,000 resamples of them" : `from a sample of ${count} texts, so the interval is wider than that of all ${formatInteger(report.texts.count)}, which \`llmap-native compare\` gives, and the verdict more careful`;
    const partly = allTexts ? "" : `; from ${count} texts`;
    return [
      heading,
      element("p", { className: "verdict" }, element("strong", {}, verdict), verdicts[verdict].slice(verdict.length)),
      definitionList([
        ["KL divergence", `${formatKl(kl)} bits/byte${known === null ? ` (from ${count} texts: this page has no pair of these)` : ""}`],
        ["95 % interval", `${formatKl(interval.low)} to ${formatKl(interval.high)} bits/byte (${basis})`],
        ["Robust", `${formatKl(comparison.robustKl)} bits/byte (5 % winsorised at either end${partly})`],
        ["Noise floor", noiseFloorStatement(report.noiseFloor)],
        ...relation,
        ["Texts", `on average ${likelier}${allTexts ? "" : ` (of ${count} texts)`}`],
        ...scale,
      ]),
    ];
  }

  /** Contributions by source and by text. */
  #parts([a, b]: Pair, sample: Sample, { comparison, allTexts }: PairOnPage): Child[] {
    const { report } = this.page;
    const [one, other] = [sample.logLikelihoods(a), sample.logLikelihoods(b)];
    const most = comparison.sources[0]?.share ?? 1;
    const sources = comparison.sources.map(({ source, texts, kl, share, meanDifference }): Child[] => [
      source, formatInteger(texts), formatKl(kl), formatPercent(share), bar(share / (most || 1)), formatFixed(meanDifference, 2),
    ]);
    const texts = comparison.contributions.slice(0, distinguishingTextsShown).map(({ column, centredDifference, kl, share }): Child[] => [
      element("span", {}, textName(sample, column), textExcerpt(sample, column, tokenColouring(report, sample, column, [a, b]))),
      formatFixed(one[column] ?? NaN, 1),
      formatFixed(other[column] ?? NaN, 1),
      formatFixed(centredDifference, 1),
      formatKl(kl),
      formatPercent(share),
    ]);
    const [nameA, nameB] = [this.#nameOf(a), this.#nameOf(b)];
    const of = allTexts ? "" : " (of the texts in this page)";
    return [
      element("h3", {}, `By source${of}`),
      dataTable(
        "Contributions to the KL divergence by source",
        [{ title: "Source", wrap: true }, { title: "Texts", numeric: true }, { title: "Bits/byte", numeric: true }, { title: "Share", numeric: true }, { title: "" }, { title: "Mean difference (nats)", numeric: true }],
        sources,
      ),
      element("h3", {}, `Texts that tell them apart most${of}`),
      dataTable(
        "Texts that tell the two models apart",
        [{ title: "Text", wrap: true }, { title: nameA, numeric: true }, { title: nameB, numeric: true }, { title: "Centred difference", numeric: true }, { title: "Bits/byte", numeric: true }, { title: "Share", numeric: true }],
        texts,
      ),
      element("p", { className: "muted small" }, "Log-likelihoods in nats, not clipped. The centred difference is that of the clipped ones less its mean; its square is the text's part of the KL divergence."),
    ];
  }

  #draw([a, b]: Pair, sample: Sample): void {
    const { theme, report } = this.page;
    const { categories, other } = theme.colours;
    const [one, second] = [sample.logLikelihoods(a), sample.logLikelihoods(b)];
    const counts = new Map<string, number[]>();
    sample.sources.forEach((source, text) => {
      const texts = counts.get(source);
      if (texts === undefined) counts.set(source, [text]);
      else texts.push(text);
    });
    const own = Math.min(categories.length, shapes.length);
    const sorted = Array.from(counts).sort(([, ofA], [, ofB]) => ofB.length - ofA.length);
    const rest = sorted.slice(own);
    const shown: { title: string; texts: number[]; colour: string; shape: Shape }[] = sorted
      .slice(0, own)
      .map(([title, texts], i) => ({ title, texts, colour: categories[i] ?? other, shape: shapes[i] ?? otherShape }));
    if (rest.length > 0) shown.push({ title: `${rest.length} others`, texts: rest.flatMap(([, texts]) => texts), colour: other, shape: otherShape });
    this.#legend.replaceChildren(
      ...shown.map(({ title, texts, colour, shape }) =>
        element("li", {}, markPicture(shape, colour), element("span", { className: "name", title }, title), element("span", { className: "muted" }, formatInteger(texts.length))),
      ),
    );
    const ends = [...one, ...second].reduce<[number, number]>(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
    const axis = (model: number) => ({ name: `log-likelihood under ${this.#nameOf(model).slice(0, 40)}, nats`, logarithmic: false, format: formatInteger });
    this.#figure.label(`Log-likelihoods of ${report.textCount} texts under ${this.#nameOf(a)} (across) and ${this.#nameOf(b)} (up), with the diagonal where both agree.`);
    this.#figure.show(() => ({
      x: axis(a),
      y: axis(b),
      square: true,
      lines: [{ corners: [[ends[0], ends[0]], [ends[1], ends[1]]], dashed: true, stepped: false }],
      groups: shown.map(({ texts, colour, shape }) => ({
        colour,
        shape,
        points: texts.map((text) => ({ id: text, x: one[text] ?? NaN, y: second[text] ?? NaN, strong: false, label: null })),
      })),
    }));
  }

  #textCard(text: number): Child[] {
    const { pair } = this.page.store.state;
    const sample = this.#sample;
    if (pair === null || sample === null) return [];
    return [
      element("strong", { className: "name" }, textName(sample, text)),
      definitionList(pair.map((model): [string, string] => [this.#nameOf(model), `${formatFixed(sample.logLikelihoods(model)[text] ?? NaN, 1)} nats`])),
      element("p", {}, excerptOf(sample, text, 280)),
    ];
  }
}
