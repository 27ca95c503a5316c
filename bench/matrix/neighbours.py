"""Nearest neighbours by scikit-learn's brute force."""
import numpy as np
from sklearn.neighbors import NearestNeighbors


def brute_force(parameters):
    rows, columns = parameters["rows"], parameters["columns"]
    matrix = np.fromfile(parameters["path"], dtype=np.float64, count=rows * columns).reshape(rows, columns)
    return lambda: NearestNeighbors(algorithm="brute").fit(matrix).kneighbors(n_neighbors=parameters["neighbours"])
