/** The card beside the pointer (or the keyboard cursor) that says what is there. The map and the heat map share one. */
import { element, type Child } from "./dom.js";

const gap = 14;

export class HoverCard {
  readonly #node = element("div", { className: "card", id: "card", hidden: true });

  constructor() {
    this.#node.setAttribute("role", "status");
    document.body.append(this.#node);
    addEventListener("scroll", () => this.hide(), { passive: true });
    addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.hide();
    });
  }

  /** @param x and `y`: place in the window, pixels */
  show(x: number, y: number, ...content: Child[]): void {
    this.#node.replaceChildren(...content);
    this.#node.hidden = false;
    const { offsetWidth, offsetHeight } = this.#node;
    const left = x + gap + offsetWidth > document.documentElement.clientWidth ? x - gap - offsetWidth : x + gap;
    const top = Math.min(y + gap, innerHeight - offsetHeight - 4);
    this.#node.style.left = `${Math.max(4, left)}px`;
    this.#node.style.top = `${Math.max(4, top)}px`;
  }

  get isShown(): boolean {
    return !this.#node.hidden;
  }

  hide(): void {
    this.#node.hidden = true;
  }
}
