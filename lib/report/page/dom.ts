/** Building the page from nodes. Strings become text nodes only, never markup. */

export type Child = Node | string;

type Properties<Tag extends keyof HTMLElementTagNameMap> = Partial<
  Pick<HTMLElementTagNameMap[Tag], "className" | "id" | "hidden" | "title" | "tabIndex"> & { type: "button"; scope: "col" | "row" }
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

/** A drop-down list with its label. `choose` receives the position of the chosen option. */
export function selectControl(
  label: string,
  options: readonly string[],
  selected: number,
  choose: (position: number) => void,
): HTMLElement {
  const select = element("select", {}, ...options.map((text) => element("option", {}, text)));
  select.selectedIndex = selected;
  select.addEventListener("change", () => choose(select.selectedIndex));
  return element("label", { className: "control" }, `${label} `, select);
}

export function button(text: string, name: string, press: () => void): HTMLButtonElement {
  const node = element("button", { type: "button", title: name }, text);
  node.setAttribute("aria-label", name);
  node.addEventListener("click", press);
  return node;
}
