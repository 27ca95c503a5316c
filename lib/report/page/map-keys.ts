/** Going from model to model on the map with the keyboard. */
import type { PageContext } from "./page-context.js";

/** N and P: next and previous model in tree order; Enter opens it, Space selects it, Escape takes the selection back. */
export function addModelKeys(surface: HTMLElement, { report, store, shown, card }: PageContext, hover: (model: number) => void): void {
  const places = new Int32Array(report.order.length);
  report.order.forEach((model, place) => (places[model] = place));
  const go = (step: number): void => {
    const { order } = report;
    const from = store.state.hovered ?? store.state.focused;
    let place = from === null ? (step > 0 ? -1 : 0) : (places[from] ?? 0);
    for (let tried = 0; tried < order.length; tried++) {
      place = (place + step + order.length) % order.length;
      const model = order[place] ?? 0;
      if (shown.mask[model] !== 1) continue;
      hover(model);
      return;
    }
  };
  surface.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { hovered } = store.state;
    const keys: Record<string, () => void> = {
      n: () => go(1),
      p: () => go(-1),
      Enter: () => hovered !== null && store.set({ focused: hovered }),
      " ": () => hovered !== null && store.toggleSelected(hovered),
      Escape: () => {
        if (card.isShown) card.hide();
        else store.set({ selected: new Set(), onlySelected: false });
      },
    };
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
}
