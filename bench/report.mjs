/** What the benchmarks share: their options, medians, and results as lines of JSON or as a table. */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { defaultThreads } from "../dist/scoring/default-threads.js";

/**
 * --json: one object per line. --quick: under a minute once models and tools are built. --gpu: the backend of llama.cpp, as of a run. --group: only
 * this group of bench:matrix. --write: keep the figures of bench:relatives.
 */
const { values } = parseArgs({
  options: {
    json: { type: "boolean" },
    quick: { type: "boolean" },
    gpu: { type: "string" },
    group: { type: "string" },
    only: { type: "string" },
    write: { type: "boolean" },
  },
});
export const { json = false, quick = false, gpu = "off", group, write = false } = values;
/** --only: the models to measure, keys of models.mjs with commas between them; null: all. */
export const only = values.only?.split(",") ?? null;

export const threads = defaultThreads();
/** Part of the conditions of every result; contexts.mjs names the device. */
export const machine = { processor: cpus()[0]?.model ?? "unknown processor", device: "CPU", threads };

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}

/**
 * Median of paired ratios, and between which of them the true median lies with a confidence of 95 % (order statistics, the binomial
 * distribution taken as normal). What slows both of a pair does not move it.
 */
export function pairedRatio(ours, peer) {
  const ratios = ours.map((value, i) => value / peer[i]).sort((a, b) => a - b);
  const outside = Math.max(0, Math.floor((ratios.length - 1.96 * Math.sqrt(ratios.length)) / 2));
  return { ratio: median(ratios), interval: [ratios[outside], ratios[ratios.length - 1 - outside]] };
}

/** A number as a reader wants it: three figures, or all those before the point. */
export function rounded(value) {
  if (value === null) return "";
  return value >= 100 ? Math.round(value).toLocaleString("en-US") : value.toPrecision(3);
}

/** "1 run", "2 runs". */
export const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** Prints a line of text between results; with --json, nothing. */
export function say(text) {
  if (!json) console.log(text);
}

/** Something that could not be measured, with the reason: on stderr, so that lines of JSON stay results. */
export function leaveOut(what, reason) {
  console.error(`Left out: ${what}: ${reason}`);
}

/**
 * Prints one result.
 * @param result bench; case; ours and peer, in `unit`, peer being null where there is nothing to compare with; peer_name; conditions (an
 *   object; the machine is added). Where less is better (`unit` "s", "MiB"), the ratio is peer / ours: always how many times as good ours is.
 *   `paired`: what {@link pairedRatio} gives, in place of the ratio of ours and peer.
 */
export function report({ bench, case: name, ours, peer, peer_name, unit, conditions, paired }) {
  const lessIsBetter = unit === "s" || unit === "MiB";
  const ratio = paired?.ratio ?? (peer === null ? null : lessIsBetter ? peer / ours : ours / peer);
  if (paired !== undefined) conditions = { ...conditions, ratio: "median of paired ratios", ratio_interval_95: paired.interval };
  if (json) {
    console.log(JSON.stringify({ bench, case: name, ours, peer, peer_name, ratio, unit, conditions: { ...machine, ...conditions } }));
    return;
  }
  const spread = paired === undefined ? "" : ` (95 %: ${paired.interval.map((end) => end.toFixed(3)).join(" to ")}; ${plural(conditions.runs, "pair")})`;
  const figures = `${name.padEnd(44)} ${rounded(ours).padStart(8)} ${unit.padEnd(9)}`;
  console.log(peer === null ? figures : `${figures} ${peer_name.padEnd(34)} ${rounded(peer).padStart(8)}   ratio ${ratio.toFixed(3)}${spread}`);
}
