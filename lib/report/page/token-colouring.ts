/** A text coloured token by token: what one model finds unlikely, or what tells two models apart. The numbers are in titles and in a table below. */
import { formatFixed, formatInteger, formatPercent } from "../format.js";
import type { FoundTokens, Report, Sample } from "../report.js";
import { textPieces, type TextPiece, type TextTokens } from "../text-pieces.js";
import { dataTable } from "./data-table.js";
import { element, type Child } from "./dom.js";

/** Least values of the four steps of colour, nats: of -log-probability, and of a difference. */
const unlikelySteps = [2, 4, 6, 9];
const differenceSteps = [0.5, 1, 2, 4];
/** Pieces in the table. */
const listed = 5;

const nats = (value: number): string => formatFixed(value, 2);
const signed = (value: number): string => `${value < 0 ? "−" : "+"}${nats(Math.abs(value))}`;
const stepOf = (value: number, steps: readonly number[]): number => steps.filter((least) => value >= least).length;

/** A piece as it can be read: in quotes, with signs for what is not seen. */
const quoted = (text: string): string => `“${text.replaceAll(" ", "␣").replaceAll("\n", "↵").replaceAll("\t", "⇥")}”`;

/**
 * Colours a text by its tokens when it is unfolded; null where no model's tokens were recorded.
 * @param text index of the page's texts @param models one, or the two that are compared
 */
export function tokenColouring({ tokens, models: all }: Report, sample: Sample, text: number, models: readonly [number] | readonly [number, number]): ((whole: HTMLElement) => Promise<void>) | null {
  if (tokens === null || models.every((model) => tokens.models[model] !== 1)) return null;
  const names = models.map((model) => all[model]?.name ?? "");
  return async (whole) => {
    const found = await Promise.all(
      models.map(async (model): Promise<FoundTokens | "none"> => (tokens.models[model] === 1 ? tokens.of(model, text, sample.positions[text] ?? -1).catch(() => "elsewhere" as const) : "none")),
    );
    for (const [i, one] of found.entries()) {
      if (typeof one === "object") continue;
      whole.after(element("p", { className: "muted small" }, reasonOf(one, names[i] ?? "")));
      return;
    }
    const known = found.filter((one) => typeof one === "object");
    const pieces = textPieces(sample.contents[text] ?? "", known);
    const cut = sample.cut[text] === true ? [element("span", { className: "muted" }, " … (only the beginning is in this page)")] : [];
    const paint = models.length === 1 ? unlikelyPiece : differencePiece;
    whole.replaceChildren(...pieces.map((piece) => paint(piece, names)), ...cut);
    whole.classList.add("coloured");
    whole.after(...(models.length === 1 ? unlikelyNotes(pieces) : differenceNotes(pieces, names)));
  };
}

function reasonOf(found: Exclude<FoundTokens, TextTokens> | "none", name: string): string {
  switch (found) {
    case "unplaced":
      return `Not coloured: it is not known which characters the tokens of ${name} stand for. Its tokenizer normalises this text or lacks characters of it, or the tokens were recorded by an earlier version or the portable scorer.`;
    case "elsewhere":
      return `Not coloured: the tokens of this text under ${name} are not in this page. \`llmap-native open\`, given the run folder, shows them where they were recorded.`;
    case "none":
      return `Not coloured: the tokens of ${name} were not recorded. \`llmap-native run --token-log-probs\` records them.`;
  }
}

function span(piece: TextPiece, kind: string, step: number, title: string): HTMLElement {
  const shade = step > 0 ? ` ${kind} step-${step}${piece.text.includes("\n") ? " line-end" : ""}` : "";
  return element("span", { className: `token${shade}`, title: `${quoted(piece.text)}: ${title}` }, piece.text);
}

const notScored = (piece: TextPiece): HTMLElement => element("span", { className: "token not-scored", title: "not scored: the first token of a text without BOS, or a part beyond the model's context" }, piece.text);

