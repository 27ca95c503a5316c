/**
 * npm run bench:relatives [-- --json] [-- --quick] [-- --write]: how often `relatives` errs on the models of known lineage (test/fixtures/lineage, scripts/lineage).
 * Half of the families choose the limits, the other half is judged by them; --write keeps limits and counts in lib/matrix/relatives-figures.ts, which the command prints.
 * Then what the search for merges costs, and whether more candidates find more. --quick: with facts only, and without the costs.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { bitsPerBytePerSquaredDistance } from "../dist/matrix/kl-divergence.js";
import { convexWeights, gramFrom } from "../dist/matrix/convex-combination.js";
import { dividedDistances } from "../dist/matrix/merge-evidence.js";
import { modelCoordinates } from "../dist/matrix/model-coordinates.js";
import { chooseParent, nearestCandidates, relativesEvidence } from "../dist/matrix/relatives.js";
import { errorRate } from "../dist/matrix/relatives-errors.js";
import { closeLimit } from "../dist/matrix/verdict.js";
import { allocateMatrix, squaredDistances } from "../dist/native/matrix.js";
import { normal, seededRandom } from "../dist/random.js";
import { json, median, plural, quick, report, say, write } from "./report.mjs";

const root = new URL("..", import.meta.url);
const fixture = JSON.parse(readFileSync(new URL("test/fixtures/lineage/models.json", root), "utf8"));
const demo = readFileSync(new URL("demo/texts.jsonl", root), "utf8").trim().split("\n").map((line) => JSON.parse(line).text);
const texts = fixture.texts.map((text) => demo[text]);
const meanBytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / texts.length;
const raw = Buffer.from(fixture.logLikelihood, "base64");
const scores = new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength));

/** The families of every second pair, so that no recipe is in both halves. */
const halfOf = ({ family }) => Math.floor(Number(family.slice(-2)) / 2) % 2;
const byName = new Map(fixture.models.map((model) => [model.name, model]));
/** The model that this one is a rounding of, or itself. */
const coreOf = (model) => (model.kind === "quantization" ? byName.get(model.parents[0]) : model);

function ancestorsOf(model) {
  const found = new Set();
  const open = [...model.parents];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (!found.has(name)) open.push(...byName.get(name).parents);
    found.add(name);
  }
  return found;
}
const isAncestor = (ancestors, model) => ancestors.has(model.name) || ancestors.has(coreOf(model).name);

/** The parents of a merge, merges among them replaced by theirs. */
function finalParents(models) {
  const cores = models.map(coreOf);
  return new Set(cores.flatMap((model) => (model.kind === "merge" ? [...finalParents(model.parents.map((name) => byName.get(name)))] : [model.name])));
}
const sameSets = (a, b) => a.size === b.size && [...a].every((value) => b.has(value));

async function worldOf(half, knowsFacts) {
  const rows = fixture.models.map((model, row) => ({ model, row })).filter(({ model }) => halfOf(model) === half);
  const Q = allocateMatrix(rows.length, texts.length);
  rows.forEach(({ row }, i) => Q.values.set(scores.subarray(row * texts.length, (row + 1) * texts.length), i * texts.length));
  await modelCoordinates(Q, { quantile: 0.02 });
  const models = rows.map(({ model }) => model);
  const histories = models.map(({ parameters, bytes, quantization }) => ({
    architecture: null, vocabularySize: null, trajectory: null, step: null, date: null,
    ...(knowsFacts ? { parameters, bytes, quantization } : { parameters: 0, bytes: 0, quantization: null }),
  }));
  const copyLimit = closeLimit / bitsPerBytePerSquaredDistance(texts.length, meanBytes);
  return { models, histories, copyLimit, squared: await squaredDistances(Q), divided: await dividedDistances(Q, 42) };
}

/** One question to `relatives`: what is this model, among these candidates? `hidden`: without its ancestors and all roundings of it and of them. */
function trialsOf(world) {
  return world.models.flatMap((model, row) => {
    const ancestors = ancestorsOf(model);
    const others = [...world.models.keys()].filter((other) => other !== row);
    const isKept = (other) => !isAncestor(ancestors, world.models[other]) && coreOf(world.models[other]) !== coreOf(model);
    return [false, true].map((hidden) => ({ world, model, row, ancestors, hidden, among: hidden ? others.filter(isKept) : others }));
  });
}

