/** The head of the page: what this is a report of, and its plainest results. */
import { formatFixed, formatInteger, formatKl, formatTime } from "../format.js";
import type { Report } from "../report.js";
import { textSetStatement } from "../statements.js";
import { byId, element } from "./dom.js";
import { goTo } from "./sections.js";

export function fillHeader(report: Report): void {
  const { models, texts } = report;
  byId("title").textContent = report.title;
  byId("about").textContent = [
    `${formatInteger(models.length)} ${models.length === 1 ? "model" : "models"}`,
    textSetStatement(texts),
    formatTime(report.createdAt),
  ].join(" · ");
  byId("summary").textContent = summary(report);
  const links = Array.from(document.querySelectorAll<HTMLElement>("main section"))
    .filter((section) => !section.hidden)
    .map((section) => {
      const link = element("a", {}, section.querySelector("h2")?.textContent ?? "");
      link.href = `#${section.id}`;
      // The part of the URL behind "#" holds the state, which a jump should not take away.
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        goTo(section.id);
      });
      return link;
    });
  byId("sections").replaceChildren(...links);
}

function summary(report: Report): string {
  const { models } = report;
  const nameOf = (model: number): string => models[model]?.name ?? "";
  if (models.length === 1) {
    return (
      `${nameOf(0)} needs ${formatFixed(models[0]?.bitsPerByte ?? NaN, 4)} bits/byte for these texts. ` +
      "Distances need at least two models, so there is no map yet: add another model to the same run folder."
    );
  }
  const { nearest, farthest } = extremePairs(report);
  const pair = ({ a, b, kl: value }: Pair): string => `${nameOf(a)} and ${nameOf(b)} (KL ${formatKl(value)} bits/byte)`;
  if (nearest === null) return "";
  if (models.length === 2) return `The two models: ${pair(nearest)}.`;
  const clusters = models.length < 4 ? " Clusters need at least four models." : "";
  return `Nearest pair: ${pair(nearest)}.${farthest === null ? "" : ` Farthest: ${pair(farthest)}.`}${clusters}`;
}

interface Pair {
  a: number;
  b: number;
  kl: number;
}

/** The farthest pair is known only where all pairs are in the page. */
function extremePairs({ models, divergences }: Report): { nearest: Pair | null; farthest: Pair | null } {
  let nearest: Pair | null = null;
  let farthest: Pair | null = null;
  const { pairs } = divergences;
  for (let a = 0; a < models.length; a++) {
    if (pairs === null) {
      const [near] = divergences.nearest(a, 1);
      if (near !== undefined && (nearest === null || near.kl < nearest.kl)) nearest = { a, b: near.model, kl: near.kl };
      continue;
    }
    for (let b = a + 1; b < models.length; b++) {
      const kl = pairs.at(a, b);
      if (nearest === null || kl < nearest.kl) nearest = { a, b, kl };
      if (farthest === null || kl > farthest.kl) farthest = { a, b, kl };
    }
  }
  return { nearest, farthest };
}
