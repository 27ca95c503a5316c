/** The heat map of all pairs with the tree beside it, for pointer and keyboard. */
import { colourScale, type ColourScale } from "../chart/colour-scale.js";
import { dendrogram, modelsBelow, type Branch } from "../chart/dendrogram.js";
import { fontFamily } from "../chart/map-option.js";
import { formatInteger, formatKl, formatSignificant } from "../format.js";
import { mostServedModels } from "../served-divergences.js";
import { element, oncePerFrame } from "./dom.js";
import { heatMapLayout, matrixImage, paintHeatMap, treePlace, type HeatMapLayout } from "./heat-map-paint.js";
import { heatMapSource, type HeatMapSource, type ServedPairs } from "./heat-map-source.js";
import { scaleLegend } from "./legend.js";
import type { PageContext } from "./page-context.js";

interface Cell {
  row: number;
  column: number;
}

/** How near to a line of the tree a click must be, pixels. */
const reach = 5;
const widest = 1130;

export class HeatMapSection {
  readonly #canvas = element("canvas", { className: "heat-map", tabIndex: 0 });
  readonly #frame = element("div", { className: "heat-map-frame" }, this.#canvas);
  readonly #note = element("p", { className: "muted" });
  readonly #context = this.#canvas.getContext("2d");
  readonly #scale: ColourScale;
  readonly #redraw = oncePerFrame(() => this.#drawIfSeen());
  #source!: HeatMapSource;
  /** Asked for last; an answer to an earlier question is too late. */
  #wanted: readonly number[] = [];
  #image!: HTMLCanvasElement;
  #tree: Branch[] = [];
  #names: string[] = [];
  #layout: HeatMapLayout = { names: 0, cell: 0, count: 0, tree: 0 };
  #cursor: Cell | null = null;
  /** On the screen or nearly; what changes elsewhere is drawn when it comes there. */
  #isSeen = false;
  #isStale = true;

  constructor(
    section: HTMLElement,
    private readonly page: PageContext,
  ) {
    const { report } = page;
    const { pairs } = report.divergences;
    this.#scale = colourScale(pairs?.values ?? report.overview?.kl.filter((value) => value > 0) ?? []);
    this.#canvas.setAttribute("role", "application");
    this.#canvas.setAttribute("aria-roledescription", "heat map");
    this.#canvas.setAttribute(
      "aria-label",
      `KL divergences of ${report.models.length} models, each against each. Arrow keys go from pair to pair and say the divergence, Enter compares the two.`,
    );
    if (this.#scale.high > this.#scale.low) section.append(scaleLegend("KL divergence, bits/byte", this.#scale, formatSignificant));
    section.append(this.#frame, this.#note, element("p", { className: "muted" }, this.#explanation()));
    section.hidden = false;
    this.#take();
    this.#listen();
    // A link may have narrowed it before it is there.
    if (report.overview !== null && page.shown.models.length < report.models.length) void this.#narrow();
  }

  #explanation(): string {
    const { report } = this.page;
    const linkage = report.tree?.linkage ?? "average";
    const order = `Dark is near, light is far. Models stand in the order of their tree (${linkage} linkage of sqrt(KL)), so relatives are neighbours; a click on the tree selects a branch.`;
    if (report.overview !== null) {
      return `${order} Each cell is the geometric mean over two blocks of about ${formatInteger(report.models.length / report.overview.blocks)} models. ${this.#narrowing()} kl.arrow has every pair.`;
    }
    const precision = report.klError < 1e-6 ? "as 32-bit floats (7 digits)" : `within ${formatSignificant(report.klError * 100)} %`;
    return `${order} This page holds the divergences ${precision}; kl.arrow has them as 64-bit floats.`;
  }

