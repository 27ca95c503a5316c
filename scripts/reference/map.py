"""Reference values of the map: scipy's linkage and cut tree, scikit-learn's silhouettes and t-SNE.

Writes test/fixtures/reference/map.json. Needs numpy, scipy and scikit-learn (made with 1.24, 1.10 and 1.2):
    python3 scripts/reference/map.py
"""
import json
from pathlib import Path

import numpy as np
from scipy.cluster.hierarchy import cut_tree, linkage
from scipy.spatial.distance import pdist, squareform
from sklearn.manifold import TSNE, trustworthiness
from sklearn.metrics import silhouette_score

OUT = Path(__file__).resolve().parents[2] / "test/fixtures/reference/map.json"


def uniform(seed, count):
    """The numbers of lib/random.ts: xoshiro128**, its state filled by splitmix32."""
    word = 0xFFFFFFFF
    state = []
    mixed = seed
    for _ in range(4):
        mixed = (mixed + 0x9E3779B9) & word
        value = ((mixed ^ (mixed >> 16)) * 0x21F0AAAD) & word
        value = ((value ^ (value >> 15)) * 0x735A2D97) & word
        state.append(value ^ (value >> 15))
    rotated = lambda value, bits: ((value << bits) | (value >> (32 - bits))) & word
    values = np.empty(count)
    for i in range(count):
        values[i] = ((rotated((state[1] * 5) & word, 7) * 9) & word) / 2**32
        shifted = (state[1] << 9) & word
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= shifted
        state[3] = rotated(state[3], 11)
    return values


def grouped_points(seed, rows, columns, groups):
    """Uniform points in [-1, 1), group g = row % groups moved by 3 along axis g."""
    points = 2 * uniform(seed, rows * columns).reshape(rows, columns) - 1
    for row in range(rows):
        points[row, row % groups] += 3
    return points


SILHOUETTE_CAP = 4.0
tree_points = grouped_points(1, 60, 6, 4)
all_distances = squareform(pdist(tree_points))
tree_distances = np.minimum(all_distances, SILHOUETTE_CAP)
trees = {}
for method in ["average", "complete", "ward"]:
    merges = linkage(pdist(tree_points), method)
    trees[method] = {
        "clusters": merges[:, :2].astype(int).ravel().tolist(),
        "heights": merges[:, 2].tolist(),
        "cuts": {n: cut_tree(merges, n_clusters=n).ravel().tolist() for n in (2, 4, 9)},
        # Of the cuts into 2 to 12 clusters, distances beyond SILHOUETTE_CAP counting as it.
        "silhouettes": [
            float(silhouette_score(tree_distances, cut_tree(merges, n_clusters=n).ravel(), metric="precomputed"))
            for n in range(2, 13)
        ],
    }

map_points = grouped_points(2, 300, 8, 5)
squared = squareform(pdist(map_points, "sqeuclidean"))
# The start of lib/map/tsne.ts: principal coordinates, the first of standard deviation 1e-4.
left, singular, _ = np.linalg.svd(map_points - map_points.mean(axis=0), full_matrices=False)
start = left[:, :2] * singular[:2]
start *= np.where(np.take_along_axis(start, np.abs(start).argmax(axis=0)[None], 0) < 0, -1, 1)
start *= 1e-4 / start[:, 0].std()
maps = {}
for name, distances in [
    ("euclidean", np.sqrt(squared)),
    ("squared-euclidean", squared),
]:
    # metric="precomputed" is squared inside, as metric="euclidean" and metric="sqeuclidean" are.
    exact = TSNE(2, metric="precomputed", init=start, method="exact", learning_rate="auto", random_state=42)
    embedding = exact.fit_transform(distances)
    tree = TSNE(2, metric="precomputed", init=start, learning_rate="auto", random_state=42)
    tree.fit(distances)
    maps[name] = {
        "exact_kl": float(exact.kl_divergence_),
        "barnes_hut_kl": float(tree.kl_divergence_),
        "trustworthiness": float(trustworthiness(distances, embedding, n_neighbors=10, metric="precomputed")),
    }

others = np.sort(all_distances + np.diag(np.full(60, -1.0)), axis=1)[:, 1:]
# A tenth of the others is farther, for half of the points.
median_reach = float(np.quantile(np.quantile(others, 0.9, axis=1, method="lower"), 0.5, method="lower"))
OUT.write_text(json.dumps({"silhouette_cap": SILHOUETTE_CAP, "median_reach": median_reach, "trees": trees, "maps": maps}) + "\n")
