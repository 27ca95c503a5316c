/** The best guess of `relatives` on models of known lineage: ways to rank the candidates, compared on the half of the families that chooses, and the chosen one counted. */
import { parentCandidates, rankedGuesses } from "../dist/matrix/parent-guess.js";
import { rightRate } from "../dist/matrix/relatives-errors.js";
import { chooseParent } from "../dist/matrix/relatives.js";
import { json, report, say } from "./report.mjs";

/**
 * One guess of each model that has ancestors and gets neither a trained parent nor a merge named. Of a rounded model the ancestors of its original count, and not
 * its original.
 * @param lineage what is known of the models: coreOf, ancestorsOf, isAncestor
 */
export function guessesOf(judged, limits, { coreOf, ancestorsOf, isAncestor }) {
  return judged.flatMap(({ trial, kin, evidence }) => {
    const core = coreOf(trial.model);
    const ancestors = ancestorsOf(core);
    const { parent } = chooseParent(evidence, limits);
    if (trial.hidden || core.kind === "merge" || ancestors.size === 0 || evidence.merge !== null || parent?.isOriginal === false) return [];
    const { models } = trial.world;
    const isRight = ({ model }) => isAncestor(ancestors, models[model]);
    const isDirect = ({ model }) => coreOf(models[model]).name === core.parents[0];
    const kind = trial.model.kind === "quantization" ? "rounded" : core.kind === "fine-tune" ? "fine-tune" : "checkpoint";
    return [{ kin, world: trial.world, kind, ...parentCandidates(kin, parent?.model ?? null, limits.nearness), isRight, isDirect }];
  });
}

const count = (guesses, rank, ask) => ({ right: guesses.filter((guess) => ask(guess, rank(guess))).length, of: guesses.length });
const first = ({ isRight }, [best]) => best !== undefined && isRight(best);
const direct = ({ isDirect }, [best]) => best !== undefined && isDirect(best);
const three = ({ isRight }, ranked) => ranked.slice(0, 3).some(isRight);

const byWeight = (weight) => ({ candidates }) => rankedGuesses(candidates, weight);
const weights = [0, 0.05, 0.1, 0.25, 0.5, 1, 2];

/** The weight of most right guesses; of equal ones that of most among the first three. */
export function chooseGuess(guesses) {
  const scored = weights.map((weight) => ({ weight, first: count(guesses, byWeight(weight), first).right, three: count(guesses, byWeight(weight), three).right }));
  return scored.reduce((best, next) => (next.first > best.first || (next.first === best.first && next.three > best.three) ? next : best)).weight;
}

export function guessFigures(guesses, weight) {
  return { first: count(guesses, byWeight(weight), first), three: count(guesses, byWeight(weight), three) };
}

/** Sorts by a score, smallest first, merges last. */
const by = (score) => (guess) => guess.candidates.toSorted((a, b) => a.isMerge - b.isMerge || score(guess, a) - score(guess, b));

function ranks() {
  const distances = ({ kin, candidates }, row) => candidates.flatMap(({ model }) => (model === row ? [] : [kin.distance(model, row)]));
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  /** Neighbour joining (Saitou and Nei 1987): the pair of smallest distance less the sums of both over the others. */
  const joined = (guess, { model, distance }) => guess.candidates.length * distance - distances(guess, guess.kin.input.model).concat(distances(guess, model)).reduce((a, b) => a + b, 0);
  const isWorse = ({ kin, world }, { model }) => (world.meanLogLikelihood[model] < world.meanLogLikelihood[kin.input.model] ? 0 : 1);
  return {
    "nearest": by((_, { distance }) => distance),
    "branch point": by((_, { branchPoint }) => branchPoint),
    "least norm of Q": by(({ world }, { model }) => world.norms[model]),
    "nearness x mean distance from all": by((guess, { model, distance }) => distance * mean(distances(guess, model))),
    "neighbour joining": by(joined),
    "nearest of lower mean log-likelihood": by((guess, candidate) => isWorse(guess, candidate) * 1e30 + candidate.distance),
    ...Object.fromEntries(weights.map((weight) => [`distance x (${weight} + branch point)`, byWeight(weight)])),
  };
}

/** How many would be right first if the candidates were in any order. */
const byChance = (guesses) => guesses.reduce((sum, { candidates, isRight }) => sum + candidates.filter(isRight).length / Math.max(1, candidates.length), 0);

/** Prints how often each rank puts an ancestor, the direct parent, first. */
export function compareGuesses(guesses, conditions) {
  say(`\nBest guesses on the half that chooses: an ancestor first (${byChance(guesses).toFixed(1)} by chance), the direct parent first, an ancestor among three`);
  for (const [name, rank] of Object.entries(ranks())) {
    const counts = { first: count(guesses, rank, first), direct: count(guesses, rank, direct), three: count(guesses, rank, three) };
    if (json) report({ bench: "relatives", case: `rank: ${name}`, ours: counts.first.right, peer: null, peer_name: null, unit: "right", conditions: { ...conditions, ...counts } });
    else say(`  ${name.padEnd(40)} ${Object.values(counts).map(({ right, of }) => `${String(right).padStart(4)} of ${of}`).join("  ")}`);
  }
}

/** Prints how often the chosen rank is right on the other half, by kind of model. */
export function reportGuesses(guesses, weight, knowledge, conditions) {
  for (const kind of ["all", "fine-tune", "checkpoint", "rounded"]) {
    const some = guesses.filter((guess) => kind === "all" || guess.kind === kind);
    const counts = { first: count(some, byWeight(weight), first), direct: count(some, byWeight(weight), direct), three: count(some, byWeight(weight), three) };
    for (const [place, entry] of Object.entries(counts)) {
      const { right, of, share, interval } = rightRate(entry);
      const name = `guess right, ${place}, ${kind}, ${knowledge}`;
      if (json) report({ bench: "relatives", case: name, ours: 100 * share, peer: null, peer_name: null, unit: "%", conditions: { ...conditions, right, of, interval } });
      else say(`${name.padEnd(52)} ${String(right).padStart(4)} of ${String(of).padStart(4)}  ${(100 * share).toFixed(1).padStart(5)} %  (${(100 * interval.low).toFixed(1)} to ${(100 * interval.high).toFixed(1)})`);
    }
  }
}
