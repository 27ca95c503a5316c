"""Writes test/fixtures/reference/matrix.json: the matrix functions by numpy and scipy, for test/numeric/matrix.test.ts.

Usage: /usr/bin/python3 scripts/reference/matrix.py
"""
import json
import pathlib

import numpy as np
from scipy.spatial.distance import cdist

rows, columns = 24, 160
i, s = np.meshgrid(np.arange(rows, dtype=np.int64), np.arange(columns, dtype=np.int64), indexing="ij")
noise = (i * 7919 + s * 104729 + i * s * (i + 3 * s + 1) * 97) % 10007
# The same formula, in exact integers up to the last step, is in the test.
matrix = -1000 - 10.0 * (s * 37 % 101) - 3.0 * (i % 7) + 20.0 * noise / 10007
weights = 1.0 + np.arange(columns) % 5

clipped = np.maximum(matrix, np.quantile(matrix, 0.02))
xi = clipped - clipped.mean(axis=1, keepdims=True)
centred = xi - xi.mean(axis=0)
xi_weighted = matrix - (matrix @ weights / weights.sum())[:, None]
weighted = xi_weighted - xi_weighted.mean(axis=0)
distances = cdist(centred, centred, "sqeuclidean")


def leading(gram, components):
    """Eigenvalues (all, descending) and scaled eigenvectors, the entry of largest magnitude positive."""
    values, vectors = np.linalg.eigh(gram)
    values, vectors = values[::-1], vectors[:, ::-1][:, :components]
    vectors = vectors * np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(components)])
    return values, vectors * np.sqrt(np.maximum(values[:components], 0))


def scaling(squared):
    centring = np.eye(len(squared)) - 1 / len(squared)
    values, coordinates = leading(-0.5 * centring @ squared @ centring, 3)
    return {"eigenvalues": values[:3].tolist(), "coordinates": coordinates.ravel().tolist(), "positiveSum": values[values > 0].sum()}


left, singular, _ = np.linalg.svd(matrix - matrix.mean(axis=0), full_matrices=False)
scores = left[:, :3] * singular[:3]
scores *= np.sign(scores[np.abs(scores).argmax(axis=0), np.arange(3)])

tall = matrix.T - matrix.T.mean(axis=0)
tall_left, tall_singular, _ = np.linalg.svd(tall, full_matrices=False)
tall_scores = tall_left[:, :2] * tall_singular[:2]
tall_scores *= np.sign(tall_scores[np.abs(tall_scores).argmax(axis=0), np.arange(2)])

neighbours = np.argsort(np.where(np.eye(rows) > 0, np.inf, distances), axis=1, kind="stable")[:, :4]

reference = {
    "quantiles": {str(q): np.quantile(matrix, q) for q in (0, 0.02, 0.3, 0.5, 0.977, 1)},
    "clipped": int((matrix < np.quantile(matrix, 0.02)).sum()),
    "centredRow5": centred[5].tolist(),
    "weightedRow7": weighted[7].tolist(),
    "distances": distances.ravel().tolist(),
    "neighbours": neighbours.ravel().tolist(),
    "components": {
        "scores": scores.ravel().tolist(),
        "eigenvalues": (singular[:3] ** 2).tolist(),
        "explained": (singular[:3] ** 2 / (singular**2).sum()).tolist(),
    },
    "tallComponents": {"scores": tall_scores.ravel().tolist(), "eigenvalues": (tall_singular[:2] ** 2).tolist()},
    "scaling": scaling(distances),
    # Not distances of points in any space: negative eigenvalues.
    "broken": scaling(distances**1.5 / distances.max() ** 0.5),
}
path = pathlib.Path(__file__).parents[2] / "test" / "fixtures" / "reference" / "matrix.json"
path.write_text(json.dumps(reference) + "\n")
