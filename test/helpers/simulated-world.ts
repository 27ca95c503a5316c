/**
 * A simulated world of models, in which every KL divergence is known: a Gaussian location family. Texts are points x of R^d, drawn from
 * N(0, I); model i is N(theta_i, I), so that log p_i(x) = <theta_i, x> - |theta_i|^2 / 2 + log of N(x; 0, I), and
 *
 *   KL(p_i, p_j) = |theta_i - theta_j|^2 / 2 = Var over texts of (log p_i - log p_j) / 2        (nats per text)
 *
 * It is the exponential family in which the estimate has no bias; its relative standard deviation over N texts is sqrt(2 / N).
 */
import { normal, randomIndex, seededRandom } from "../../lib/random.js";
import type { ImportedModel } from "../../lib/run/import-scores.js";
import { makeTextSet, type TextSet } from "../../lib/texts/text-set.js";

export interface SimulatedModel extends ImportedModel {
  labels: { family: string; kind: "base" | "fine-tune" | "quantization"; parent: string };
  theta: Float64Array;
}

export interface SimulatedWorld {
  texts: TextSet;
  models: SimulatedModel[];
}

/** Standard deviations of theta along each of the `dimensions` axes, nats: between families, sizes, fine-tunes, quantizations. */
const spreads = { family: 5, size: 2.5, fineTune: 2, quantization: 0.1 };
const sources = ["prose", "code", "news", "talk"];

/**
 * @param models K; families have a base, further sizes, fine-tunes of these and quantizations of both, in turn
 * @param texts N
 */
export function simulatedWorld(options: { models: number; texts: number; families?: number; dimensions?: number; seed?: number }): SimulatedWorld {
  const { models: count, texts: N, families = Math.max(2, Math.round(count / 50)), dimensions = 64, seed = 1 } = options;
  const random = seededRandom(seed);
  const points = Float64Array.from({ length: N * dimensions }, () => normal(random));
  // What all models share: some texts are harder than others, which double centring takes off.
  const difficulty = Float64Array.from({ length: N }, () => -1500 + 200 * normal(random));
  const step = (from: Float64Array, spread: number): Float64Array => from.map((value) => value + spread * normal(random));

  const origin = new Float64Array(dimensions);
  const bases: SimulatedModel[] = [];
  const models: SimulatedModel[] = [];
  const place = (family: string, kind: SimulatedModel["labels"]["kind"], parent: SimulatedModel | null, theta: Float64Array): SimulatedModel => {
    const model: SimulatedModel = {
      name: `${family}-${kind}-${models.length}`,
      labels: { family, kind, parent: parent?.name ?? "" },
      logLikelihood: logLikelihoods(theta, points, difficulty),
      theta,
    };
    models.push(model);
    return model;
  };
  for (let f = 0; f < families && models.length < count; f++) bases.push(place(`family${f}`, "base", null, step(origin, spreads.family)));
  for (let turn = 0; models.length < count; turn++) {
    const base = bases[turn % bases.length];
    if (base === undefined) break;
    const round = Math.floor(turn / bases.length) % 4;
    const kinds = round === 1 ? ["base"] : ["base", "fine-tune"];
    const parents = models.filter(({ labels }) => labels.family === base.labels.family && kinds.includes(labels.kind));
    const parent = parents[randomIndex(random, parents.length)] ?? base;
    if (round === 0) place(base.labels.family, "base", base, step(base.theta, spreads.size));
    else if (round === 1) place(base.labels.family, "fine-tune", parent, step(parent.theta, spreads.fineTune));
    else place(base.labels.family, "quantization", parent, step(parent.theta, spreads.quantization));
  }
  const texts = makeTextSet(
    `simulated-${N}`,
    Array.from({ length: N }, (_, s) => ({ content: `Text ${s} of a simulated world.`.padEnd(972, "."), source: sources[s % sources.length] ?? null, columns: {} })),
  );
  return { texts, models };
}

/** KL divergence of two models of the world, nats per text. */
export function knownKl(a: SimulatedModel, b: SimulatedModel): number {
  return a.theta.reduce((sum, value, k) => sum + (value - (b.theta[k] ?? NaN)) ** 2, 0) / 2;
}

function logLikelihoods(theta: Float64Array, points: Float64Array, difficulty: Float64Array): Float64Array {
  const half = theta.reduce((sum, value) => sum + value * value, 0) / 2;
  return difficulty.map((text, s) => {
    let product = 0;
    for (let k = 0; k < theta.length; k++) product += (theta[k] ?? 0) * (points[s * theta.length + k] ?? 0);
    return text + product - half;
  });
}

/** Adjusted Rand index of two partitions (Hubert and Arabie 1985): 1 where they are equal, about 0 where they are unrelated. */
export function adjustedRandIndex(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  const pairs = (count: number): number => (count * (count - 1)) / 2;
  const counts = (keys: readonly (string | number)[]): number => {
    const sizes = new Map<string | number, number>();
    for (const key of keys) sizes.set(key, (sizes.get(key) ?? 0) + 1);
    return [...sizes.values()].reduce((sum, size) => sum + pairs(size), 0);
  };
  const [inA, inB] = [counts(a), counts(b)];
  const inBoth = counts(a.map((key, i) => JSON.stringify([key, b[i]])));
  const expected = (inA * inB) / pairs(a.length);
  return (inBoth - expected) / ((inA + inB) / 2 - expected);
}
