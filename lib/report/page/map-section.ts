/** The map with its controls and legends. */
import { CustomChart, ScatterChart } from "echarts/charts";
import { GridSimpleComponent, LegendPlainComponent, TitleComponent } from "echarts/components";
import { init, use, type ECharts } from "echarts/core";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";
import type { EncodingChoices } from "../chart/encoding.js";
import { isInside } from "../chart/lasso.js";
import { trajectoryPaths } from "../chart/map-marks.js";
import { axisUnit, emphasis, mapOption, plotSize, pointsOnScreen, type MapPicture, type Margins } from "../chart/map-option.js";
import type { PointGrid } from "../chart/point-grid.js";
import { fromTheFront, seenFrom, type Rotation } from "../chart/rotation.js";
import { fitViewport, zoomAt, type Size, type Viewport } from "../chart/viewport.js";
import { klOfUnit, mapStatement, methodTitles } from "../map-statement.js";
import type { ReportMap } from "../report-data.js";
import { element, oncePerFrame } from "./dom.js";
import { mapControls } from "./map-controls.js";
import { saveMap } from "./map-downloads.js";
import { MapEncoding } from "./map-encoding.js";
import { addMapGestures, type DragMode, type Pixel } from "./map-gestures.js";
import { addModelKeys } from "./map-keys.js";
import { MapOverlay } from "./map-overlay.js";
import { modelCards } from "./model-card.js";
import type { PageContext } from "./page-context.js";

use([CustomChart, ScatterChart, GridSimpleComponent, TitleComponent, LegendPlainComponent, CanvasRenderer, SVGRenderer]);

const margins: Margins = { left: 52, right: 14, top: 10, bottom: 46 };
/** How near to a model the pointer must be, pixels. */
const reach = 14;
/** How many of the nearest models each is joined to, of few and of many. */
const edgesOfEach = { few: 3, many: 1 };
const manyModels = 2000;

export class MapSection {
  readonly #surface = element("div", { className: "map-surface", tabIndex: 0 });
  readonly #overlay = new MapOverlay(margins.left, margins.top);
  readonly #statement = element("p", { className: "muted statement" });
  /** Begun with the first drawing, when the size is known anyway. */
  #chart: ECharts | null = null;
  readonly #names: string[];
  readonly #paths: number[][];
  readonly #cards;
  readonly #encoding: MapEncoding;
  readonly #redraw = oncePerFrame(() => this.#draw());
  #map: ReportMap;
  #mode: DragMode = "move";
  #rotation: Rotation = fromTheFront;
  /** Tells the controls. */
  #showRotation: (rotation: Rotation) => void = () => undefined;
  #viewport: Viewport = { x: 0, y: 0, unitsPerPixel: 1 };
  /** Whether the viewport is the one that holds all models, so that a new size fits it anew. */
  #fitted = true;
  #edges: [number, number][] = [];
  #grid!: PointGrid;

