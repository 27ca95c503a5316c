/** The relatives of a model, for the terminal. */
import type { Interval } from "../matrix/bootstrap.js";
import { verdictKinds, type ErrorRate, type RightRate, type VerdictKind } from "../matrix/relatives-errors.js";
import { formatFixed, formatKl, formatPercent } from "../report/format.js";
import type { NearestRelative, ParentGuess, ParentVerdict, Relatives } from "../run/relatives.js";
import { textTable } from "./text-table.js";

const reasons: Record<NonNullable<Relatives["noParent"]>, string> = {
  "no candidate": "there is no other model",
  merge: "it is a merge",
  "no third model": "it takes a third model to tell a parent from a child",
  "no candidate by facts": "size, architecture, bits per weight or dates speak against every candidate",
  "not near enough": "no candidate is near enough",
  "not between": "no near candidate lies between it and the others",
  "no lead": "the candidates are too much alike",
};

const verdictNames: Record<VerdictKind, string> = { copies: "near-duplicate", original: "original", parent: "trained from", merge: "merge" };

/** Columns of a terminal that lists of facts are wrapped at. */
const width = 100;
const indent = " ".repeat(17);

export function relativesLines(found: Relatives): string[] {
  const { parent, merge, noParent, nearDuplicates, guesses } = found;
  return [
    `${found.model} among ${found.candidates} ${found.candidates === 1 ? "model" : "models"}, ${found.texts} texts`,
    "",
    ...(parent === null ? [`Likely parent    none named: ${noParent === null ? "" : reasons[noParent]}`] : parentLines(parent)),
    ...bestGuessLines(found),
    ...(merge === null ? ["Merge            no"] : [`Merge            ${merge.parents.map(({ model, weight }) => `${formatFixed(weight, 2)} ${model}`).join(" + ")}`]),
    ...(merge === null ? [] : [`${indent}leaves ${formatPercent(merge.unexplainedOfSingle)} of what the best single model leaves, on texts held out`]),
    `Near-duplicates  ${nearDuplicates.length === 0 ? "none" : nearDuplicates.map(({ model }) => model).join(", ")}`,
    "",
    ...(guesses.length === 0 ? [] : [...guessTable(guesses, found), ""]),
    ...(found.nearest.length === 0 ? [] : [...nearestTable(found.nearest, found), ""]),
    ...errorTable(found),
  ];
}

function parentLines({ model, isOriginal, branchPoint, nearness, next, facts }: ParentVerdict): string[] {
  const evidence = [
    ...(isOriginal ? ["the same model with more bits per weight"] : []),
    ...(nearness === null ? [] : [`${formatPercent(nearness)} of the median distance`]),
    ...(branchPoint === null ? [] : [`others branch off at ${formatFixed(branchPoint, 2)} (0: at the parent, 1: at the child)`]),
    ...(next === null ? [] : [`next is ${next.model}, ${formatFixed(next.intervals, 1)} widths of the interval farther (${formatKl(next.kl)} bits/byte)`]),
  ];
  return [`Likely parent    ${model}`, ...evidence.map((line) => indent + line), ...wrapped(facts, indent)];
}

function bestGuessLines({ model, parent, guesses, guessesOf, guessRates }: Relatives): string[] {
  const [best] = guesses;
  if (best === undefined) return [];
  return [
    `Best guess       ${best.model}, for what ${guessesOf} was trained from; not a verdict`,
    ...(best.against.length === 0 ? [] : [`${indent}something speaks against it, see below`]),
    ...(guessesOf === model || parent !== null ? [] : [`${indent}${model} is taken for a rounding of ${guessesOf}`]),
    `${indent}on tiny demo models right for ${rightText(guessRates.first)}`,
  ];
}

function guessTable(guesses: readonly ParentGuess[], { model: child, confidence }: Relatives): string[] {
  const [heading = "", ...rows] = textTable(
    ["best guesses", "bits/byte", `${formatPercent(confidence)} interval`, "branch point"],
    guesses.map(({ model, kl, interval, branchPoint }, i) => [`${i + 1} ${model}`, formatKl(kl), intervalText(interval), branchPoint === null ? "" : formatFixed(branchPoint, 2)]),
  );
  const reasonsOf = (guess: ParentGuess): string[] => [...wrapped(guess.for, "    for: "), ...wrapped(guess.against, "    against: ")];
  const lines = guesses.flatMap((guess, i) => [rows[i] ?? "", ...reasonsOf(guess)]);
  return [
    heading,
    ...lines,
    `Branch point: 0 where other models branch off at the candidate, 1 at ${child}.`,
    "A guess is made even if no ancestor is in this run.",
  ];
}

/** The phrases after one another, with commas, on lines of at most {@link width} letters where they can be divided. */
function wrapped(phrases: readonly string[], start: string): string[] {
  const lines: string[] = [];
  phrases.forEach((phrase, i) => {
    const text = i < phrases.length - 1 ? `${phrase},` : phrase;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + text.length <= width) lines[lines.length - 1] = `${last} ${text}`;
    else lines.push((last === undefined ? start : " ".repeat(start.length)) + text);
  });
  return lines;
}

function nearestTable(nearest: readonly NearestRelative[], { confidence }: Relatives): string[] {
  return textTable(
    ["nearest", "bits/byte", `${formatPercent(confidence)} interval`, "verdict"],
    nearest.map(({ model, kl, interval, verdict }) => [model, formatKl(kl), intervalText(interval), verdict]),
  );
}

function errorTable({ errorRates, guessRates, measuredOn: { models, families, texts, factsKnown } }: Relatives): string[] {
  return [
    "Measured on tiny demo models, not on models like yours:",
    ...textTable(
      ["verdict", "wrong when named", "missed", "named where none is there"],
      verdictKinds.map((kind) => [verdictNames[kind], ...[errorRates[kind].named, errorRates[kind].missed, errorRates[kind].hidden].map(errorText)]),
    ),
    `Best guess right: ${rightText(guessRates.first)}; one of three: ${rightText(guessRates.three)}`,
    `${models} models of ${families} families, ${texts} texts, ${factsKnown ? "with" : "without"} facts such as their size; 95 % intervals (Wilson).`,
    "docs/relatives.md explains all of this.",
  ];
}

const intervalText = ({ low, high }: Interval): string => `${formatKl(low)} to ${formatKl(high)}`;
const percents = ({ low, high }: Interval): string => `${formatFixed(100 * low, 1)} to ${formatFixed(100 * high, 1)} %`;
const errorText = ({ wrong, of, interval }: ErrorRate): string => `${wrong} of ${of} (${percents(interval)})`;
const rightText = ({ right, of, interval }: RightRate): string => `${right} of ${of} (${percents(interval)})`;
