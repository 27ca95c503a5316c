/** How texts are resampled, and what the estimates are made with. */

/**
 * ls: in proportion to the summed squares of a text's column of Q, which is its part of all squared distances.
 * kl: in proportion to the root of the sum, over all pairs of models, of (q_i - q_j)^4, which makes the summed variance of the squared distances
 * least.
 * uniform: all texts alike.
 */
export const resamplingMethods = ["ls", "kl", "uniform"] as const;
export type ResamplingMethod = (typeof resamplingMethods)[number];

/**
 * Which row means the estimate takes off. weighted: those of the drawn texts, weighted by w^2, which are all that is known of a model
 * scored on them alone; squared distances then come out too small by a share in proportion to 1/n. full: those of all texts; no bias.
 */
export const rowMeansChoices = ["weighted", "full"] as const;
export type RowMeans = (typeof rowMeansChoices)[number];
