/** The tree of the models as lines, its leaves at given places. */
import type { ReportTree } from "../report-data.js";

/** A merge of two branches that are both shown. */
export interface Branch {
  /** Number of the merge in the tree. */
  merge: number;
  /** From 0 (leaves) to 1 (the highest merge that is shown). */
  height: number;
  childHeights: [number, number];
  /** Places of the two branches. */
  ends: [number, number];
}

/**
 * @param count number of models
 * @param placeOf a model among the shown ones; null: it is left out, and the tree is that of the others
 */
export function dendrogram({ children, heights }: ReportTree, count: number, placeOf: (model: number) => number | null): Branch[] {
  const places: (number | null)[] = Array.from({ length: count }, (_, model) => placeOf(model));
  const tops = new Float64Array(2 * count - 1);
  const branches: Branch[] = [];
  for (let merge = 0; merge < count - 1; merge++) {
    const [a, b] = [children[2 * merge] ?? 0, children[2 * merge + 1] ?? 0];
    const [placeA, placeB] = [places[a] ?? null, places[b] ?? null];
    const alone = placeA === null ? b : a;
    if (placeA === null || placeB === null) {
      places.push(placeA ?? placeB);
      tops[count + merge] = tops[alone] ?? 0;
      continue;
    }
    const height = heights[merge] ?? 0;
    branches.push({ merge, height, childHeights: [tops[a] ?? 0, tops[b] ?? 0], ends: [placeA, placeB] });
    places.push((placeA + placeB) / 2);
    tops[count + merge] = height;
  }
  const highest = branches.reduce((most, { height }) => Math.max(most, height), 0) || 1;
  return branches.map((branch) => ({
    ...branch,
    height: branch.height / highest,
    childHeights: [branch.childHeights[0] / highest, branch.childHeights[1] / highest],
  }));
}

/** The models below a merge. */
export function modelsBelow({ children }: Pick<ReportTree, "children">, count: number, merge: number): number[] {
  const models: number[] = [];
  const open = [count + merge];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node < count) models.push(node);
    else open.push(children[2 * (node - count)] ?? 0, children[2 * (node - count) + 1] ?? 0);
  }
  return models;
}
