"""Text probabilities and resampled squared distances (arXiv 2505.15428) in plain numpy, for test/numeric/resample.test.ts.

python3 scripts/reference/resample.py > test/fixtures/reference/resample.json
"""
import json

import numpy as np

K, N = 5, 40
i, s = np.meshgrid(np.arange(K), np.arange(N), indexing="ij")
# The test computes the same values from the same formula.
L = -100 - 20 * np.sin(1.7 * i + 0.3 * s * s) - 3 * i - (s % 7) * np.cos(i * s)

xi = L - L.mean(axis=1, keepdims=True)
Q = xi - xi.mean(axis=0)
pairs = (Q[:, None, :] - Q[None, :, :])
ls = (Q**2).sum(axis=0)
kl = np.sqrt((pairs**4).sum(axis=(0, 1)))  # by definition, not multiplied out

# One fixed draw: text s is drawn (5 s + 2) mod 4 times.
counts = (5 * np.arange(N) + 2) % 4
n = int(counts.sum())
p = kl / kl.sum()
w2 = counts / (n * p)


def distances(rows):
    return (w2 * (rows[:, None, :] - rows[None, :, :]) ** 2).sum(axis=2)


weighted_means = (w2 * L).sum(axis=1, keepdims=True) / w2.sum()
print(
    json.dumps(
        {
            "K": K,
            "N": N,
            "ls": (ls / ls.sum()).round(12).tolist(),
            "kl": p.round(12).tolist(),
            "scales": np.sqrt(w2[counts > 0]).round(12).tolist(),
            "exact": (pairs**2).sum(axis=2).round(8).tolist(),
            "full": distances(Q).round(8).tolist(),
            "weighted": distances(L - weighted_means).round(8).tolist(),
        }
    )
)
