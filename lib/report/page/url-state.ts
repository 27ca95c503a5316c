/**
 * The state in the part of the URL behind "#", so that a link leads back to it: model=NAME, pair=NAME (twice), reference=NAME, select=NAME (each) or rows=3-17.20 for many,
 * search, only, colour, shape, size, map, layers, view=X_Y_EXTENT (with _TURN_TILT where the map is turned), theme. What is as it was at first is left out. A "#" with a name alone is a section's.
 */
import { mapMethods } from "../../map/map-method.js";
import { numbersOf, rangesOf } from "../ranges.js";
import type { Report } from "../report.js";
import { layers, themeChoices, type MapView, type PageState, type StateKey, type Store } from "./state.js";

/** More selected models are given by their rows. */
const mostNames = 12;
/** Longer lists of rows would make links that do not travel. */
const mostRowCharacters = 4000;

/** Milliseconds until what is typed comes into the URL: browsers refuse to change it too often. */
const pause = 250;

const urlKeys: StateKey[] = ["selected", "focused", "pair", "reference", "search", "onlySelected", "colour", "shape", "size", "method", "layers", "view", "theme"];

/** Takes the state over from the URL, now and when the reader goes back, and writes changes into it. */
export function connectUrl(store: Store, report: Report): void {
  const initial = store.state;
  const names = report.models.map(({ name }) => name);
  const read = (): void => {
    const hash = location.hash.slice(1);
    if (hash === "" || hash.includes("=")) store.set({ ...initial, ...stateOf(new URLSearchParams(hash), names, report) }, "url");
  };
  let pending = 0;
  read();
  addEventListener("popstate", read);
  store.follow(urlKeys, (state, change) => {
    clearTimeout(pending);
    if (change === "url") return;
    const url = `#${parametersOf(state, initial, names).toString()}`;
    if (change === "step") history.pushState(null, "", url);
    else pending = setTimeout(() => history.replaceState(null, "", url), pause);
  });
}

function parametersOf(state: PageState, initial: PageState, names: readonly string[]): URLSearchParams {
  const parameters = new URLSearchParams();
  const nameOf = (model: number): string => names[model] ?? "";
  if (state.focused !== null) parameters.set("model", nameOf(state.focused));
  for (const model of state.pair ?? []) parameters.append("pair", nameOf(model));
  if (state.reference !== null) parameters.set("reference", nameOf(state.reference));
  const selected = [...state.selected].sort((a, b) => a - b);
  if (selected.length <= mostNames) for (const model of selected) parameters.append("select", nameOf(model));
  else {
    const rows = rangesOf(selected);
    if (rows.length <= mostRowCharacters) parameters.set("rows", rows);
  }
  if (state.search !== "") parameters.set("search", state.search);
  if (state.onlySelected) parameters.set("only", "selected");
  for (const key of ["colour", "shape", "size"] as const) if (state[key] !== initial[key]) parameters.set(key, state[key] ?? "");
  if (state.method !== initial.method) parameters.set("map", state.method ?? "");
  if (layers.some((layer) => state.layers.has(layer) !== initial.layers.has(layer))) parameters.set("layers", [...state.layers].join("."));
  if (state.view !== null) parameters.set("view", state.view.map((value) => String(Number(value.toPrecision(viewDigits)))).join("_"));
  if (state.theme !== initial.theme) parameters.set("theme", state.theme);
  return parameters;
}

/** What the parameters say; what means nothing in this report is passed over. */
function stateOf(parameters: URLSearchParams, names: readonly string[], { maps }: Report): Partial<PageState> {
  const state: Partial<PageState> = {};
  const positions = new Map(names.map((name, i) => [name, i]));
  const models = (key: string): number[] => parameters.getAll(key).flatMap((name) => positions.get(name) ?? []);
  state.focused = models("model")[0] ?? null;
  const [one, other] = models("pair");
  state.pair = one !== undefined && other !== undefined && one !== other ? [one, other] : null;
  state.reference = models("reference")[0] ?? null;
  state.selected = new Set([...models("select"), ...numbersOf(parameters.get("rows") ?? "", names.length)]);
  state.search = parameters.get("search") ?? "";
  state.onlySelected = parameters.get("only") === "selected" && state.selected.size > 0;
  for (const key of ["colour", "shape", "size"] as const) {
    const id = parameters.get(key);
    if (id !== null) state[key] = id || null;
  }
  const method = mapMethods.find((name) => name === parameters.get("map"));
  if (method !== undefined && maps.some((map) => map.method === method)) state.method = method;
  const shown = parameters.get("layers");
  if (shown !== null) state.layers = new Set(layers.filter((layer) => shown.split(".").includes(layer)));
  state.view = viewOf(parameters.get("view") ?? "");
  const theme = themeChoices.find((choice) => choice === parameters.get("theme"));
  if (theme !== undefined) state.theme = theme;
  return state;
}

/** Enough for a pixel of a map that is zoomed a thousand times. */
const viewDigits = 7;

function viewOf(text: string): MapView | null {
  const numbers = text.split("_").map((part) => (part === "" ? NaN : Number(part)));
  const [x = NaN, y = NaN, extent = NaN, turn, tilt] = numbers;
  if (!numbers.every(Number.isFinite) || !(extent > 0)) return null;
  if (numbers.length === 3) return [x, y, extent];
  return numbers.length === 5 && turn !== undefined && tilt !== undefined ? [x, y, extent, turn, tilt] : null;
}
