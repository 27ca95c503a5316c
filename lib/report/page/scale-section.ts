/** The KL scale of the run: how far apart its models are by what they are to each other, beside published medians. */
import { bandOfRelation, bandsWarning, publishedBands } from "../../matrix/kl-scale.js";
import { formatInteger, formatKl, nothing } from "../format.js";
import type { ReportData } from "../report-data.js";
import { dataTable } from "./data-table.js";
import { element, type Child } from "./dom.js";
import { klStrip, type StripRow } from "./kl-strip.js";

export function fillScale(section: HTMLElement, relations: NonNullable<ReportData["relations"]>): void {
  const rows = relations.map(({ relation, pairs, median, least, most }): Child[] => {
    const band = publishedBands.find(({ relation: name }) => name === bandOfRelation[relation]);
    return [relation, formatInteger(pairs), formatKl(median), `${formatKl(least)} – ${formatKl(most)}`, band === undefined ? nothing : `${formatKl(band.median)} (${band.relation})`];
  });
  const strip: StripRow[] = [
    ...relations.map(({ relation, median, least, most }) => ({ name: relation, kl: median, interval: { low: least, high: most }, kind: "run" as const })),
    ...publishedBands.map(({ relation, median }) => ({ name: relation, kl: median, interval: null, kind: "published" as const })),
  ];
  section.append(
    element("p", {}, "Pairs of this run by what the two models are to each other (by their labels base, parent, family, seed, trajectory and step, and by their facts), beside medians that were published."),
    element(
      "div",
      { className: "halves" },
      dataTable(
        "KL divergences of the run by relation",
        [{ title: "Pairs of this run" }, { title: "Number", numeric: true }, { title: "Median (bits/byte)", numeric: true }, { title: "Range", numeric: true }, { title: "Published median" }],
        rows,
      ),
      klStrip("Medians of the run and published medians by KL divergence", strip),
    ),
    element("p", { className: "muted small" }, `● medians of this run, with the range of its pairs; ◇ published medians (arXiv 2505.15353), orders of magnitude on the authors' texts. ${bandsWarning}`),
  );
  section.hidden = false;
}