function evidenceOf({ world, row, among }, mergeLimit) {
  const distances = Float64Array.from(among, (other) => world.squared.values[row * world.squared.columns + other]);
  const { candidates, medianDistance } = nearestCandidates(among, distances);
  return relativesEvidence({ ...world, model: row, candidates, medianDistance }, mergeLimit);
}

const count = () => ({ wrong: 0, of: 0 });
const verdictErrors = () => ({ named: count(), missed: count(), hidden: count() });
const tally = (entry, isWrong) => {
  entry.of++;
  if (isWrong) entry.wrong++;
};

function mergeErrors(judged) {
  const errors = verdictErrors();
  for (const { trial, merge } of judged) {
    const core = coreOf(trial.model);
    if (trial.hidden) {
      tally(errors.hidden, merge !== null);
      continue;
    }
    const isRight = () => core.kind === "merge" && sameSets(finalParents(merge.models.map((row) => trial.world.models[row])), finalParents([core]));
    if (merge !== null) tally(errors.named, !isRight());
    if (core.kind === "merge") tally(errors.missed, merge === null);
  }
  return errors;
}

function copyErrors(judged) {
  const errors = verdictErrors();
  for (const { trial, copies } of judged) {
    const { world, model, row, hidden } = trial;
    if (hidden) {
      tally(errors.hidden, copies.length > 0);
      continue;
    }
    for (const copy of copies) tally(errors.named, coreOf(world.models[copy]) !== coreOf(model));
    // Roundings to 8 bits are what the verdict is for; 4 bits lie beyond its limit.
    world.models.forEach((other, at) => {
      const isFine = ({ quantization }) => quantization !== "4 bits";
      if (at !== row && coreOf(other) === coreOf(model) && isFine(other) && isFine(model)) tally(errors.missed, !copies.includes(at));
    });
  }
  return errors;
}

/** @param isOriginal of the verdicts that a model is another one with fewer bits per weight, or of those that it was trained from another */
function parentErrors(judged, limits, isOriginal) {
  const errors = verdictErrors();
  for (const { trial, evidence } of judged) {
    const verdict = chooseParent(evidence, limits).parent;
    const parent = verdict?.isOriginal === isOriginal ? verdict : null;
    if (trial.hidden) {
      tally(errors.hidden, parent !== null);
      continue;
    }
    if (parent !== null) tally(errors.named, !isAncestor(trial.ancestors, trial.world.models[parent.model]));
    const { kind } = trial.model;
    const hasOne = isOriginal ? kind === "quantization" : trial.ancestors.size > 0 && kind !== "quantization" && kind !== "merge";
    if (hasOne) tally(errors.missed, parent === null);
  }
  return errors;
}

const judge = (trials, mergeLimit) =>
  trials.map((trial) => {
    const evidence = evidenceOf(trial, mergeLimit);
    return { trial, evidence, merge: evidence.merge, copies: evidence.copies };
  });

/** The limits of fewest errors; a wrong name counts as much as three that are missed. Of equal ones the strictest. */
function chooseLimits(trials) {
  const cost = ({ named, missed, hidden }) => 3 * (named.wrong + hidden.wrong) + missed.wrong;
  const least = (options, costOf) => options.map((option) => ({ option, cost: costOf(option) })).reduce((best, next) => (next.cost < best.cost ? next : best)).option;
  const merge = least([0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4], (limit) => cost(mergeErrors(judge(trials, limit))));
  const judged = judge(trials, merge);
  const grid = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1].flatMap((lead) =>
    [0.02, 0.05, 0.1, 0.15, 0.2, 0.3].flatMap((nearness) => [0.05, 0.1, 0.15, 0.2, 0.3, 0.4].map((branchPoint) => ({ merge, branchPoint, nearness, lead }))),
  );
  return least(grid, (limits) => cost(parentErrors(judged, limits, false)) + cost(parentErrors(judged, limits, true)));
}

