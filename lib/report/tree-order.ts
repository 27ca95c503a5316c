/** An order of the models in which near ones stand beside each other: the leaves of their tree. */
import type { ReportTree } from "./report-data.js";

/**
 * Of the two branches of a merge, each is turned so that the ends that meet are the nearest.
 * @param count number of models
 * @param kl divergence of two models; in any monotonous measure
 */
export function treeOrder(count: number, { children }: Pick<ReportTree, "children">, kl: (i: number, j: number) => number): Int32Array {
  const leaves: number[][] = Array.from({ length: count }, (_, model) => [model]);
  for (let merge = 0; merge < count - 1; merge++) {
    const [a, b] = [children[2 * merge] ?? 0, children[2 * merge + 1] ?? 0];
    leaves.push(joinNearestEnds(leaves[a] ?? [], leaves[b] ?? [], kl));
    // Each branch is joined once.
    leaves[a] = leaves[b] = [];
  }
  return Int32Array.from(leaves.at(-1) ?? []);
}

function joinNearestEnds(left: number[], right: number[], kl: (i: number, j: number) => number): number[] {
  const gap = (leftEnd: number | undefined, rightEnd: number | undefined): number => kl(leftEnd ?? 0, rightEnd ?? 0);
  const [l, r] = [left.at(-1), right.at(-1)];
  const choices = [
    { turned: [false, false], gap: gap(l, right[0]) },
    { turned: [false, true], gap: gap(l, r) },
    { turned: [true, false], gap: gap(left[0], right[0]) },
    { turned: [true, true], gap: gap(left[0], r) },
  ];
  const best = choices.reduce((least, choice) => (choice.gap < least.gap ? choice : least));
  return [...(best.turned[0] ? left.toReversed() : left), ...(best.turned[1] ? right.toReversed() : right)];
}
