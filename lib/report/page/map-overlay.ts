/** What lies above the chart and changes with every move of the pointer: the ring around a model, the line of a lasso. */
import type { Pixel } from "./map-gestures.js";

const svg = "http://www.w3.org/2000/svg";

export class MapOverlay {
  readonly node = document.createElementNS(svg, "svg");
  readonly #ring = document.createElementNS(svg, "circle");
  readonly #line = document.createElementNS(svg, "polygon");

  /** @param left and `top`: corner of the plot, pixels */
  constructor(left: number, top: number) {
    this.node.setAttribute("class", "map-overlay");
    this.node.setAttribute("aria-hidden", "true");
    const group = document.createElementNS(svg, "g");
    group.setAttribute("transform", `translate(${left} ${top})`);
    this.#ring.setAttribute("class", "ring");
    this.#line.setAttribute("class", "lasso");
    group.append(this.#ring, this.#line);
    this.node.append(group);
    this.ring(null, 0);
    this.outline(null);
  }

  /** @param radius of the point inside the ring */
  ring(place: Pixel | null, radius: number): void {
    this.#ring.toggleAttribute("hidden", place === null);
    if (place === null) return;
    this.#ring.setAttribute("cx", String(place[0]));
    this.#ring.setAttribute("cy", String(place[1]));
    this.#ring.setAttribute("r", String(radius + 4));
  }

  outline(corners: readonly Pixel[] | null): void {
    this.#line.toggleAttribute("hidden", corners === null);
    if (corners !== null) this.#line.setAttribute("points", corners.map(([x, y]) => `${x},${y}`).join(" "));
  }
}
