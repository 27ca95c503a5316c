/** The methods of the map, and for how many models each is of use. */
import { LlmapError } from "../errors.js";

/**
 * mds: classical multidimensional scaling of sqrt(KL); pca: principal components of Q. For double-centred Q both are one picture, in
 * units of sqrt(bits/byte) and of nats. tsne and umap: who is near to whom, at distances that cannot be read.
 */
export const mapMethods = ["mds", "pca", "tsne", "umap"] as const;
/** How models are placed on a map (docs/method.md). */
export type MapMethod = (typeof mapMethods)[number];

/** Affinities of t-SNE from squared distances, or from their squares as scikit-learn's metric="sqeuclidean" makes them. */
export const tsneMetrics = ["euclidean", "squared-euclidean"] as const;
export type TsneMetric = (typeof tsneMetrics)[number];

/** With fewer models t-SNE means nothing (docs/method.md). */
export const fewestTsneModels = 50;
/** The affinities of t-SNE take K x K float32. */
const mostTsneModels = 10_000;

/** The methods that `auto` stands for: t-SNE with a map by MDS beside it, whose distances can be read, or MDS alone. */
export function automaticMethods(models: number): readonly MapMethod[] {
  return models >= fewestTsneModels && models <= mostTsneModels ? ["tsne", "mds"] : ["mds"];
}

/** Below that neighbours say nothing that the distances do not. */
const fewestEmbedded = 4;

/** Errors: ERR_USAGE where a method cannot be used for so many models. */
export function requireMethod(method: MapMethod, models: number): void {
  if (method !== "tsne" && method !== "umap") return;
  const name = method === "tsne" ? "t-SNE" : "UMAP";
  if (models < fewestEmbedded) throw new LlmapError("ERR_USAGE", `${name} needs at least ${fewestEmbedded} models but there are ${models}. Use --map mds.`);
  if (method === "umap" || models <= mostTsneModels) return;
  throw new LlmapError(
    "ERR_USAGE",
    `t-SNE takes at most ${mostTsneModels} models, since its memory grows with their square, but there are ${models}. Use --map mds or --map umap.`,
  );
}
