/** The report page: reads the embedded data and fills the sections of page.html. */
import { encodingChoices } from "../chart/encoding.js";
import { reportFields } from "../fields.js";
import { byId } from "./dom.js";
import { HeatMapSection } from "./heat-map-section.js";
import { HoverCard } from "./hover-card.js";
import { LaterSections } from "./later-sections.js";
import { MapSection } from "./map-section.js";
import { ModelSection } from "./model-section.js";
import { addModelTable } from "./model-table.js";
import { addPageControls } from "./page-controls.js";
import type { PageContext } from "./page-context.js";
import { PairSection } from "./pair-section.js";
import { ParetoSection } from "./pareto-section.js";
import { addPredictions } from "./predictions-section.js";
import { readReport } from "./read-report.js";
import { fillNotScored, fillRun } from "./run-section.js";
import { fillScale } from "./scale-section.js";
import { Shown } from "./shown.js";
import { Store } from "./state.js";
import { fillHeader } from "./summary.js";
import { Theme } from "./theme.js";
import { connectUrl } from "./url-state.js";

async function start(): Promise<void> {
  const report = await readReport();
  const fields = reportFields(report);
  const choices = encodingChoices(fields, report.models);
  const store = new Store({
    selected: new Set(),
    focused: null,
    pair: null,
    reference: null,
    hovered: null,
    search: "",
    onlySelected: false,
    colour: choices.firstColour?.id ?? null,
    shape: choices.firstShape?.id ?? null,
    size: null,
    method: report.maps[0]?.method ?? null,
    layers: new Set(["names", "ellipses", "trajectories"]),
    view: null,
    theme: "auto",
  });
  connectUrl(store, report);
  const page: PageContext = {
    report,
    fields,
    store,
    shown: new Shown(report, fields, store),
    theme: new Theme(store),
    card: new HoverCard(),
  };

  const { models, divergences, relations, predictions } = report;
  const several = models.length > 1;
  addPageControls(byId("page-controls"), page);
  if (report.maps.length > 0) new MapSection(byId("map"), page, choices);
  new ModelSection(byId("model"), page);
  if (several) new PairSection(byId("pair"), page);
  // What the window does not show at first is made when that is drawn.
  const later = new LaterSections();
  later.add("models", (section) => addModelTable(section, page));
  if (several && (divergences.pairs !== null || report.overview !== null)) later.add("distances", (section) => new HeatMapSection(section, page));
  if (several && (divergences.pairs !== null || report.reference !== null)) later.add("size", (section) => new ParetoSection(section, page, choices));
  if (relations !== null && relations.length > 0) later.add("scale", (section) => fillScale(section, relations));
  if (predictions !== null) later.add("predictions", (section) => addPredictions(section, page, choices, predictions));
  if (report.failed.length + report.skipped.length > 0) later.add("not-scored", (section) => fillNotScored(section, report));
  later.add("run", (section) => fillRun(section, page));
  fillHeader(report);
  // Paper has nothing to press: what is folded up opens.
  addEventListener("beforeprint", () => {
    for (const folded of document.querySelectorAll("details")) folded.open = true;
  });
  await later.fill();
  document.documentElement.dataset["ready"] = "";
}

start().catch((error: unknown) => {
  byId("summary").textContent =
    "The data of this page cannot be read: the file is damaged, or the browser is older than 2024. Run `llmap-native map`, which writes it anew, or open it in a newer browser. " +
    `(${error instanceof Error ? error.message : String(error)})`;
});
