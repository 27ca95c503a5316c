/** The heat map of all pairs, with pointer and keyboard. */
import { colourScale } from "../chart/colour-scale.js";
import { formatKl, formatSignificant } from "../format.js";
import type { Report } from "../page-data.js";
import { element } from "./dom.js";
import { heatMapLayout, matrixImage, paintHeatMap, type HeatMapLayout } from "./heat-map-paint.js";
import type { HoverCard } from "./hover-card.js";
import { scaleLegend } from "./legend.js";
import { currentTheme, onThemeChange } from "./theme.js";

const font = "12px system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";

interface Cell {
  row: number;
  column: number;
}

export class HeatMapSection {
  readonly #canvas = element("canvas", { className: "heat-map", tabIndex: 0 });
  readonly #frame = element("div", { className: "heat-map-frame" }, this.#canvas);
  readonly #context = this.#canvas.getContext("2d");
  readonly #scale;
  readonly #image: HTMLCanvasElement;
  readonly #names: string[];
  #layout: HeatMapLayout = { names: 0, cell: 0, count: 0 };
  #cursor: Cell | null = null;

  constructor(
    section: HTMLElement,
    private readonly report: Report,
    private readonly order: readonly number[],
    private readonly card: HoverCard,
  ) {
    this.#scale = colourScale(report.kl.values);
    this.#image = matrixImage(report.kl, order, this.#scale);
    this.#names = order.map((model) => report.models[model]?.name ?? "");
    this.#canvas.setAttribute("role", "img");
    this.#canvas.setAttribute(
      "aria-label",
      `KL divergences of ${report.models.length} models, each against each. Arrow keys go from pair to pair and say the divergence.`,
    );
    if (this.#scale.high > this.#scale.low) section.append(scaleLegend("KL divergence, bits/byte", this.#scale, formatSignificant));
    section.append(
      this.#frame,
      element(
        "p",
        { className: "muted" },
        "Dark is near, light is far. Models stand in the order of their average-linkage tree, so relatives are neighbours. ",
        "This page holds the divergences as 32-bit floats (7 digits); kl.arrow has them as 64-bit floats.",
      ),
    );
    section.hidden = false;
    this.#listen();
  }

  #listen(): void {
    // Also called once at the beginning: that is the first drawing.
    new ResizeObserver(() => this.#resize()).observe(this.#frame);
    onThemeChange(() => this.#draw());
    this.#canvas.addEventListener("pointermove", (event) => this.#moveTo(this.#cellAt(event)));
    this.#canvas.addEventListener("pointerdown", (event) => this.#moveTo(this.#cellAt(event)));
    this.#canvas.addEventListener("pointerleave", (event) => {
      // A finger leaves as soon as it is lifted; what it touched stays.
      if (event.pointerType !== "touch") this.#moveTo(null);
    });
    this.#canvas.addEventListener("blur", () => this.#moveTo(null));
    this.#canvas.addEventListener("keydown", (event) => {
      const step: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
      const [rows, columns] = step[event.key] ?? [0, 0];
      if (rows === 0 && columns === 0) return;
      event.preventDefault();
      const last = this.order.length - 1;
      const from = this.#cursor ?? { row: 0, column: 0 };
      const within = (value: number): number => Math.min(Math.max(value, 0), last);
      this.#moveTo({ row: within(from.row + rows), column: within(from.column + columns) });
    });
  }

  #cellAt(event: PointerEvent): Cell | null {
    const { names, cell, count } = this.#layout;
    const row = Math.floor((event.offsetY - names) / cell);
    const column = Math.floor((event.offsetX - names) / cell);
    return row >= 0 && column >= 0 && row < count && column < count ? { row, column } : null;
  }

  #moveTo(cell: Cell | null): void {
    this.#cursor = cell;
    this.#draw();
    if (cell === null) {
      this.card.hide();
      return;
    }
    const { names, cell: size } = this.#layout;
    const { left, top } = this.#canvas.getBoundingClientRect();
    const a = this.order[cell.row] ?? 0;
    const b = this.order[cell.column] ?? 0;
    const nameOf = (model: number): HTMLElement => element("strong", { className: "name" }, this.report.models[model]?.name ?? "");
    const x = left + names + (cell.column + 0.5) * size;
    const y = top + names + (cell.row + 0.5) * size;
    if (a === b) this.card.show(x, y, nameOf(a), element("p", {}, "The model itself: KL 0"));
    else this.card.show(x, y, nameOf(a), nameOf(b), element("p", {}, `KL ${formatKl(this.report.kl.at(a, b))} bits/byte`));
  }

  #resize(): void {
    if (this.#context === null) return;
    this.#context.font = font;
    const context = this.#context;
    const longest = this.#names.reduce((width, name) => Math.max(width, context.measureText(name).width), 0);
    this.#layout = heatMapLayout(Math.min(this.#frame.clientWidth, 1000), this.order.length, longest);
    const side = this.#layout.names + this.#layout.cell * this.order.length;
    this.#canvas.style.width = this.#canvas.style.height = `${side}px`;
    this.#canvas.width = this.#canvas.height = Math.round(side * devicePixelRatio);
    this.#draw();
  }

  #draw(): void {
    if (this.#context === null) return;
    this.#context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    this.#context.font = font;
    paintHeatMap(this.#context, {
      layout: this.#layout,
      image: this.#image,
      kl: this.report.kl,
      order: this.order,
      names: this.#names,
      scale: this.#scale,
      theme: currentTheme(),
      cursor: this.#cursor,
    });
  }
}
