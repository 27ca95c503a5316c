/** The relatives of a model, for the terminal. */
import type { ErrorRate } from "../matrix/relatives-errors.js";
import { formatFixed, formatKl, formatPercent } from "../report/format.js";
import type { NearestRelative, ParentVerdict, Relatives } from "../run/relatives.js";
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

export function relativesLines(found: Relatives): string[] {
  const { parent, merge, noParent, nearDuplicates, errorRates, measuredOn } = found;
  return [
    `${found.model} among ${found.candidates} ${found.candidates === 1 ? "model" : "models"}, ${found.texts} texts`,
    "",
    ...(parent === null ? [`Likely parent    none: ${noParent === null ? "" : reasons[noParent]}`] : parentLines(parent)),
    ...errorLines("parent", "named", parent?.isOriginal === true ? errorRates.original : errorRates.parent),
    ...(merge === null ? ["Merge            no"] : [`Merge            ${merge.parents.map(({ model, weight }) => `${formatFixed(weight, 2)} ${model}`).join(" + ")}`]),
    ...(merge === null ? [] : [`                 leaves ${formatPercent(merge.unexplainedOfSingle)} of what the best single model leaves, on texts held out`]),
    ...errorLines("merge", "found", errorRates.merge),
    `Near-duplicates  ${nearDuplicates.length === 0 ? "none" : nearDuplicates.map(({ model }) => model).join(", ")}`,
    ...errorLines("near-duplicate", "named", errorRates.copies),
    "",
    ...(found.nearest.length === 0 ? [] : [...nearestTable(found.nearest, found), ""]),
    `Error rates: measured on tiny demo models, ${measuredOn.models} of ${measuredOn.families} families on ${measuredOn.texts} texts, ` +
      `${measuredOn.factsKnown ? "with" : "without"} facts such as their size; 95 % intervals (Wilson). docs/relatives.md`,
  ];
}

function parentLines({ model, isOriginal, branchPoint, nearness, next, facts }: ParentVerdict): string[] {
  const evidence = [
    ...(isOriginal ? ["the same model with more bits per weight"] : []),
    ...(nearness === null ? [] : [`${formatPercent(nearness)} of the median distance`]),
    ...(branchPoint === null ? [] : [`others branch off at ${formatFixed(branchPoint, 2)} (0: at the parent, 1: at the child)`]),
    ...(next === null ? [] : [`next is ${next.model}, ${formatFixed(next.intervals, 1)} widths of the interval farther (${formatKl(next.kl)} bits/byte)`]),
  ];
  return [`Likely parent    ${model}`, ...[...evidence, ...facts].map((line) => `                 ${line}`)];
}

function errorLines(noun: string, verb: string, { named, missed, hidden }: Relatives["errorRates"]["parent"]): string[] {
  const rate = ({ wrong, of, interval }: ErrorRate): string => `${wrong} of ${of} (${formatPercent(interval.low)} to ${formatPercent(interval.high)})`;
  return [`                 errs: wrong when ${verb} ${rate(named)}, missed ${rate(missed)}, ${verb} where no ${noun} is there ${rate(hidden)}`];
}

function nearestTable(nearest: readonly NearestRelative[], { confidence }: Relatives): string[] {
  return textTable(
    ["nearest", "bits/byte", `${formatPercent(confidence)} interval`, "verdict"],
    nearest.map(({ model, kl, interval, verdict }) => [model, formatKl(kl), `${formatKl(interval.low)} to ${formatKl(interval.high)}`, verdict]),
  );
}
