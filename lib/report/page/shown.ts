/** Which models are shown: what the search finds, and of that only the selected ones where the reader wants no others. */
import type { Field } from "../fields.js";
import type { Report } from "../report.js";
import { searchFor } from "../search.js";
import type { Store } from "./state.js";

export class Shown {
  readonly #listeners: (() => void)[] = [];
  /** 1 for each model that the search finds. */
  #found: Uint8Array;
  /** 1 for each model that is shown. */
  #mask: Uint8Array;

  constructor(
    private readonly report: Report,
    private readonly fields: readonly Field[],
    private readonly store: Store,
  ) {
    this.#found = this.#search();
    this.#mask = this.#choose();
    store.follow(["search"], () => {
      this.#found = this.#search();
      this.#update();
    });
    store.follow(["onlySelected"], () => this.#update());
    store.follow(["selected"], ({ onlySelected }) => {
      if (onlySelected) this.#update();
    });
  }

  get mask(): Uint8Array {
    return this.#mask;
  }

  /** 1 for each model that the search finds, selected or not. */
  get found(): Uint8Array {
    return this.#found;
  }

  /** Positions of the models that are shown, in the order of the report. */
  get models(): number[] {
    return Array.from(this.#mask.keys()).filter((model) => this.#mask[model] === 1);
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #search(): Uint8Array {
    const { search } = this.store.state;
    const finds = searchFor(search, this.fields);
    return Uint8Array.from(this.report.models, (model) => Number(search === "" || finds(model)));
  }

  #choose(): Uint8Array {
    const { onlySelected, selected } = this.store.state;
    return this.#found.map((found, model) => Number(found === 1 && (!onlySelected || selected.has(model))));
  }

  #update(): void {
    const before = this.#mask;
    this.#mask = this.#choose();
    if (this.#mask.some((value, model) => value !== before[model])) for (const listener of this.#listeners) listener();
  }
}
