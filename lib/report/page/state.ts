/**
 * What the reader has chosen: one state that every section reads and changes. Sections follow the keys that concern them and know nothing of
 * each other.
 */
import type { MapMethod } from "../../map/map-method.js";

export const layers = ["names", "ellipses", "trajectories", "neighbours"] as const;
/** What the map draws beside the points. */
export type Layer = (typeof layers)[number];
export const themeChoices = ["auto", "light", "dark"] as const;
export type ThemeChoice = (typeof themeChoices)[number];

/** Middle of the part that is seen and its extent along the shorter side, in map units; of a map that is turned also turn and tilt, radians. */
export type MapView = readonly [x: number, y: number, extent: number] | readonly [x: number, y: number, extent: number, turn: number, tilt: number];

/** Models are positions in the report. */
export interface PageState {
  selected: ReadonlySet<number>;
  /** The one that is told about in full. */
  focused: number | null;
  /** The two that are compared. */
  pair: readonly [number, number] | null;
  /** That sizes and distances are measured against; null: the run's own, or the largest unquantized one. */
  reference: number | null;
  /** Under the pointer or the keyboard cursor, in any section. */
  hovered: number | null;
  search: string;
  /** Only selected models are shown. */
  onlySelected: boolean;
  /** Ids of fields; null: none. */
  colour: string | null;
  shape: string | null;
  size: string | null;
  /** Of the map; null where there is none. */
  method: MapMethod | null;
  layers: ReadonlySet<Layer>;
  /** The part of the map that is seen; null: all of it, from the front. */
  view: MapView | null;
  theme: ThemeChoice;
}

export type StateKey = keyof PageState;
/** Whether the change is one to come back to (a step in the browser's history), or a moment of many; "url": it came from there. */
export type Change = "step" | "flow" | "url";
type Listener = (state: Readonly<PageState>, change: Change) => void;

export class Store {
  #state: PageState;
  readonly #listeners: { keys: ReadonlySet<StateKey>; listener: Listener }[] = [];

  constructor(initial: PageState) {
    this.#state = initial;
  }

  get state(): Readonly<PageState> {
    return this.#state;
  }

  /** Changes some keys and tells those who follow them; values that are equal to the old ones are no change. */
  set(values: Partial<PageState>, change: Change = "step"): void {
    const before = this.#state;
    const changed = new Set((Object.keys(values) as StateKey[]).filter((key) => !isEqual(before[key], values[key])));
    if (changed.size === 0) return;
    // Equal values stay the same objects, so that whoever waits can tell whether what it waits for is still wanted.
    this.#state = { ...before, ...Object.fromEntries(Object.entries(values).filter(([key]) => changed.has(key as StateKey))) };
    for (const { keys, listener } of this.#listeners) {
      if ([...keys].some((key) => changed.has(key))) listener(this.#state, change);
    }
  }

  /** Calls `listener` after each change of one of the keys. */
  follow(keys: readonly StateKey[], listener: Listener): void {
    this.#listeners.push({ keys: new Set(keys), listener });
  }

  /** Adds a model to the selection or takes it out. */
  toggleSelected(model: number): void {
    const selected = new Set(this.#state.selected);
    if (!selected.delete(model)) selected.add(model);
    this.set({ selected });
  }

  /** Chooses a model for the comparison: the first, then the second; a third takes the place of the second. */
  pick(model: number): void {
    const { focused, pair } = this.#state;
    const first = pair?.[0] ?? focused;
    if (first === null || first === model) this.set({ focused: model });
    else this.set({ pair: [first, model] });
  }
}

function isEqual(one: unknown, other: unknown): boolean {
  if (one instanceof Set && other instanceof Set) return one.size === other.size && [...one].every((value) => other.has(value));
  if (Array.isArray(one) && Array.isArray(other)) return one.length === other.length && one.every((value, i) => value === other[i]);
  return one === other;
}
