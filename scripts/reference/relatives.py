"""Non-negative least squares by scipy, for test/numeric/relatives.test.ts. Writes test/fixtures/reference/relatives.json.

    /usr/bin/python3 scripts/reference/relatives.py
"""
import json
from pathlib import Path

import numpy as np
from scipy.optimize import minimize, nnls

rng = np.random.default_rng(3)
cases = []
for rows, columns in ((12, 1), (12, 3), (40, 8), (60, 30)):
    a = np.round(rng.normal(size=(rows, columns)), 3)
    b = np.round(a @ np.maximum(rng.normal(size=columns), 0) + 0.3 * rng.normal(size=rows), 3)
    cases.append({"a": a.tolist(), "b": b.tolist(), "weights": nnls(a, b)[0].tolist()})

# The convex combination nearest to the origin, by a general solver of constrained problems.
points = np.round(rng.normal(size=(5, 7)) + 0.4, 3)
found = minimize(
    lambda w: ((points.T @ w) ** 2).sum(), np.full(5, 0.2), jac=lambda w: 2 * points @ (points.T @ w), method="SLSQP", bounds=[(0, None)] * 5,
    constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones(5)}, options={"ftol": 1e-15, "maxiter": 500},
)
out = Path(__file__).parents[2] / "test" / "fixtures" / "reference" / "relatives.json"
out.write_text(json.dumps({"nnls": cases, "convex": {"points": points.tolist(), "weights": found.x.tolist()}}) + "\n")
