"""The tree by scipy, from condensed distances."""
import functools

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist


@functools.lru_cache(maxsize=1)
def condensed(path, rows, columns):
    return pdist(np.fromfile(path, dtype=np.float64, count=rows * columns).reshape(rows, columns))


def scipy_linkage(parameters):
    distances = condensed(parameters["path"], parameters["rows"], parameters["columns"])
    return lambda: linkage(distances, parameters["method"])
