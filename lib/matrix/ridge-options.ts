/** What a prediction of scores is made with. */

/** 10^1 to 10^9, as the authors of the method have them (arXiv 2502.16173). */
export const defaultAlphas: readonly number[] = Array.from({ length: 9 }, (_, i) => 10 ** (i + 1));
export const defaultFolds = 5;
export const defaultRepeats = 5;

/**
 * Which inner folds choose the penalty. shuffled: drawn at random, families together where the outer folds keep them together; the lowest squared error of
 * all held-out models. by-name: as the authors did by scikit-learn's RidgeCV: consecutive in the order of names whatever the families; the highest mean R².
 */
export const innerFoldsChoices = ["shuffled", "by-name"] as const;
export type InnerFolds = (typeof innerFoldsChoices)[number];
