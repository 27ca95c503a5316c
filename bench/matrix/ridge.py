"""Ridge regression by scikit-learn: RidgeCV over given inner folds, for each outer fold. Its value is the largest difference between its predictions and
those in the file of folds, in standard deviations of the labels; infinite where another penalty was chosen."""
import json

import numpy as np
from sklearn.linear_model import RidgeCV


def ridge_cv(parameters):
    rows, columns = parameters["rows"], parameters["columns"]
    matrix = np.fromfile(parameters["path"], dtype=np.float64, count=rows * columns).reshape(rows, columns)
    with open(parameters["folds"]) as file:
        given = json.load(file)
    labels = np.array(given["labels"])
    alphas = [10.0**power for power in range(1, 10)]

    def work():
        worst = 0.0
        for fit, ours in zip(given["fits"], given["ours"]):
            training = np.array(fit["training"])
            position = np.full(rows, -1)
            position[training] = np.arange(len(training))
            cv = [(position[inner["training"]], position[inner["test"]]) for inner in fit["inner"]]
            ridge = RidgeCV(alphas=alphas, cv=cv).fit(matrix[training], labels[training])
            predicted = ridge.predict(matrix[fit["test"]])
            difference = np.abs(predicted - ours["predictions"]).max() if ridge.alpha_ == ours["alpha"] else np.inf
            worst = max(worst, float(difference))
        return worst / float(labels.std())

    return work
