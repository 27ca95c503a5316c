/** The head of the page: what this is a report of, and its plainest results. */
import { formatFixed, formatInteger, formatKl, formatTime } from "../format.js";
import type { KlTriangle } from "../kl-triangle.js";
import type { Report } from "../page-data.js";
import { byId, element } from "./dom.js";

export function fillHeader(report: Report): void {
  const { models, texts } = report;
  byId("title").textContent = report.title;
  byId("about").textContent = [
    `${formatInteger(models.length)} ${models.length === 1 ? "model" : "models"}`,
    `${formatInteger(texts.count)} texts (${texts.name}, mean ${formatFixed(texts.meanBytes, 1)} bytes)`,
    formatTime(report.createdAt),
  ].join(" · ");
  byId("summary").textContent = summary(report);
  const links = Array.from(document.querySelectorAll<HTMLElement>("main > section"))
    .filter((section) => !section.hidden)
    .map((section) => {
      const link = element("a", {}, section.querySelector("h2")?.textContent ?? "");
      link.href = `#${section.id}`;
      return link;
    });
  byId("sections").replaceChildren(...links);
}

function summary({ models, kl }: Report): string {
  const nameOf = (model: number): string => models[model]?.name ?? "";
  if (models.length === 1) {
    return (
      `${nameOf(0)} needs ${formatFixed(models[0]?.bitsPerByte ?? NaN, 4)} bits/byte for these texts. ` +
      "Distances need at least two models, so there is no map yet: add another model to the same run folder."
    );
  }
  const { nearest, farthest } = extremePairs(kl);
  const pair = ({ a, b, kl: value }: Pair): string => `${nameOf(a)} and ${nameOf(b)} (KL ${formatKl(value)} bits/byte)`;
  if (models.length === 2) return `The two models: ${pair(nearest)}.`;
  const clusters = models.length < 4 ? " Clusters need at least four models." : "";
  return `Nearest pair: ${pair(nearest)}. Farthest: ${pair(farthest)}.${clusters}`;
}

interface Pair {
  a: number;
  b: number;
  kl: number;
}

function extremePairs(kl: KlTriangle): { nearest: Pair; farthest: Pair } {
  let nearest: Pair = { a: 0, b: 1, kl: kl.at(0, 1) };
  let farthest = nearest;
  for (let a = 0; a < kl.count; a++) {
    for (let b = a + 1; b < kl.count; b++) {
      const value = kl.at(a, b);
      if (value < nearest.kl) nearest = { a, b, kl: value };
      if (value > farthest.kl) farthest = { a, b, kl: value };
    }
  }
  return { nearest, farthest };
}
