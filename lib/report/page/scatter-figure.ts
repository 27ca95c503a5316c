/** A scatter chart on the page; what its points stand for is also in a table or list beside it, for the keyboard. */
import { LineChart, ScatterChart } from "echarts/charts";
import { GridSimpleComponent } from "echarts/components";
import { init, use, type ECharts } from "echarts/core";
import { LabelLayout } from "echarts/features";
import { CanvasRenderer } from "echarts/renderers";
import { scatterOption, type ScatterPicture } from "../chart/scatter-option.js";
import { element } from "./dom.js";
import type { Theme } from "./theme.js";

use([LineChart, ScatterChart, GridSimpleComponent, LabelLayout, CanvasRenderer]);

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
  #picture: (() => ScatterPicture) | null = null;
  /** It is, or soon will be, on the screen: thousands of points are not drawn before. */
  #near = false;
  #drawn = false;

  /** @param label what the chart shows, in words */
  constructor(
    private readonly theme: Theme,
    label: string,
    private readonly actions: ScatterActions,
  ) {
    this.node.setAttribute("role", "img");
    this.label(label);
    theme.onChange(() => this.#change());
    new ResizeObserver(() => {
      this.#chart?.resize();
      this.#change();
    }).observe(this.node);
    new IntersectionObserver(
      ([entry]) => {
        this.#near = entry?.isIntersecting === true;
        if (!this.#drawn) this.#change();
      },
      { rootMargin: "200px" },
    ).observe(this.node);
    addEventListener("beforeprint", () => this.#draw());
  }

  label(text: string): void {
    this.node.setAttribute("aria-label", text);
  }

  /** @param picture is asked for when it is to be drawn */
  show(picture: () => ScatterPicture): void {
    this.#picture = picture;
    this.#change();
  }

  #change(): void {
    this.#drawn = false;
    if (this.#near) this.#draw();
  }

  #draw(): void {
    if (this.#drawn || this.#picture === null || this.node.clientWidth === 0) return;
    const picture = this.#picture();
    this.node.dataset["points"] = String(picture.groups.reduce((sum, group) => sum + group.points.length, 0));
    this.#chart ??= this.#start();
    this.#chart.setOption(scatterOption(picture, this.theme.colours), { notMerge: true });
    this.#drawn = true;
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
