"""The pipeline from L to KL in numpy, and the one product that no implementation can do without."""
import numpy as np
from scipy.linalg.blas import dsyrk

cache = {}


def read(parameters):
    rows, columns = parameters["rows"], parameters["columns"]
    return np.fromfile(parameters["path"], dtype=np.float64, count=rows * columns).reshape(rows, columns)


def data(parameters):
    key = (parameters["path"], parameters["rows"])
    if key not in cache:
        cache.clear()
        cache[key] = read(parameters)
    return cache[key]


def single_dsyrk(parameters):
    matrix = data(parameters)
    rows = matrix.shape[0]
    out = np.zeros((rows, rows), order="F")
    return lambda: dsyrk(1.0, matrix.T, trans=1, c=out, overwrite_c=1)


def in_place(matrix):
    """As little memory and as few passes as numpy allows."""
    threshold = np.quantile(matrix, 0.02)
    np.maximum(matrix, threshold, out=matrix)
    matrix -= matrix.mean(axis=1, keepdims=True)
    matrix -= matrix.mean(axis=0)
    norms = np.einsum("ij,ij->i", matrix, matrix)
    kl = matrix @ matrix.T
    kl *= -2
    kl += norms[:, None]
    kl += norms
    np.maximum(kl, 0, out=kl)
    np.fill_diagonal(kl, 0)
    kl *= 1 / (2 * matrix.shape[1] * 700 * np.log(2))
    return kl


def plain(matrix):
    """As the formulas are usually written."""
    matrix = np.maximum(matrix, np.quantile(matrix, 0.02))
    matrix = matrix - matrix.mean(axis=1, keepdims=True)
    matrix = matrix - matrix.mean(axis=0)
    norms = (matrix**2).sum(axis=1)
    distances = np.maximum(norms[:, None] + norms - 2 * matrix @ matrix.T, 0)
    return distances / (2 * matrix.shape[1] * 700 * np.log(2))


def numpy_in_place(parameters):
    matrix = data(parameters).copy()
    return lambda: in_place(matrix)


def numpy_plain(parameters):
    matrix = data(parameters)
    return lambda: plain(matrix)


def in_place_memory(parameters):
    return lambda: in_place(read(parameters))


def plain_memory(parameters):
    return lambda: plain(read(parameters))