function unlikelyPiece(piece: TextPiece): HTMLElement {
  const [score] = piece.scores ?? [];
  if (score === undefined) return notScored(piece);
  const count = score.tokens > 1 ? `, ${score.tokens} tokens` : "";
  return span(piece, "unlikely", stepOf(-score.logProb, unlikelySteps), `${nats(score.logProb)} nats (${probability(score.logProb)})${count}`);
}

const probability = (logProb: number): string => (logProb < Math.log(0.001) ? "under 0.1 %" : formatPercent(Math.exp(logProb)));

function differenceOf({ scores }: TextPiece): number {
  const [a, b] = scores ?? [];
  return (a?.logProb ?? NaN) - (b?.logProb ?? NaN);
}

function differencePiece(piece: TextPiece, names: readonly string[]): HTMLElement {
  if (piece.scores === null) return notScored(piece);
  const difference = differenceOf(piece);
  const each = piece.scores.map(({ logProb, tokens }, i) => `${nats(logProb)} under ${names[i] ?? ""}${tokens > 1 ? ` (${tokens} tokens)` : ""}`);
  const title = `${each.join(", ")}; difference ${signed(difference)} nats, ${signed(difference / piece.bytes)} a byte`;
  return span(piece, difference > 0 ? "first-likelier" : "second-likelier", stepOf(Math.abs(difference), differenceSteps), title);
}

/** Samples of the steps of colour. */
function key(entries: readonly (readonly [kind: string, text: string])[], steps: readonly number[]): HTMLElement {
  const items = entries.map(([kind, text]) => element("li", {}, ...steps.map((least, i) => element("span", { className: `token ${kind} step-${i + 1}` }, String(least))), ` ${text}`));
  return element("ul", { className: "token-key small" }, ...items);
}

function table(label: string, titles: readonly string[], rows: readonly Child[][]): HTMLElement {
  return dataTable(label, titles.map((title, i) => (i === 0 ? { title, wrap: true } : { title, numeric: true })), rows);
}

function unlikelyNotes(pieces: readonly TextPiece[]): HTMLElement[] {
  const worst = pieces.filter(({ scores }) => scores !== null).sort((a, b) => (a.scores?.[0]?.logProb ?? 0) - (b.scores?.[0]?.logProb ?? 0)).slice(0, listed);
  const rows = worst.map((piece): Child[] => [quoted(piece.text), nats(piece.scores?.[0]?.logProb ?? NaN), probability(piece.scores?.[0]?.logProb ?? NaN)]);
  return [
    key([["unlikely", "nats less likely than certain, at least"]], unlikelySteps),
    table("Least likely tokens of this text", ["Least likely tokens", "Nats", "Probability"], rows),
  ];
}

function differenceNotes(pieces: readonly TextPiece[], names: readonly string[]): HTMLElement[] {
  const scored = pieces.filter(({ scores }) => scores !== null);
  const largest = [...scored].sort((a, b) => Math.abs(differenceOf(b)) - Math.abs(differenceOf(a))).slice(0, listed);
  const rows = largest.map((piece): Child[] => [quoted(piece.text), ...(piece.scores ?? []).map(({ logProb }) => nats(logProb)), signed(differenceOf(piece)), signed(differenceOf(piece) / piece.bytes)]);
  const joined = scored.filter(({ scores }) => scores?.some(({ tokens }) => tokens !== 1) === true).length;
  const cuts =
    joined === 0
      ? "Both models cut this text into the same tokens."
      : `The models cut this text into different tokens, so the pieces end where tokens of both end: ${formatInteger(joined)} of ${formatInteger(scored.length)} pieces hold more than one token of a model.`;
  return [
    key(
      [
        ["first-likelier", `nats likelier under ${names[0] ?? ""}, at least`],
        ["second-likelier", `nats likelier under ${names[1] ?? ""}, at least`],
      ],
      differenceSteps,
    ),
    element("p", { className: "muted small" }, cuts),
    table("Pieces of this text that tell the two models apart most", ["They differ most in", `${names[0] ?? ""} (nats)`, `${names[1] ?? ""} (nats)`, "Difference", "A byte"], rows),
  ];
}
