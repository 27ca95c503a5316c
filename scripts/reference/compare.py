"""Reference values for test/numeric/compare.test.ts, by numpy and scipy: variance, winsorised variance and bootstrap interval of one pair.
Writes test/fixtures/reference/compare.json.

    /usr/bin/python3 scripts/reference/compare.py
"""
import json
from pathlib import Path

import numpy as np
from scipy.stats import norm

rng = np.random.default_rng(7)
N, B, confidence = 60, 40, 0.9
a = np.round(rng.normal(-900, 200, N), 3)
b = np.round(a + rng.normal(5, 12, N) + (rng.random(N) < 0.1) * rng.normal(0, 120, N), 3)
size = rng.integers(300, 1025, N)
counts = np.stack([np.bincount(rng.integers(0, N, N), minlength=N) for _ in range(B)])

d = a - b
kl = d.var() / (2 * size.mean() * np.log(2))

low, high = np.quantile(d, [0.05, 0.95])
z = norm.ppf(0.95)
left = 0.9 - 2 * z * norm.pdf(z) + 2 * 0.05 * z * z
robust = np.clip(d, low, high).var() / left

resampled = []
for c in counts:
    drawn = np.repeat(d, c)
    resampled.append(drawn.var() / (2 * np.repeat(size, c).mean() * np.log(2)))
interval = np.quantile(resampled, [(1 - confidence) / 2, (1 + confidence) / 2])

out = Path(__file__).parents[2] / "test" / "fixtures" / "reference" / "compare.json"
out.write_text(json.dumps({
    "a": a.tolist(), "b": b.tolist(), "bytes": size.tolist(), "counts": counts.tolist(), "confidence": confidence,
    "variance": d.var(), "kl": kl, "robustVariance": robust, "interval": interval.tolist(), "resampled": resampled,
}) + "\n")
