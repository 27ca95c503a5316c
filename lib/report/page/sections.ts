/** Going to a section of the page without losing the state in the part of the URL behind "#". */
import { byId } from "./dom.js";

export function goTo(id: string): void {
  const section = byId(id);
  section.tabIndex = -1;
  section.scrollIntoView();
  section.focus({ preventScroll: true });
}
