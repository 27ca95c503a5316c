/** Light or dark, as the reader's system says or the reader chose here; paper is always light. */
import { darkTheme, lightTheme, type ChartTheme } from "../chart/theme.js";
import type { Store } from "./state.js";

const dark = matchMedia("(prefers-color-scheme: dark)");
const paper = matchMedia("print");

export class Theme {
  readonly #listeners: (() => void)[] = [];

  constructor(private readonly store: Store) {
    const told = (): void => {
      document.documentElement.dataset["theme"] = store.state.theme;
      for (const listener of this.#listeners) listener();
    };
    document.documentElement.dataset["theme"] = store.state.theme;
    store.follow(["theme"], told);
    dark.addEventListener("change", told);
    paper.addEventListener("change", told);
  }

  /** The colours of charts. */
  get colours(): ChartTheme {
    const { theme } = this.store.state;
    if (paper.matches) return lightTheme;
    return theme === "dark" || (theme === "auto" && dark.matches) ? darkTheme : lightTheme;
  }

  onChange(redraw: () => void): void {
    this.#listeners.push(redraw);
  }
}
