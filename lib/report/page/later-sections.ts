/** Sections below the first window: made after it is drawn, one in each pause, so that none holds up the first picture. */
import { byId } from "./dom.js";

/** Milliseconds that a section waits for a pause of the browser, which may be busy with the texts behind the script. */
const longestWait = 100;

export class LaterSections {
  readonly #waiting: (() => void)[] = [];

  constructor() {
    addEventListener("beforeprint", () => this.#fillAll());
  }

  /** The section is there at once, with its heading, and can be linked to; `fill` comes later. */
  add(id: string, fill: (section: HTMLElement) => unknown): void {
    const section = byId(id);
    section.hidden = false;
    this.#waiting.push(() => void fill(section));
  }

  /** Resolves when all are filled. `data-drawn` says that what the window shows at first is there. */
  async fill(): Promise<void> {
    await afterDrawing();
    document.documentElement.dataset["drawn"] = "";
    while (this.#waiting.length > 0) {
      await new Promise<void>((resolve) => requestIdleCallback(() => resolve(), { timeout: longestWait }));
      this.#waiting.shift()?.();
    }
  }

  #fillAll(): void {
    if (this.#waiting.length === 0) return;
    for (const fill of this.#waiting.splice(0)) fill();
    // For what was made just now: an event does not reach listeners that are added while it goes round.
    dispatchEvent(new Event("beforeprint"));
  }
}

/** A page in a tab behind others draws nothing, but is made all the same. */
function afterDrawing(): Promise<void> {
  return new Promise((resolve) => {
    if (document.visibilityState === "hidden") resolve();
    else requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, longestWait * 10);
  });
}
