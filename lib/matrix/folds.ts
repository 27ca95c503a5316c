/** Folds of a cross-validation: which part of the models is held out when. */
import { randomOrder } from "../random.js";

/** Consecutive folds; the first ones have one item more where the number does not divide. @returns the fold of each item, 0 to folds - 1 */
export function consecutiveFolds(count: number, folds: number): Int32Array {
  const [size, more] = [Math.floor(count / folds), count % folds];
  const ofLarger = more * (size + 1);
  return Int32Array.from({ length: count }, (_, i) => (i < ofLarger ? Math.floor(i / (size + 1)) : more + Math.floor((i - ofLarger) / size)));
}

/** Folds of the same sizes, each division of the items equally likely. */
export function shuffledFolds(count: number, folds: number, random: () => number): Int32Array {
  const order = randomOrder(random, count);
  const folded = new Int32Array(count);
  consecutiveFolds(count, folds).forEach((fold, i) => (folded[order[i] ?? 0] = fold));
  return folded;
}

/**
 * Folds that keep groups together: in random order each group joins the fold that has the fewest items by then, so folds come out about equally large, and
 * none is empty where there are as many groups as folds.
 * @param groups name of the group of each item
 */
export function groupedFolds(groups: readonly string[], folds: number, random: () => number): Int32Array {
  const sizes = new Map<string, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const names = [...sizes.keys()];
  const filled = new Array<number>(folds).fill(0);
  const foldOf = new Map<string, number>();
  for (const index of randomOrder(random, names.length)) {
    const name = names[index] ?? "";
    const fold = filled.indexOf(Math.min(...filled));
    foldOf.set(name, fold);
    filled[fold] = (filled[fold] ?? 0) + (sizes.get(name) ?? 0);
  }
  return Int32Array.from(groups, (group) => foldOf.get(group) ?? 0);
}
