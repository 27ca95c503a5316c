/** Building the page from nodes. Strings become text nodes only, never markup. */

export type Child = Node | string;

type Properties<Tag extends keyof HTMLElementTagNameMap> = Partial<
  Pick<HTMLElementTagNameMap[Tag], "className" | "id" | "hidden" | "title" | "tabIndex"> & {
    type: "button" | "range" | "search" | "checkbox";
    scope: "col" | "row";
  }
>;

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties<Tag> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

/** An element of page.html. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no element #${id}.`);
  return found;
}

/** Pairs of a name and a value. */
export function definitionList(entries: readonly (readonly [string, Child])[]): HTMLDListElement {
  return element("dl", {}, ...entries.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}

/** A drop-down list with its label. `chosen` receives the position of the chosen option; `choose` shows another one. */
export function selectControl(
  label: string,
  options: readonly string[],
  chosen: (position: number) => void,
): { node: HTMLElement; choose: (position: number) => void } {
  const select = element("select", {}, ...options.map((text) => element("option", {}, text)));
  select.addEventListener("change", () => chosen(select.selectedIndex));
  return { node: element("label", { className: "control" }, `${label} `, select), choose: (position) => (select.selectedIndex = position) };
}

/** A box to tick, with its label. */
export function toggleControl(label: string, ticked: (on: boolean) => void): { node: HTMLElement; check: (on: boolean) => void } {
  const box = element("input", { type: "checkbox" });
  box.addEventListener("change", () => ticked(box.checked));
  return { node: element("label", { className: "control toggle" }, box, ` ${label}`), check: (on) => (box.checked = on) };
}

export function button(text: string, name: string, press: () => void): HTMLButtonElement {
  const node = element("button", { type: "button", title: name }, text);
  node.setAttribute("aria-label", name);
  node.addEventListener("click", press);
  return node;
}

/** Calls `draw` once before the next picture, however often it is asked to. */
export function oncePerFrame(draw: () => void): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw();
    });
  };
}
