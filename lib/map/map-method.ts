/**
 * mds: classical multidimensional scaling of sqrt(KL); pca: principal components of Q. For double-centred Q both are one picture, in
 * units of sqrt(bits/byte) and of nats. tsne and umap: who is near to whom, at distances that cannot be read.
 */
export const mapMethods = ["mds", "pca", "tsne", "umap"] as const;
export type MapMethod = (typeof mapMethods)[number];

/** Affinities of t-SNE from squared distances, or from their squares as scikit-learn's metric="sqeuclidean" makes them. */
export const tsneMetrics = ["euclidean", "squared-euclidean"] as const;
export type TsneMetric = (typeof tsneMetrics)[number];

/** With fewer models t-SNE means nothing (docs/method.md). */
export const fewestTsneModels = 50;
/** The affinities of t-SNE take K x K float32. */
export const mostTsneModels = 10_000;

/** The methods that `auto` stands for: t-SNE with a map by MDS beside it, whose distances can be read, or MDS alone. */
export function automaticMethods(models: number): readonly MapMethod[] {
  return models >= fewestTsneModels && models <= mostTsneModels ? ["tsne", "mds"] : ["mds"];
}
