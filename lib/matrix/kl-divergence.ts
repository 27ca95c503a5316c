/**
 * From log-likelihoods to KL divergences between models ("Mapping 1,000+ Language Models via the Log-Likelihood Vector",
 * Oyama et al., ACL 2025): clip, double centring, squared distances. docs/method.md explains each step.
 */
import { squaredDistances, type FloatMatrix, type Matrix, type NativeOptions } from "../native/matrix.js";
import { modelCoordinates } from "./model-coordinates.js";

/** What `klDivergences` gives. */
export interface KlDivergences {
  /** K x K, bits per byte: Var over texts of (L_i - L_j), ddof 0, over 2 B ln 2. Symmetric to the bit, zero diagonal. */
  kl: Matrix;
  /** The one threshold for all entries (nats), the quantile it is, and the share of entries below it. Null with one model. */
  clip: { quantile: number; threshold: number; share: number } | null;
  /** Mean clipped log-likelihood per text of each model, nats. */
  meanLogLikelihood: Float64Array;
}

/**
 * KL in bits per byte of a squared distance between centred log-likelihood vectors: D / (2 N) nats per text,
 * over B ln 2.
 * @param texts N
 * @param meanBytes B, mean UTF-8 bytes of the texts
 */
export function bitsPerBytePerSquaredDistance(texts: number, meanBytes: number): number {
  return 1 / (2 * texts * meanBytes * Math.LN2);
}

/**
 * Clips and centres log-likelihoods, and gives the KL divergences of all pairs.
 * @param L K x N log-likelihoods, nats; clipped and double-centred in place, so that it holds Q afterwards. Float32 halves its memory: its
 *   rounding (6e-8 of a log-likelihood per text) is noise in Q, and sums are in float64
 * @param meanBytes mean UTF-8 bytes of the N texts
 * @param clipQuantile 0.02 in the paper; 0 clips nothing
 */
export async function klDivergences(
  L: FloatMatrix,
  meanBytes: number,
  clipQuantile: number,
  options: NativeOptions = {},
): Promise<KlDivergences> {
  const { threshold, clippedShare, rowMeans } = await modelCoordinates(L, { quantile: clipQuantile }, options);
  const kl = await squaredDistances(L, { ...options, scale: bitsPerBytePerSquaredDistance(L.columns, meanBytes) });
  return {
    kl,
    clip: { quantile: clipQuantile, threshold, share: clippedShare },
    meanLogLikelihood: rowMeans,
  };
}
