/** The controls above the map: what it shows, how, and what is done by dragging. */
import type { EncodingChoices } from "../chart/encoding.js";
import type { Rotation } from "../chart/rotation.js";
import type { Field } from "../fields.js";
import { methodTitles } from "../map-statement.js";
import { button, element, selectControl, toggleControl } from "./dom.js";
import { dragModes, zoomStep, type DragMode } from "./map-gestures.js";
import type { PageContext } from "./page-context.js";
import type { Layer } from "./state.js";

export interface MapActions {
  zoom: (factor: number) => void;
  reset: () => void;
  setMode: (mode: DragMode) => void;
  setRotation: (rotation: Rotation) => void;
  /** `show` is called when the map was turned by other means. */
  onRotation: (show: (rotation: Rotation) => void) => void;
  save: (kind: "svg" | "png" | "csv") => void;
}

const modeTitles: Record<DragMode, [string, string]> = {
  move: ["Move", "Move: dragging moves the map"],
  lasso: ["Lasso", "Lasso: dragging draws around models to select them"],
  box: ["Box", "Box: dragging draws a box around models to select them"],
};

export function mapControls({ report, store }: PageContext, choices: EncodingChoices, hasEllipses: boolean, actions: MapActions): HTMLElement {
  const { maps, models } = report;
  const selects: HTMLElement[] = [];
  if (maps.length > 1) {
    const methods = maps.map(({ method }) => method);
    const control = selectControl("Map", methods.map((method) => methodTitles[method]), (position) => store.set({ method: methods[position] ?? null }));
    store.follow(["method"], ({ method }) => control.choose(method === null ? -1 : methods.indexOf(method)));
    control.choose(methods.findIndex((method) => method === store.state.method));
    selects.push(control.node);
  }
  const encoding = (title: string, key: "colour" | "shape" | "size", fields: readonly Field[]): void => {
    if (fields.length === 0) return;
    const ids = [null, ...fields.map(({ id }) => id)];
    const control = selectControl(title, ["none", ...fields.map((field) => field.title)], (position) => store.set({ [key]: ids[position] ?? null }));
    const show = (): void => control.choose(Math.max(0, ids.indexOf(store.state[key])));
    store.follow([key], show);
    show();
    selects.push(control.node);
  };
  encoding("Colour", "colour", choices.colour);
  encoding("Shape", "shape", choices.shape);
  encoding("Size", "size", choices.size);

  const layer = (title: string, name: Layer): HTMLElement => {
    const toggle = toggleControl(title, (on) => {
      const next = new Set(store.state.layers);
      if (on) next.add(name);
      else next.delete(name);
      store.set({ layers: next });
    });
    const show = (): void => toggle.check(store.state.layers.has(name));
    store.follow(["layers"], show);
    show();
    return toggle.node;
  };
  const toggles = [
    layer("Names", "names"),
    ...(hasEllipses ? [layer("Ellipses", "ellipses")] : []),
    ...(models.some(({ trajectory }) => trajectory !== null) ? [layer("Paths", "trajectories")] : []),
    ...(report.divergences.listed > 0 ? [layer("Lines to nearest", "neighbours")] : []),
  ];
  return element(
    "div",
    { className: "controls" },
    ...selects,
    element("span", { className: "toggles" }, ...toggles),
    tools(actions),
    ...(maps.some(({ z }) => z !== null) ? [turning(actions)] : []),
  );
}

function tools(actions: MapActions): HTMLElement {
  const group = (...buttons: HTMLElement[]): HTMLElement => element("span", { className: "buttons" }, ...buttons);
  return element(
    "span",
    { className: "tools" },
    group(...modeButtons(actions)),
    group(
      button("+", "Zoom in", () => actions.zoom(zoomStep)),
      button("−", "Zoom out", () => actions.zoom(1 / zoomStep)),
      button("All", "Show all models", () => actions.reset()),
    ),
    group(
      button("SVG", "Save the map as SVG", () => actions.save("svg")),
      button("PNG", "Save the map as PNG", () => actions.save("png")),
      button("CSV", "Save what is shown as CSV", () => actions.save("csv")),
    ),
  );
}

function modeButtons({ setMode }: MapActions): HTMLElement[] {
  const buttons = dragModes.map((mode): HTMLButtonElement => {
    const [text, title] = modeTitles[mode];
    const node = button(text, title, () => {
      setMode(mode);
      buttons.forEach((other, i) => (other.ariaPressed = String(dragModes[i] === mode)));
    });
    node.ariaPressed = String(mode === "move");
    return node;
  });
  return buttons;
}

/** Two sliders for the direction that a map of three dimensions is seen from; Alt and dragging does the same. */
function turning({ setRotation, onRotation }: MapActions): HTMLElement {
  const slider = (title: string): { node: HTMLElement; input: HTMLInputElement } => {
    const input = element("input", { type: "range" });
    Object.assign(input, { min: "-180", max: "180", step: "1", value: "0" });
    return { node: element("label", { className: "control" }, `${title} `, input), input };
  };
  const [turn, tilt] = [slider("Turn"), slider("Tilt")];
  const radians = (input: HTMLInputElement): number => (Number(input.value) * Math.PI) / 180;
  const tell = (): void => setRotation({ turn: radians(turn.input), tilt: radians(tilt.input) });
  for (const { input } of [turn, tilt]) input.addEventListener("input", tell);
  // Angles beyond half a turn are those that look the same.
  const degrees = (angle: number): string => String(Math.round((Math.atan2(Math.sin(angle), Math.cos(angle)) * 180) / Math.PI));
  onRotation((rotation) => {
    turn.input.value = degrees(rotation.turn);
    tilt.input.value = degrees(rotation.tilt);
  });
  return element("span", { className: "turning" }, turn.node, tilt.node);
}
