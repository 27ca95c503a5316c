/** Maps by exact t-SNE (native/core/tsne.h). */
import { LlmapError } from "../errors.js";
import { callAddon, principalCoordinates, type Matrix, type NativeOptions } from "../native/matrix.js";
import { requireMethod, type TsneMetric } from "./map-method.js";
import { defaultSeed, seededRandom } from "../random.js";
import { standardDeviation, startCoordinates } from "./start.js";

/** Options of `tsne`. */
export interface TsneOptions extends NativeOptions {
  /** 2 or 3; default 2. */
  dimensions?: number | undefined;
  /** How many models count as near; at least 1 and below K / 3. Default: 30, or (K - 1) / 3 with fewer than 91 models. */
  perplexity?: number | undefined;
  /** Default euclidean. */
  metric?: TsneMetric | undefined;
  /** Default 1,000. It ends earlier where nothing moves any more. */
  iterations?: number | undefined;
  /** Of the random numbers that fill an axis on which all models lie at one place; default 42. */
  seed?: number | undefined;
  /** K x dimensions, the first axis of a standard deviation of about 1e-4. Default: the principal coordinates on that scale. */
  start?: Float64Array | undefined;
}

/** What `tsne` gives. */
export interface TsneMap {
  /** K x dimensions, row-major, without a unit. */
  coordinates: Float64Array;
  perplexity: number;
  metric: TsneMetric;
  /** Iterations that were run. */
  iterations: number;
  seed: number;
  /** KL divergence of the map from the affinities, nats: what t-SNE makes small. */
  kl: number;
}

const defaultPerplexity = 30;

/**
 * Exact t-SNE of models whose squared distances are given, in any scale: KL divergences are such. The same bits whatever the number of
 * threads. K x K float32 of memory; time grows with K^2.
 * @param squaredDistances K x K, symmetric; not changed
 * Rejects with ERR_USAGE for too few or too many models, or a perplexity that is too large for them; ERR_NUMERIC; ERR_ABORTED.
 */
export async function tsne(squaredDistances: Matrix, options: TsneOptions = {}): Promise<TsneMap> {
  const { dimensions = 2, metric = "euclidean", iterations = 1000, seed = defaultSeed } = options;
  const models = squaredDistances.rows;
  const perplexity = options.perplexity ?? Math.min(defaultPerplexity, (models - 1) / 3);
  requireUsable(models, perplexity);
  const start = options.start ?? (await principalStart(squaredDistances, dimensions, seed, options));
  const { coordinates, kl, iterations: run } = await callAddon(options, (addon, native) =>
    addon.tsne(squaredDistances.values, models, start, { ...native, perplexity, metric, iterations }),
  );
  return { coordinates, perplexity, metric, iterations: run, seed, kl };
}

/** Principal coordinates with a standard deviation of 1e-4 on the first axis, as scikit-learn and openTSNE start. */
async function principalStart(distances: Matrix, dimensions: number, seed: number, options: NativeOptions): Promise<Float64Array> {
  const principal = await principalCoordinates(distances, dimensions, { signal: options.signal, threads: options.threads, euclidean: true });
  return startCoordinates(principal, dimensions, (axis) => standardDeviation(axis) * 1e4, seededRandom(seed));
}

function requireUsable(models: number, perplexity: number): void {
  requireMethod("tsne", models);
  if (perplexity >= 1 && 3 * perplexity < models) return;
  throw new LlmapError(
    "ERR_USAGE",
    `Expected a perplexity (--perplexity) of at least 1 and below ${(models / 3).toFixed(1)}, a third of the ${models} models, but received ` +
      `${perplexity}. Lower it, or use --map mds.`,
  );
}