  constructor(
    section: HTMLElement,
    private readonly page: PageContext,
    choices: EncodingChoices,
  ) {
    const { report } = page;
    this.#map = this.#chosenMap();
    this.#names = report.models.map(({ name }) => name);
    this.#paths = trajectoryPaths(report.models);
    this.#cards = modelCards(page);
    this.#encoding = new MapEncoding(page, choices);
    this.#surface.setAttribute("role", "application");
    this.#surface.setAttribute("aria-roledescription", "map");
    this.#surface.setAttribute(
      "aria-label",
      `Map of ${report.models.length} models. Arrow keys move it, plus and minus zoom, 0 shows all. N and P go from model to model, Enter opens one, ` +
        "Space selects it, Escape takes the selection back. The table of models below holds the same facts.",
    );
    const frame = element("div", { className: "map-frame" }, this.#surface);
    frame.append(this.#overlay.node);
    const controls = mapControls(page, choices, report.maps.some(({ ellipses }) => ellipses !== null), {
      zoom: (factor) => {
        const plot = this.#plot();
        this.#show(zoomAt(this.#viewport, plot, [plot.width / 2, plot.height / 2], factor));
      },
      reset: () => this.#reset(),
      setMode: (mode) => {
        this.#mode = mode;
        this.#surface.dataset["mode"] = mode;
      },
      setRotation: (rotation) => this.#turnTo(rotation),
      onRotation: (show) => (this.#showRotation = show),
      save: (kind) => saveMap(kind, page, { picture: this.#picture(), map: this.#map, turned: this.#isTurned, legends: this.#encoding.legends, viewport: this.#viewport, plot: this.#plot() }),
    });
    section.append(controls, element("div", { className: "map-layout" }, frame, this.#encoding.node), this.#statement);
    section.hidden = false;
    this.#takeMap();
    this.#listen();
    this.#follow();
  }

  #chosenMap(): ReportMap {
    const { report, store } = this.page;
    const map = report.maps.find(({ method }) => method === store.state.method) ?? report.maps[0];
    if (map === undefined) throw new Error("The report has no map.");
    return map;
  }

  #follow(): void {
    const { store, shown, theme } = this.page;
    store.follow(["method", "view"], (_, change) => {
      const map = this.#chosenMap();
      const isOther = map !== this.#map;
      this.#map = map;
      if (change === "url") {
        this.#restore();
        this.#redraw();
      }
      else if (isOther) {
        this.#takeMap();
        this.#reset();
      }
    });
    store.follow(["colour", "shape", "size"], () => {
      this.#encoding.update();
      this.#redraw();
    });
    store.follow(["selected", "focused", "pair", "layers", "search"], () => this.#redraw());
    store.follow(["hovered"], () => this.#ring());
    shown.onChange(() => this.#redraw());
    theme.onChange(() => {
      this.#encoding.update();
      this.#redraw();
    });
  }

  #listen(): void {
    const { store, card, report } = this.page;
    addMapGestures(this.#surface, {
      viewport: () => this.#viewport,
      plot: () => ({ ...this.#plot(), left: margins.left, top: margins.top }),
      change: (next) => this.#show(next),
      reset: () => this.#reset(),
      mode: () => this.#mode,
      outline: (corners) => this.#overlay.outline(corners),
      choose: (corners, add) => this.#choose(corners, add),
      click: (place, add) => {
        const model = this.#modelAt(place);
        if (model === null) return;
        if (add) store.toggleSelected(model);
        else store.set({ focused: model });
      },
      point: (place, touch) => {
        const model = place === null ? null : this.#modelAt(place);
        // A finger that scrolls is not pointing.
        if (touch && model === null) return;
        this.#hover(model);
      },
      turn: (dx, dy) => this.#turnTo({ turn: this.#rotation.turn + dx / 150, tilt: this.#rotation.tilt - dy / 150 }),
    });
    addModelKeys(this.#surface, this.page, (model) => this.#hover(model));
    this.#surface.addEventListener("blur", () => {
      card.hide();
      store.set({ hovered: null }, "flow");
    });
    // Also called once at the beginning: that is the first drawing.
    new ResizeObserver(() => {
      if (this.#chart === null) this.#restore();
      else if (this.#fitted) this.#fit();
      this.#chart?.resize(this.#size());
      this.#draw();
    }).observe(this.#surface);
    this.#surface.dataset["models"] = String(report.models.length);
  }

  #modelAt([x, y]: Pixel): number | null {
    const { mask } = this.page.shown;
    return this.#grid.nearest(x, y, reach, (model) => mask[model] === 1);
  }

  /** Shows the card of a model beside it. */
  #hover(model: number | null): void {
    const { store, card } = this.page;
    const before = store.state.hovered;
    store.set({ hovered: model }, "flow");
    if (model === null) {
      card.hide();
      return;
    }
    if (model === before && card.isShown) return;
    const { left, top } = this.#surface.getBoundingClientRect();
    const [x, y] = this.#pixelOf(model);
    card.show(left + margins.left + x, top + margins.top + y, ...this.#cards(model));
  }

  #pixelOf(model: number): Pixel {
    return [this.#grid.x[model] ?? NaN, this.#grid.y[model] ?? NaN];
  }

  #ring(): void {
    const { hovered } = this.page.store.state;
    const visible = hovered !== null && this.page.shown.mask[hovered] === 1;
    this.#overlay.ring(visible ? this.#pixelOf(hovered) : null, hovered === null ? 0 : (this.#encoding.size.radii[hovered] ?? 0));
  }

  #choose(corners: readonly Pixel[], add: boolean): void {
    const { store, shown } = this.page;
    const inside = shown.models.filter((model) => isInside(corners, ...this.#pixelOf(model)));
    store.set({ selected: new Set(add ? [...store.state.selected, ...inside] : inside) });
  }

  #size(): Size {
    return { width: this.#surface.clientWidth, height: this.#surface.clientHeight };
  }

  #plot(): Size {
    return plotSize(this.#size(), margins);
  }

  #fit(): void {
    this.#viewport = fitViewport(seenFrom(this.#map, this.#rotation), this.#plot());
    this.#fitted = true;
  }

  get #isTurned(): boolean {
    return this.#rotation.turn !== 0 || this.#rotation.tilt !== 0;
  }

  #reset(): void {
    this.#fit();
    this.#tellView();
    this.#redraw();
  }

  /** What the state says is seen: from a link, or a step back. */
  #restore(): void {
    const { view } = this.page.store.state;
    const [x, y, extent, turn = 0, tilt = 0] = view ?? [0, 0, 0];
    this.#rotation = this.#map.z === null ? fromTheFront : { turn, tilt };
    this.#showRotation(this.#rotation);
    this.#takeMap();
    const { width, height } = this.#plot();
    if (view === null || width <= 0 || height <= 0) this.#fit();
    else {
      this.#viewport = { x, y, unitsPerPixel: extent / Math.min(width, height) };
      this.#fitted = false;
    }
  }

  /** Keeps the state up with what is seen: a moment of many, so a link has it and going back does not go through all of them. */
  #tellView(): void {
    const { width, height } = this.#plot();
    const { x, y, unitsPerPixel } = this.#viewport;
    const { turn, tilt } = this.#rotation;
    const extent = unitsPerPixel * Math.min(width, height);
    const view = this.#isTurned ? ([x, y, extent, turn, tilt] as const) : this.#fitted ? null : ([x, y, extent] as const);
    this.page.store.set({ view }, "flow");
  }

  #show(viewport: Viewport): void {
    this.page.card.hide();
    this.#viewport = viewport;
    this.#fitted = false;
    this.#tellView();
    this.#redraw();
  }

  #turnTo(rotation: Rotation): void {
    this.#rotation = this.#map.z === null ? fromTheFront : rotation;
    this.#showRotation(this.#rotation);
    this.#takeMap();
    if (this.#fitted) this.#fit();
    this.#tellView();
    this.#redraw();
  }

  /** What depends on the map alone. */
  #takeMap(): void {
    const { report } = this.page;
    this.#statement.textContent = mapStatement(this.#map, report.texts, this.#isTurned).join(" ");
    this.#surface.dataset["method"] = methodTitles[this.#map.method];
  }

  #picture(): MapPicture {
    const { report, store, shown } = this.page;
    const { layers } = store.state;
    return {
      names: this.#names,
      places: seenFrom(this.#map, this.#rotation),
      unit: axisUnit(this.#map),
      klOfUnit: klOfUnit(this.#map, report.texts),
      colours: this.#encoding.colour.colours,
      shapes: this.#encoding.shape.shapes,
      radii: this.#encoding.size.radii,
      emphasis: this.#emphasis(),
      shown: store.state.onlySelected ? shown.mask : null,
      ellipses: layers.has("ellipses") && !this.#isTurned ? this.#map.ellipses : null,
      paths: layers.has("trajectories") ? this.#paths : [],
      edges: layers.has("neighbours") ? this.#edgesToNearest() : [],
      labels: layers.has("names"),
    };
  }

  /** What the search does not find is faint, what is selected, open or compared is outlined; with a selection all else is faint. */
  #emphasis(): Uint8Array {
    const { store, shown } = this.page;
    const { selected, focused, pair, onlySelected } = store.state;
    const levels = Uint8Array.from(shown.found, (found) => (found === 1 && (selected.size === 0 || onlySelected) ? emphasis.plain : emphasis.faint));
    if (!onlySelected) for (const model of selected) levels[model] = emphasis.strong;
    for (const model of [focused, ...(pair ?? [])]) if (model !== null) levels[model] = emphasis.strong;
    return levels;
  }

  /** Of the selected models where there are some, else of all. */
  #edgesToNearest(): [number, number][] {
    const { report, store } = this.page;
    if (this.#edges.length === 0) {
      const count = report.models.length > manyModels ? edgesOfEach.many : edgesOfEach.few;
      this.#edges = report.models.flatMap((_, model) =>
        report.divergences.nearest(model, count).map(({ model: other }): [number, number] => [model, other]),
      );
    }
    const { selected } = store.state;
    return selected.size === 0 ? this.#edges : this.#edges.filter(([model]) => selected.has(model));
  }

  #draw(): void {
    const size = this.#size();
    this.#chart ??= init(this.#surface, null, size);
    const view = { viewport: this.#viewport, size, margins, theme: this.page.theme.colours };
    const picture = this.#picture();
    this.#grid = pointsOnScreen(picture.places, view);
    this.#chart.setOption(mapOption(picture, view, this.#grid));
    // Now, and not one frame later.
    this.#chart.getZr().flush();
    this.#ring();
  }
}
