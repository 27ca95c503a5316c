/** What every section of the page is given. */
import type { Field } from "../fields.js";
import type { Report } from "../report.js";
import type { HoverCard } from "./hover-card.js";
import type { Shown } from "./shown.js";
import type { Store } from "./state.js";
import type { Theme } from "./theme.js";

export interface PageContext {
  report: Report;
  /** Facts and labels that some model has. */
  fields: readonly Field[];
  store: Store;
  shown: Shown;
  theme: Theme;
  card: HoverCard;
}
