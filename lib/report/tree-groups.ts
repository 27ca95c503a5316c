/** A tree cut to as many branches as a picture has rows for. */
import { modelsBelow } from "./chart/dendrogram.js";
import type { ReportTree } from "./report-data.js";

export interface TreeGroup {
  /** In the order of the tree; one model, or those that a merge below the cut has joined. */
  models: number[];
  /** Of that merge; 0 for one model. */
  height: number;
}

export interface GroupedTree {
  /** From top to bottom. */
  groups: TreeGroup[];
  /** Over the groups in place of models. */
  tree: ReportTree;
}

/**
 * The highest `most` - 1 merges stay as they are; what hangs below is a group.
 * @param order of the models, by {@link treeOrder}
 */
export function groupedTree(tree: ReportTree, order: Int32Array, most: number): GroupedTree {
  const count = order.length;
  const firstOpen = Math.max(0, count - most); // merges from this one on stay
  const placeOf = new Int32Array(count);
  order.forEach((model, place) => (placeOf[model] = place));
  const found: (TreeGroup & { node: number })[] = [];
  for (let merge = firstOpen; merge < count - 1; merge++) {
    for (const node of tree.children.subarray(2 * merge, 2 * merge + 2)) {
      if (node >= count + firstOpen) continue;
      const models = node < count ? [node] : modelsBelow(tree, count, node - count).sort((a, b) => (placeOf[a] ?? 0) - (placeOf[b] ?? 0));
      found.push({ node, models, height: node < count ? 0 : (tree.heights[node - count] ?? 0) });
    }
  }
  found.sort((a, b) => (placeOf[a.models[0] ?? 0] ?? 0) - (placeOf[b.models[0] ?? 0] ?? 0));
  const groupOf = new Map(found.map(({ node }, group) => [node, group]));
  const children = tree.children.slice(2 * firstOpen).map((node) => groupOf.get(node) ?? found.length + (node - count - firstOpen));
  return { groups: found.map(({ models, height }) => ({ models, height })), tree: { linkage: tree.linkage, children, heights: tree.heights.slice(firstOpen) } };
}

/** The model of a group that is nearest to its others. @param kl K x K */
export function middleModel(models: readonly number[], kl: Float64Array, count: number): number {
  let [best, least] = [models[0] ?? 0, Infinity];
  for (const model of models) {
    let sum = 0;
    for (const other of models) sum += kl[model * count + other] ?? NaN;
    if (sum < least) [best, least] = [model, sum];
  }
  return best;
}