  #narrowing(): string {
    const most = formatInteger(mostServedModels);
    return this.page.report.divergencesOf === null
      ? `It has all models whatever the search finds: this file holds no single pairs of so many. Served by \`llmap-native open\`, it narrows to what is shown, up to ${most} models.`
      : `It narrows to what the search finds, or to the selected models with Only selected, up to ${most}.`;
  }

  /** Narrows an overview to what is shown, with divergences from the server. */
  async #narrow(): Promise<void> {
    const { report, shown } = this.page;
    const { models } = shown;
    this.#wanted = models;
    const isPart = models.length > 1 && models.length <= mostServedModels;
    if (!isPart || report.divergencesOf === null) {
      if (!this.#source.isOverview) this.#take();
      this.#resize();
      return;
    }
    this.#note.textContent = `Reading the divergences of ${formatInteger(models.length)} models …`;
    const pairs = await report.divergencesOf(models);
    if (this.#wanted !== models) return;
    this.#take(pairs && { models, pairs });
    if (pairs === null) this.#note.textContent = "The server has no divergences of these models, or it has ended: all models are shown.";
    this.#resize();
  }

  /** What depends on which models are shown. */
  #take(served: ServedPairs | null = null): void {
    const { report, shown } = this.page;
    this.#source = heatMapSource(report, shown.mask, served);
    const { count, models, rowOf } = this.#source;
    this.#image = matrixImage(this.#source, this.#scale);
    this.#names = Array.from({ length: count }, (_, row) => {
      const [model = -1, ...others] = models(row);
      return others.length > 0 ? "" : (report.models[model]?.name ?? "");
    });
    this.#tree = report.tree === null ? [] : dendrogram(report.tree, report.models.length, rowOf);
    this.#cursor = null;
    this.#note.textContent = count === 1 ? "One model has no pair." : count === 0 ? "No model is shown." : "";
    this.#frame.hidden = count < 2;
  }

  #listen(): void {
    const { store, shown, theme, card, report } = this.page;
    new ResizeObserver(() => this.#resize()).observe(this.#frame);
    const seen = new IntersectionObserver(
      (entries) => {
        this.#isSeen = entries.at(-1)?.isIntersecting ?? false;
        if (this.#isStale) this.#drawIfSeen();
      },
      { rootMargin: "200px" },
    );
    seen.observe(this.#frame);
    addEventListener("beforeprint", () => this.#draw());
    theme.onChange(this.#redraw);
    store.follow(["selected", "pair", "hovered"], this.#redraw);
    shown.onChange(() => {
      if (report.overview !== null) {
        void this.#narrow();
        return;
      }
      this.#take();
      this.#resize();
    });
    const move = (event: PointerEvent): void => this.#moveTo(this.#cellAt(event));
    this.#canvas.addEventListener("pointermove", move);
    this.#canvas.addEventListener("pointerdown", move);
    this.#canvas.addEventListener("pointerleave", (event) => {
      // A finger leaves as soon as it is lifted; what it touched stays.
      if (event.pointerType !== "touch") this.#moveTo(null);
    });
    this.#canvas.addEventListener("click", (event) => {
      const cell = this.#cellAt(event);
      if (cell !== null) this.#open(cell);
      else this.#selectBranch(event.offsetX, event.offsetY);
    });
    this.#canvas.addEventListener("blur", () => this.#moveTo(null));
    this.#canvas.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && this.#cursor !== null) {
        this.#open(this.#cursor);
        return;
      }
      if (event.key === "Escape") card.hide();
      const step: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
      const [rows, columns] = step[event.key] ?? [0, 0];
      if (rows === 0 && columns === 0) return;
      event.preventDefault();
      const from = this.#cursor ?? { row: 0, column: 0 };
      const within = (value: number): number => Math.min(Math.max(value, 0), this.#source.count - 1);
      this.#moveTo({ row: within(from.row + rows), column: within(from.column + columns) });
    });
  }

  #cellAt(event: MouseEvent): Cell | null {
    const { names, cell, count } = this.#layout;
    const row = Math.floor((event.offsetY - names) / cell);
    const column = Math.floor((event.offsetX - names) / cell);
    return row >= 0 && column >= 0 && row < count && column < count ? { row, column } : null;
  }

  /** Compares the two models of a cell; on the diagonal opens the one; in an overview selects the blocks. */
  #open({ row, column }: Cell): void {
    const { store } = this.page;
    const [a, b] = [this.#source.models(row), this.#source.models(column)];
    const [first, second] = [a[0], b[0]];
    if (this.#source.isOverview && a.length + b.length > 2) store.set({ selected: new Set([...a, ...b]) });
    else if (row === column) store.set({ focused: first ?? null });
    else if (first !== undefined && second !== undefined) store.set({ pair: [first, second] });
  }

  #selectBranch(x: number, y: number): void {
    const { report, store, shown } = this.page;
    const { names, cell } = this.#layout;
    const hit = this.#tree.find(({ height, ends: [a, b] }) => {
      const [top, bottom] = [Math.min(a, b), Math.max(a, b)].map((end) => names + (end + 0.5) * cell) as [number, number];
      return Math.abs(treePlace(this.#layout, height) - x) <= reach && y >= top - reach && y <= bottom + reach;
    });
    if (hit === undefined || report.tree === null) return;
    const below = modelsBelow(report.tree, report.models.length, hit.merge);
    store.set({ selected: new Set(below.filter((model) => shown.mask[model] === 1)) });
  }

  #moveTo(cell: Cell | null): void {
    const { store, card, report } = this.page;
    this.#cursor = cell;
    this.#redraw();
    if (cell === null) {
      store.set({ hovered: null }, "flow");
      card.hide();
      return;
    }
    const { names, cell: size } = this.#layout;
    const { left, top } = this.#canvas.getBoundingClientRect();
    const [a, b] = [this.#source.models(cell.row), this.#source.models(cell.column)];
    if (!this.#source.isOverview) store.set({ hovered: a[0] ?? null }, "flow");
    const nameOf = ([first = -1, ...others]: number[]): HTMLElement =>
      element("strong", { className: "name" }, (report.models[first]?.name ?? "") + (others.length > 0 ? ` and ${others.length} more` : ""));
    const kl = this.#source.kl(cell.row, cell.column);
    const [x, y] = [left + names + (cell.column + 0.5) * size, top + names + (cell.row + 0.5) * size];
    if (cell.row === cell.column && !this.#source.isOverview) card.show(x, y, nameOf(a), element("p", {}, "The model itself: KL 0"));
    else {
      const mean = this.#source.isOverview ? " (geometric mean)" : "";
      card.show(x, y, nameOf(a), ...(cell.row === cell.column ? [] : [nameOf(b)]), element("p", {}, `KL ${formatKl(kl)} bits/byte${mean}`));
    }
  }

  #resize(): void {
    if (this.#context === null) return;
    this.#context.font = `12px ${fontFamily}`;
    const context = this.#context;
    const longest = this.#names.length > 100 ? 0 : this.#names.reduce((width, name) => Math.max(width, context.measureText(name).width), 0);
    this.#layout = heatMapLayout(Math.min(this.#frame.clientWidth, widest), this.#source.count, longest);
    const { names, cell, count, tree } = this.#layout;
    const [width, height] = [names + cell * count + tree, names + cell * count];
    this.#canvas.style.width = `${width}px`;
    this.#canvas.style.height = `${height}px`;
    this.#canvas.width = Math.round(width * devicePixelRatio);
    this.#canvas.height = Math.round(height * devicePixelRatio);
    this.#drawIfSeen();
  }

  #drawIfSeen(): void {
    if (this.#isSeen) this.#draw();
    else this.#isStale = true;
  }

  #draw(): void {
    if (this.#context === null || this.#source.count < 2) return;
    this.#isStale = false;
    const { store, theme } = this.page;
    const { selected, pair, hovered } = store.state;
    const { rowOf } = this.#source;
    const [row = null, column = null] = (pair ?? []).map((model) => rowOf(model));
    const hoveredRow = hovered === null ? null : rowOf(hovered);
    this.#context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    paintHeatMap(this.#context, {
      layout: this.#layout,
      image: this.#image,
      source: this.#source,
      names: this.#names,
      scale: this.#scale,
      theme: theme.colours,
      tree: this.#tree,
      marked: [...selected].flatMap((model) => rowOf(model) ?? []),
      pair: row !== null && column !== null ? { row, column } : null,
      cursor: this.#cursor ?? (hoveredRow === null ? null : { row: hoveredRow, column: null }),
    });
  }
}
