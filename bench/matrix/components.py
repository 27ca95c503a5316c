"""Principal components by numpy (eigenvectors of the Gram matrix) and scikit-learn (Lanczos, ARPACK)."""
import numpy as np
from sklearn.decomposition import PCA


def read(parameters):
    rows, columns = parameters["rows"], parameters["columns"]
    return np.fromfile(parameters["path"], dtype=np.float64, count=rows * columns).reshape(rows, columns)


def numpy_gram(parameters):
    matrix = read(parameters)

    def work():
        centred = matrix - matrix.mean(axis=0)
        values, vectors = np.linalg.eigh(centred @ centred.T)
        return vectors[:, -2:] * np.sqrt(values[-2:])

    return work


def sklearn_arpack(parameters):
    matrix = read(parameters)
    return lambda: PCA(n_components=2, svd_solver="arpack", random_state=0).fit_transform(matrix)


def scaling_eigh(parameters):
    matrix = read(parameters)
    norms = np.einsum("ij,ij->i", matrix, matrix)
    distances = norms[:, None] + norms - 2 * matrix @ matrix.T

    def work():
        centred = distances - distances.mean(axis=0)
        values, vectors = np.linalg.eigh(-0.5 * (centred - centred.mean(axis=1, keepdims=True)))
        return vectors[:, -2:] * np.sqrt(values[-2:])

    return work
