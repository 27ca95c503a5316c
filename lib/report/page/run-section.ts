/** What makes the figures trustworthy: what was left out and why, texts, clip, settings, versions. */
import { formatFixed, formatInteger, formatPercent, formatSignificant, formatTime } from "../format.js";
import { methodTitles } from "../map-statement.js";
import type { Report } from "../report.js";
import { definitionList, element, type Child } from "./dom.js";

/** Files that failed or were skipped; the section stays hidden where there are none. */
export function fillNotScored(section: HTMLElement, { failed, skipped }: Report): void {
  if (failed.length > 0) {
    section.append(
      element("h3", {}, `Failed (${failed.length})`),
      reasonTable(["Model", "File", "Reason"], failed.map(({ name, path, reason }) => [name, path, reason])),
    );
  }
  if (skipped.length > 0) {
    section.append(
      element("h3", {}, `Skipped (${skipped.length})`),
      reasonTable(["File", "Reason"], skipped.map(({ path, reason }) => [path, reason])),
    );
  }
  section.hidden = failed.length + skipped.length === 0;
}

function reasonTable(titles: string[], rows: string[][]): HTMLElement {
  const header = element("tr", {}, ...titles.map((title) => element("th", { scope: "col" }, title)));
  const body = rows.map((cells) => element("tr", {}, ...cells.map((text) => element("td", { className: "wrap" }, text))));
  const table = element("table", {}, element("thead", {}, header), element("tbody", {}, ...body));
  const frame = element("div", { className: "scroll", tabIndex: 0 }, table);
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", titles.join(", "));
  return frame;
}

export function fillRun(section: HTMLElement, report: Report): void {
  const { texts, clip, settings, versions } = report;
  const sources = texts.sources.map(({ source, count }): [string, string] => [source, formatInteger(count)]);
  const truncated = report.models.filter((model) => model.truncatedTexts > 0).length;
  section.append(
    element(
      "div",
      { className: "columns" },
      block("Texts", [
        ["Set", texts.name],
        ["Used", formatInteger(texts.count)],
        ["Left out for all models", `${formatInteger(texts.leftOut)}${texts.leftOut > 0 ? " (a model had no token to score there)" : ""}`],
        ["Mean length", `${formatFixed(texts.meanBytes, 1)} bytes`],
        ["Models that had to cut texts", formatInteger(truncated)],
        ["SHA-256", element("code", {}, texts.hash)],
      ]),
      block("Texts by source", sources),
      block(
        "Clipping",
        clip === null
          ? [["Clip", "none: one model has no distances"]]
          : [
              ["Quantile", formatPercent(clip.quantile)],
              ["Threshold", `${formatFixed(clip.threshold, 2)} nats`],
              ["Values raised to it", formatPercent(clip.share)],
            ],
      ),
      block("Settings", Object.entries(settings)),
      block("Versions", Object.entries(versions)),
      block("Inside this page", contents(report)),
      block("Written", [["Time", formatTime(report.createdAt)]]),
    ),
  );
}

/** What the file holds of the run, and how exactly. */
function contents({ models, maps, divergences, klError, textCount, texts, sources }: Report): [string, string][] {
  const pairs = klError < 1e-6 ? "all pairs, 7 digits" : `all pairs within ${formatSignificant(klError * 100)} %`;
  const held = textCount === texts.count ? "all" : `${formatInteger(textCount)} of ${formatInteger(texts.count)}, sampled by source`;
  return [
    ...(models.length > 1 ? [["KL divergences", divergences.pairs === null ? `the ${divergences.listed} nearest of each model` : pairs] as [string, string]] : []),
    ...(maps.length > 0 ? [["Maps", maps.map(({ method }) => methodTitles[method]).join(", ")] as [string, string]] : []),
    ["Texts", held],
    ...(sources.leftOut > 0 ? [["Sources left out", formatInteger(sources.leftOut)] as [string, string]] : []),
  ];
}

function block(title: string, entries: readonly (readonly [string, Child])[]): HTMLElement {
  return element("div", {}, element("h3", {}, title), definitionList(entries));
}
