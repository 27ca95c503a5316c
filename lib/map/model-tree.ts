/** The tree of the models and the clusters cut from it. */
import { LlmapError } from "../errors.js";
import { type Matrix, type NativeOptions } from "../native/matrix.js";
import { findClusters } from "./clusters.js";
import { cutTree, linkage, type LinkageMethod, type Merge } from "./linkage.js";

export interface ModelTree {
  /** K - 1 merges of sqrt(KL), in sqrt(bits/byte). */
  merges: Merge[];
  /** A cluster number from 0 for each model; null where none were asked for and there are fewer than four models. */
  clusters: Int32Array | null;
}

/**
 * @param kl K x K in bits per byte
 * @param clusters how many, or auto: where the mean silhouette is highest
 * Rejects with ERR_USAGE for more clusters than models, ERR_NUMERIC, ERR_ABORTED.
 */
export async function modelTree(
  kl: Matrix,
  { linkage: method, clusters }: { linkage: LinkageMethod; clusters: number | "auto" },
  options: NativeOptions = {},
): Promise<ModelTree> {
  if (clusters !== "auto" && clusters > kl.rows) {
    throw new LlmapError("ERR_USAGE", `Expected at most ${kl.rows} clusters (--clusters), one for each model, but received ${clusters}.`);
  }
  const merges = await linkage(kl, method, { ...options, squared: true });
  return { merges, clusters: clusters === "auto" ? await findClusters(kl, merges, options) : cutTree(merges, kl.rows, clusters) };
}
