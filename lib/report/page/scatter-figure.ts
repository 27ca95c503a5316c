/** A scatter chart on the page; what its points stand for is also in a table or list beside it, for the keyboard. */
import { LineChart, ScatterChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { init, use, type ECharts } from "echarts/core";
import { LabelLayout } from "echarts/features";
import { CanvasRenderer } from "echarts/renderers";
import { scatterOption, type ScatterPicture } from "../chart/scatter-option.js";
import { element } from "./dom.js";
import type { Theme } from "./theme.js";

use([LineChart, ScatterChart, GridComponent, LabelLayout, CanvasRenderer]);

interface PointerTarget {
  seriesType?: string | undefined;
  data?: unknown;
  event?: { event: unknown } | undefined;
}

export interface ScatterActions {
  /** A point is under the pointer, at a place in the window; null: none. */
  point: (id: number | null, x: number, y: number) => void;
  click: (id: number) => void;
}

export class ScatterFigure {
  readonly node = element("div", { className: "scatter" });
  #chart: ECharts | null = null;
  #picture: ScatterPicture | null = null;

  /** @param label what the chart shows, in words */
  constructor(
    private readonly theme: Theme,
    label: string,
    private readonly actions: ScatterActions,
  ) {
    this.node.setAttribute("role", "img");
    this.label(label);
    theme.onChange(() => this.#draw());
    // Also called once at the beginning, and when the section appears.
    new ResizeObserver(() => {
      this.#chart?.resize();
      this.#draw();
    }).observe(this.node);
  }

  label(text: string): void {
    this.node.setAttribute("aria-label", text);
  }

  show(picture: ScatterPicture): void {
    this.#picture = picture;
    this.#draw();
  }

  #draw(): void {
    if (this.#picture === null || this.node.clientWidth === 0) return;
    const points = this.#picture.groups.reduce((sum, group) => sum + group.points.length, 0);
    this.node.dataset["points"] = String(points);
    this.#chart ??= this.#start();
    this.#chart.setOption(scatterOption(this.#picture, this.theme.colours), { notMerge: true });
  }

  #start(): ECharts {
    const chart = init(this.node);
    const idOf = (target: PointerTarget): number | null => {
      const { data } = target;
      return target.seriesType === "scatter" && typeof data === "object" && data !== null && "id" in data ? Number(data.id) : null;
    };
    chart.on("mouseover", (target: PointerTarget) => {
      const event = target.event?.event;
      if (event instanceof MouseEvent || event instanceof PointerEvent) this.actions.point(idOf(target), event.clientX, event.clientY);
    });
    chart.on("mouseout", () => this.actions.point(null, 0, 0));
    chart.on("click", (target: PointerTarget) => {
      const id = idOf(target);
      if (id !== null) this.actions.click(id);
    });
    return chart;
  }
}
