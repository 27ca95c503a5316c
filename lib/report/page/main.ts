/** The report page: reads the embedded data and fills the sections of page.html. */
import { reportFields } from "../fields.js";
import { byId } from "./dom.js";
import { HeatMapSection } from "./heat-map-section.js";
import { HoverCard } from "./hover-card.js";
import { MapSection } from "./map-section.js";
import { modelTable } from "./model-table.js";
import { readReport } from "./read-report.js";
import { fillNotScored, fillRun } from "./run-section.js";
import { fillHeader } from "./summary.js";

const { report, order } = readReport();
const fields = reportFields(report.models);
const card = new HoverCard();

if (report.map !== null) new MapSection(byId("map"), report, fields, report.map.unit, card);
if (report.models.length > 1) new HeatMapSection(byId("distances"), report, order, card);
byId("models").append(modelTable(report, fields));
fillNotScored(byId("not-scored"), report);
fillRun(byId("run"), report);
fillHeader(report);
