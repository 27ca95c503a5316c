/** Choosing a model by its name: buttons that open one, and lists to choose one from. */
import type { ReportModel } from "../report-data.js";
import { element } from "./dom.js";
import type { PageContext } from "./page-context.js";

/** The name of a model; pressing it opens the model, with Shift it is picked for the comparison. */
export function modelButton({ report, store }: Pick<PageContext, "report" | "store">, model: number): HTMLButtonElement {
  const name = report.models[model]?.name ?? "";
  const node = element("button", { type: "button", className: "link name", title: name }, name);
  node.addEventListener("click", (event) => {
    if (event.shiftKey) store.pick(model);
    else store.set({ focused: model });
  });
  return node;
}

/** A list of more models takes long to build: the name is typed instead, and the browser suggests. */
const mostInList = 500;
const suggestionsId = "model-names";

/** @param chosen receives a model; `show` shows another one, null: none */
export function modelChooser(label: string, models: readonly ReportModel[], chosen: (model: number) => void): { node: HTMLElement; show: (model: number | null) => void } {
  if (models.length <= mostInList) {
    const select = element("select", {}, element("option", {}, "–"), ...models.map(({ name }) => element("option", {}, name)));
    select.addEventListener("change", () => select.selectedIndex > 0 && chosen(select.selectedIndex - 1));
    return { node: element("label", { className: "control" }, `${label} `, select), show: (model) => (select.selectedIndex = (model ?? -1) + 1) };
  }
  const input = element("input", { type: "search" });
  input.setAttribute("list", suggestionsId);
  input.addEventListener("focus", () => {
    if (document.getElementById(suggestionsId) !== null) return;
    const options = models.map(({ name }) => Object.assign(element("option"), { value: name }));
    document.body.append(element("datalist", { id: suggestionsId }, ...options));
  });
  input.addEventListener("change", () => {
    const model = models.findIndex(({ name }) => name === input.value);
    if (model !== -1) chosen(model);
  });
  return { node: element("label", { className: "control" }, `${label} `, input), show: (model) => (input.value = model === null ? "" : (models[model]?.name ?? "")) };
}