async function errorsOf(half, knowsFacts, limits) {
  const judged = judge(trialsOf(await worldOf(half, knowsFacts)), limits.merge);
  return { judged, errors: { copies: copyErrors(judged), original: parentErrors(judged, limits, true), parent: parentErrors(judged, limits, false), merge: mergeErrors(judged) } };
}

const limits = chooseLimits(trialsOf(await worldOf(0, true)));
const judgedModels = fixture.models.filter((model) => halfOf(model) === 1);
const conditions = { models: judgedModels.length, families: new Set(judgedModels.map(({ family }) => family)).size, texts: texts.length, limits };
say(`Limits from the other half of the families: ${JSON.stringify(limits)}`);
say(`Errors on ${conditions.models} tiny byte language models of ${conditions.families} families, ${conditions.texts} texts, as % with a 95 % interval (Wilson):\n`);
const figures = { families: conditions.families, models: conditions.models, texts: conditions.texts, limits };
for (const [key, knowsFacts] of quick ? [["withFacts", true]] : [["withFacts", true], ["withoutFacts", false]]) {
  const { errors } = await errorsOf(1, knowsFacts, limits);
  figures[key] = errors;
  for (const [verdict, counts] of Object.entries(errors)) {
    for (const [kind, entry] of Object.entries(counts)) {
      const { wrong, of, share, interval } = errorRate(entry);
      const name = `${verdict}, ${kind}, ${knowsFacts ? "facts known" : "from scores alone"}`;
      if (json) report({ bench: "relatives", case: name, ours: 100 * share, peer: null, peer_name: null, unit: "%", conditions: { ...conditions, wrong, of, interval } });
      else say(`${name.padEnd(44)} ${String(wrong).padStart(4)} of ${String(of).padStart(4)}  ${(100 * share).toFixed(1).padStart(5)} %  (${(100 * interval.low).toFixed(1)} to ${(100 * interval.high).toFixed(1)})`);
    }
  }
}
if (write && !quick) {
  const header = '/** Written by `npm run bench:relatives -- --write`; not by hand. */\nimport type { RelativesFigures } from "./relatives-errors.js";\n\n';
  writeFileSync(new URL("lib/matrix/relatives-figures.ts", root), `${header}export const relativesFigures: RelativesFigures = ${JSON.stringify(figures, null, 2)};\n`);
}
if (!quick) await costs();

/** The combination of all candidates of a run of the paper's size, and of fewer: seconds, and whether the planted parents are found. */
async function costs() {
  say("\nFinding the parents of a planted merge of two among 1,018 models (10,000 texts, 200 families of independent models):");
  const random = seededRandom(1);
  const Q = allocateMatrix(1019, 10_000);
  const families = Array.from({ length: 200 }, () => Float64Array.from({ length: Q.columns }, () => normal(random)));
  for (let i = 0; i < 1018; i++) for (let s = 0; s < Q.columns; s++) Q.values[i * Q.columns + s] = families[i % 200][s] + 0.5 * normal(random);
  for (let s = 0; s < Q.columns; s++) Q.values[1018 * Q.columns + s] = 0.6 * Q.values[s] + 0.4 * Q.values[200 * Q.columns + s];
  const squared = await squaredDistances(Q);
  const nearest = [...Array(1018).keys()].sort((a, b) => squared.values[1018 * 1019 + a] - squared.values[1018 * 1019 + b]);
  const runs = 5;
  for (const candidates of [16, 32, 64, 1018]) {
    const seconds = [];
    let weights;
    for (let run = 0; run < runs; run++) {
      const started = performance.now();
      weights = convexWeights(gramFrom(squared, 1018, nearest.slice(0, candidates)));
      seconds.push((performance.now() - started) / 1000);
    }
    const found = nearest.slice(0, candidates).filter((_, i) => weights[i] > 0.1).sort((a, b) => a - b);
    report({ bench: "relatives", case: `combination of ${candidates} candidates`, ours: median(seconds), peer: null, peer_name: null, unit: "s", conditions: { runs, found } });
    if (!json) say(`  parents found: ${found.join(", ")} (planted: 0, 200); median of ${plural(runs, "run")}`);
  }
}
