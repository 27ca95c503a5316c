/** The bar that stays at the top: search, what is selected, light or dark. */
import { formatInteger } from "../format.js";
import { button, element, selectControl, toggleControl } from "./dom.js";
import type { PageContext } from "./page-context.js";
import { themeChoices } from "./state.js";

export function addPageControls(bar: HTMLElement, { report, store, shown }: PageContext): void {
  const theme = selectControl("Theme", themeChoices, (position) => store.set({ theme: themeChoices[position] ?? "auto" }));
  const showTheme = (): void => theme.choose(themeChoices.indexOf(store.state.theme));
  store.follow(["theme"], showTheme);
  showTheme();
  if (report.models.length < 2) {
    bar.append(theme.node);
    return;
  }

  const search = element("input", { type: "search", title: "Names and labels; quantization:q4 looks in one field, -chat leaves out" });
  search.placeholder = "Search models";
  search.setAttribute("aria-label", "Search models");
  search.value = store.state.search;
  search.addEventListener("input", () => store.set({ search: search.value }, "flow"));
  store.follow(["search"], (state, change) => {
    if (change === "url") search.value = state.search;
  });

  const only = toggleControl("Only selected", (onlySelected) => store.set({ onlySelected }));
  const selectFound = button("Select these", "Select these: all models that the search finds", () => store.set({ selected: new Set(shown.models) }));
  const clear = button("Clear selection", "Clear selection", () => store.set({ selected: new Set(), onlySelected: false }));
  const status = element("span", { className: "muted status" });
  status.setAttribute("role", "status");
  const show = (): void => {
    const { selected, search: query, onlySelected } = store.state;
    const found = shown.found.reduce((sum, value) => sum + value, 0);
    const total = report.models.length;
    const parts = [
      query === "" ? `${formatInteger(total)} models` : `${formatInteger(found)} of ${formatInteger(total)} found`,
      ...(selected.size > 0 ? [`${formatInteger(selected.size)} selected`] : []),
    ];
    status.textContent = parts.join(" · ");
    only.check(onlySelected);
    only.node.hidden = clear.hidden = selected.size === 0;
    selectFound.hidden = query === "" || found === 0;
  };
  store.follow(["selected", "onlySelected", "search"], show);
  show();
  bar.append(search, element("span", { className: "buttons" }, selectFound, clear), only.node, status, theme.node);
}
