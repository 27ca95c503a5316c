"""Ridge regression by scikit-learn with fixed folds, for test/numeric/predict.test.ts: chosen penalties, predictions and correlations.

python3 scripts/reference/predict.py > test/fixtures/reference/predict.json
"""
import json

import numpy as np
from scipy.stats import pearsonr, spearmanr
from sklearn.linear_model import RidgeCV

K, N, FOLDS = 50, 80, 5
i, s = np.meshgrid(np.arange(K), np.arange(N), indexing="ij")
# The test computes the same values from the same formula.
L = -100 - 20 * np.sin(1.7 * i + 0.3 * s * s) - 3 * i - (s % 7) * np.cos(i * s) - 15 * np.sin(0.9 * i) * np.cos(2.1 * s)
xi = L - L.mean(axis=1, keepdims=True)
Q = xi - xi.mean(axis=0)
models = np.arange(K)
labels = 50 + 10 * np.sin(0.9 * models) + 4 * np.cos(1.7 * models) + 3 * np.sin(models * models)
alphas = [10.0**power for power in range(1, 10)]
outer = (7 * models + models // 10) % FOLDS  # fold of each model


def inner_folds(training):
    """Fold of each training model: equally large ones, so that the mean over folds of a mean squared error is the mean over models."""
    return (3 * np.arange(len(training)) + np.arange(len(training)) // FOLDS) % FOLDS


def fits(scoring):
    found = []
    for fold in range(FOLDS):
        training, test = models[outer != fold], models[outer == fold]
        inner = inner_folds(training)
        cv = [(np.flatnonzero(inner != f), np.flatnonzero(inner == f)) for f in range(FOLDS)]
        ridge = RidgeCV(alphas=alphas, cv=cv, scoring=scoring).fit(Q[training], labels[training])
        found.append({"alpha": ridge.alpha_, "predictions": ridge.predict(Q[test]).round(10).tolist()})
    return found


def correlations(found):
    predicted = np.zeros(K)
    for fold, fit in enumerate(found):
        predicted[outer == fold] = fit["predictions"]
    return {"pearson": pearsonr(labels, predicted)[0].round(12), "spearman": spearmanr(labels, predicted)[0].round(12)}


lowest_error, highest_r2 = fits("neg_mean_squared_error"), fits(None)
ties = (models % 5).astype(float)
print(
    json.dumps(
        {
            "K": K,
            "N": N,
            "folds": FOLDS,
            "lowest-error": lowest_error,
            "highest-r2": highest_r2,
            "correlations": correlations(lowest_error),
            "spearmanWithTies": spearmanr(labels, ties)[0].round(12),
        }
    )
)
