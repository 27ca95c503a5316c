/** What makes the figures trustworthy: what was left out and why, texts, clip, settings, versions. */
import { formatFixed, formatInteger, formatPercent, formatSignificant, formatTime } from "../format.js";
import { methodTitles } from "../map-statement.js";
import type { Report } from "../report.js";
import { mostTokens } from "../token-choice.js";
import { noiseFloorStatement } from "../statements.js";
import { dataTable, type TableColumn } from "./data-table.js";
import { definitionList, element, type Child } from "./dom.js";
import { modelButton } from "./model-choice.js";
import type { PageContext } from "./page-context.js";

/** Files that failed or were skipped; the section stays hidden where there are none. */
export function fillNotScored(section: HTMLElement, { failed, skipped }: Report): void {
  if (failed.length > 0) {
    section.append(
      element("h3", {}, `Failed (${failed.length})`),
      dataTable("Failed models", wrapped("Model", "File", "Reason"), failed.map(({ name, path, reason }) => [name, path, reason])),
    );
  }
  if (skipped.length > 0) {
    section.append(
      element("h3", {}, `Skipped (${skipped.length})`),
      dataTable("Skipped files", wrapped("File", "Reason"), skipped.map(({ path, reason }) => [path, reason])),
    );
  }
  section.hidden = failed.length + skipped.length === 0;
}

const wrapped = (...titles: string[]): TableColumn[] => titles.map((title) => ({ title, wrap: true }));

export function fillRun(section: HTMLElement, { report, store }: PageContext): void {
  const { texts, clip, settings, versions, noiseFloor } = report;
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
      block("Noise floor", [["KL of a model from itself", noiseFloorStatement(noiseFloor)]]),
      block("Written", [["Time", formatTime(report.createdAt)]]),
    ),
    ...remarks(report, store),
  );
}

/** What the file holds of the run, and how exactly. */
function contents({ models, maps, divergences, klError, textCount, texts, sources, tokens }: Report): [string, string][] {
  const pairs = klError < 1e-6 ? "all pairs, 7 digits" : `all pairs within ${formatSignificant(klError * 100)} %`;
  const held = textCount === texts.count ? "all" : `${formatInteger(textCount)} of ${formatInteger(texts.count)}, sampled by source`;
  return [
    ...(models.length > 1 ? [["KL divergences", divergences.pairs === null ? `the ${divergences.listed} nearest of each model` : pairs] as [string, string]] : []),
    ...(maps.length > 0 ? [["Maps", maps.map(({ method }) => methodTitles[method]).join(", ")] as [string, string]] : []),
    ["Texts", held],
    ...(tokens === null ? [] : [["Tokens", `of ${formatInteger(tokens.models.filter((has) => has === 1).length)} models, the texts shown first, at most ${formatInteger(mostTokens)}`] as [string, string]]),
    ...(sources.leftOut > 0 ? [["Sources left out", formatInteger(sources.leftOut)] as [string, string]] : []),
  ];
}

/** The most models with remarks that are listed; the table of models has them all. */
const mostRemarks = 200;

/** What is to be known of single models before their figures are trusted. */
function remarks(report: Report, store: PageContext["store"]): Child[] {
  const rows = report.models.flatMap((model, i): Child[][] => {
    const notes = [
      ...(model.fallback === null ? [] : [`scored with: ${model.fallback}, after it had failed as asked`]),
      ...(model.truncatedTexts > 0 ? [`texts cut at the context: ${formatInteger(model.truncatedTexts)}`] : []),
      ...(model.estimated ? ["scored on resampled texts only: its divergences are estimates"] : []),
      ...model.warnings,
    ];
    return notes.length === 0 ? [] : [[modelButton({ report, store }, i), element("ul", { className: "notes" }, ...notes.map((note) => element("li", {}, note)))]];
  });
  const heading = element("h3", {}, "Remarks on models");
  if (rows.length === 0) return [heading, element("p", {}, "None: no text was cut, no model had to fall back, no tokenizer left a doubt.")];
  const more = rows.length - mostRemarks;
  return [
    heading,
    dataTable("Remarks on models", [{ title: "Model" }, { title: "Cut texts, fallbacks, warnings", wrap: true }], rows.slice(0, mostRemarks)),
    ...(more > 0 ? [element("p", { className: "muted" }, `${formatInteger(more)} more are in the table of models.`)] : []),
  ];
}

function block(title: string, entries: readonly (readonly [string, Child])[]): HTMLElement {
  return element("div", {}, element("h3", {}, title), definitionList(entries));
}
