/** The map with its controls and legends. */
import { CustomChart, ScatterChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { init, use, type ECharts } from "echarts/core";
import { LabelLayout } from "echarts/features";
import { CanvasRenderer } from "echarts/renderers";
import { encodeColour, encodeShape, encodingChoices, type EncodingChoices } from "../chart/encoding.js";
import { mapOption, mapPoints, plotSize, type Margins } from "../chart/map-option.js";
import { fitViewport, zoomAt, type Size, type Viewport } from "../chart/viewport.js";
import type { CategoryField, Field } from "../fields.js";
import { mapStatement } from "../map-statement.js";
import type { Report } from "../page-data.js";
import { button, element, selectControl } from "./dom.js";
import type { HoverCard } from "./hover-card.js";
import { categoryLegend, scaleLegend } from "./legend.js";
import { addMapGestures, zoomStep } from "./map-gestures.js";
import { modelCard } from "./model-card.js";
import { currentTheme, onThemeChange } from "./theme.js";

use([ScatterChart, CustomChart, GridComponent, LabelLayout, CanvasRenderer]);

const margins: Margins = { left: 52, right: 14, top: 10, bottom: 46 };

export class MapSection {
  readonly #surface = element("div", { className: "map-surface", tabIndex: 0 });
  readonly #legends = element("div", { className: "legends" });
  readonly #chart: ECharts;
  readonly #choices: EncodingChoices;
  #colourField: Field | null;
  #shapeField: CategoryField | null;
  #viewport: Viewport = { x: 0, y: 0, unitsPerPixel: 1 };
  /** Whether the viewport is the one that holds all models, so that a new size fits it anew. */
  #fitted = true;

  /** @param unit of the axes */
  constructor(
    section: HTMLElement,
    private readonly report: Report,
    private readonly fields: readonly Field[],
    private readonly unit: string,
    private readonly card: HoverCard,
  ) {
    this.#choices = encodingChoices(fields, report.models);
    this.#colourField = this.#choices.firstColour;
    this.#shapeField = this.#choices.firstShape;
    this.#surface.setAttribute("role", "group");
    this.#surface.setAttribute(
      "aria-label",
      `Map of ${report.models.length} models. Arrow keys move it, plus and minus zoom, 0 shows all. ` +
        "The table of models below holds the same facts.",
    );
    section.append(
      this.#controls(),
      element("div", { className: "map-layout" }, this.#surface, this.#legends),
      element("p", { className: "muted" }, mapStatement(report).join(" ")),
    );
    section.hidden = false;
    this.#chart = init(this.#surface);
    this.#listen();
  }

  #controls(): HTMLElement {
    const { colour, shape } = this.#choices;
    const shapeTitles = ["none", ...shape.map((field) => field.title)];
    const controls = element("div", { className: "controls" });
    if (colour.length > 0) {
      controls.append(
        selectControl(
          "Colour",
          colour.map((field) => field.title),
          this.#colourField === null ? -1 : colour.indexOf(this.#colourField),
          (position) => {
            this.#colourField = colour[position] ?? null;
            this.#draw();
          },
        ),
      );
    }
    if (shape.length > 0) {
      controls.append(
        selectControl("Shape", shapeTitles, this.#shapeField === null ? 0 : shape.indexOf(this.#shapeField) + 1, (position) => {
          this.#shapeField = shape[position - 1] ?? null;
          this.#draw();
        }),
      );
    }
    const zoom = (factor: number) => () => {
      const plot = this.#plot();
      this.#show(zoomAt(this.#viewport, plot, [plot.width / 2, plot.height / 2], factor));
    };
    controls.append(
      element(
        "span",
        { className: "buttons" },
        button("+", "Zoom in", zoom(zoomStep)),
        button("−", "Zoom out", zoom(1 / zoomStep)),
        button("All", "Show all models", () => this.#reset()),
      ),
    );
    return controls;
  }

  #listen(): void {
    addMapGestures(this.#surface, {
      viewport: () => this.#viewport,
      plot: () => ({ ...this.#plot(), left: margins.left, top: margins.top }),
      change: (next) => this.#show(next),
      reset: () => this.#reset(),
    });
    const showCard = ({ dataIndex, event }: { dataIndex: number; event?: { offsetX: number; offsetY: number } | undefined }): void => {
      if (event === undefined) return;
      const { left, top } = this.#surface.getBoundingClientRect();
      this.card.show(left + event.offsetX, top + event.offsetY, ...modelCard(this.report, this.fields, dataIndex));
    };
    this.#chart.on("mouseover", showCard);
    this.#chart.on("click", showCard);
    this.#chart.on("mouseout", () => this.card.hide());
    // Also called once at the beginning: that is the first drawing.
    new ResizeObserver(() => {
      this.#chart.resize();
      if (this.#fitted) this.#fit();
      this.#draw();
    }).observe(this.#surface);
    onThemeChange(() => this.#draw());
  }

  #size(): Size {
    return { width: this.#surface.clientWidth, height: this.#surface.clientHeight };
  }

  #plot(): Size {
    return plotSize(this.#size(), margins);
  }

  #fit(): void {
    this.#viewport = fitViewport(mapPoints(this.report.models), this.#plot());
    this.#fitted = true;
  }

  #reset(): void {
    this.#fit();
    this.#draw();
  }

  #show(viewport: Viewport): void {
    this.card.hide();
    this.#viewport = viewport;
    this.#fitted = false;
    this.#draw();
  }

  #draw(): void {
    const theme = currentTheme();
    const { models } = this.report;
    const colour = encodeColour(models, this.#colourField, theme);
    const shape = encodeShape(models, this.#shapeField);
    const view = { viewport: this.#viewport, size: this.#size(), margins, theme };
    this.#chart.setOption(mapOption(models, this.unit, colour, shape, view));

    const field = this.#colourField;
    const oneField = field !== null && field === this.#shapeField;
    const colourEntries = colour.legend.map((entry, i) => ({
      ...entry,
      symbol: oneField ? (shape.legend[i]?.channel ?? "circle") : "circle",
      colour: entry.channel,
    }));
    const shapeEntries = shape.legend.map((entry) => ({ ...entry, symbol: entry.channel, colour: theme.muted }));
    this.#legends.replaceChildren(
      ...(colour.scale !== null && field?.kind === "number" ? [scaleLegend(field.title, colour.scale, field.format)] : []),
      ...(colourEntries.length > 0 ? [categoryLegend(field?.title ?? "", colourEntries)] : []),
      ...(shapeEntries.length > 0 && !oneField ? [categoryLegend(this.#shapeField?.title ?? "", shapeEntries)] : []),
    );
  }
}
