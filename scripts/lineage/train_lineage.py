"""Trains tiny byte language models whose history is known, and scores them on texts that none of them was trained on: the measure of how often
`relatives` errs (docs/relatives.md). Writes test/fixtures/lineage/models.json. Needs numpy (Debian: python3-numpy), takes a few minutes on two cores.

    OPENBLAS_NUM_THREADS=1 /usr/bin/python3 scripts/lineage/train_lineage.py

Seeds are fixed, but float32 matrix products differ in their last bits between machines, and so do trained models: another machine gives other
log-likelihoods of the same kind.

A family is a base trained from random weights, with its checkpoints; fine-tunes of it towards texts of one or two sources, a fine-tune of a fine-tune; copies
rounded to 8 and 4 bits; and merges, the weight averages of two or three of the fine-tunes. Families come in pairs of one size. Six of the ten pairs have one
recipe and two seeds; in the other pairs both families have texts and shares of the sources of their own.
"""
import base64
import json
import multiprocessing
from pathlib import Path

import numpy as np

from byte_mlp import averaged, log_likelihood, new_model, rounded, train

root = Path(__file__).parents[2]
families = 20
sizes = [(4, 48), (6, 64), (8, 96)]
sources = ["man-en", "man-de", "man-fr", "python", "c", "kjv"]
base_steps, base_rate = 700, 4e-3
tune_steps, tune_rate = 100, 1e-3
# What a fine-tune still sees of the mixture of its base.
rehearsal = 0.5
scored_per_source = 20


def read_lines(path):
    return [json.loads(line) for line in path.read_text("utf8").splitlines()]


def share_passage(one, other, length=40):
    passages = {one[i : i + length] for i in range(len(one) - length + 1)}
    return any(other[i : i + length] in passages for i in range(len(other) - length + 1))


def divided_texts():
    """Positions of the scored texts in demo/texts.jsonl, the last of each source; and the texts to train on, which share no passage with them."""
    demo = read_lines(root / "demo" / "texts.jsonl")
    positions = sorted(i for source in sources for i in [i for i, row in enumerate(demo) if row["source"] == source][-scored_per_source:])
    scored = [demo[i]["text"] for i in positions]
    others = [row for i, row in enumerate(demo) if i not in set(positions)] + read_lines(root / "test" / "fixtures" / "texts-100.jsonl")
    return positions, scored, [row for row in others if not any(share_passage(text, row["text"]) for text in scored)]


def recipe(rng):
    """Shares of the sources, and 70 % of the texts to train on, by source."""
    _, _, rows = divided_texts()
    shares = rng.dirichlet(np.full(len(sources), 4))
    of_source = [[row["text"].encode() for row in rows if row["source"] == source] for source in sources]
    return shares, [[texts[i] for i in rng.permutation(len(texts))[: len(texts) * 7 // 10]] for texts in of_source]


def trained_family(number):
    """The models of one family: facts, parents and weights."""
    rng = np.random.default_rng(1000 + number)
    pair = number // 2
    context, hidden = sizes[pair % len(sizes)]
    shares, texts = recipe(np.random.default_rng(2000 + pair) if pair % 4 < 2 else rng)
    mixture = list(zip(shares, texts))
    models = []

    def place(kind, suffix, weights, parents, bits=32, shares=None, trained_on=None):
        count = sum(value.size for value in weights.values())
        blocks = 0 if bits == 32 else count / 32
        models.append({
            "name": f"family{number:02d}-{suffix}", "family": f"family{number:02d}", "kind": kind, "parents": [model["name"] for model in parents],
            "shares": shares, "trainedOn": trained_on, "parameters": count, "bytes": round(count * bits / 8 + 2 * blocks),
            "quantization": "F32" if bits == 32 else f"{bits} bits", "context": context, "weights": weights,
        })
        return models[-1]

    steps = [base_steps // 2, base_steps * 4 // 5]
    last, kept = train(new_model(rng, context, hidden), mixture, base_steps, base_rate, rng, keep=steps)
    before = []
    for step, weights in zip([*steps, base_steps], [*kept, last]):
        before = [place("base" if step == base_steps else "checkpoint", "base" if step == base_steps else f"step{step}", weights, before)]
    base = before[0]

    def tune(kind, parent, chosen, suffix):
        towards = [((1 - rehearsal) / len(chosen), texts[sources.index(source)]) for source in chosen]
        weights, _ = train(parent["weights"], [(rehearsal * share, known) for share, known in mixture] + towards, tune_steps, tune_rate, rng)
        return place(kind, suffix, weights, [parent], trained_on=chosen)

    order = rng.permutation(sources).tolist()
    tuned = [tune("fine-tune", base, chosen, "ft-" + "+".join(chosen)) for chosen in ([order[0]], [order[1]], [order[2], order[3]], [order[4], order[5]])]
    second = tune("fine-tune", tuned[0], [order[3]], f"ft-{order[0]}-ft-{order[3]}")
    merges = []
    for chosen, shares in (([0, 1], [0.5, 0.5]), ([1, 2], [0.7, 0.3]), ([2, 3], [0.5, 0.5]), ([0, 2, 3], [1 / 3, 1 / 3, 1 / 3])):
        parents = [tuned[i] for i in chosen]
        weights = averaged([model["weights"] for model in parents], shares)
        merges.append(place("merge", "merge-" + "-".join(map(str, chosen)), weights, parents, shares=shares))
    for model, bits in ((base, 8), (base, 4), (tuned[1], 8), (tuned[2], 4), (second, 8), (merges[0], 8)):
        place("quantization", f"{model['name'].split('-', 1)[1]}-{bits}bit", rounded(model["weights"], bits), [model], bits=bits)
    return models


def scored_family(number):
    _, scored, _ = divided_texts()
    models = trained_family(number)
    return [{**model, "weights": None, "scores": [log_likelihood(model["weights"], text.encode()) for text in scored]} for model in models]


if __name__ == "__main__":
    positions, _, _ = divided_texts()
    with multiprocessing.Pool(2) as pool:
        models = [model for family in pool.map(scored_family, range(families), chunksize=1) for model in family]
    scores = np.array([model.pop("scores") for model in models], dtype="<f4")
    for model in models:
        del model["weights"]
    out = root / "test" / "fixtures" / "lineage" / "models.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join("  " + json.dumps(model) for model in models)
    encoded = base64.b64encode(scores.tobytes()).decode()
    out.write_text(f'{{\n"texts": {json.dumps(positions)},\n"models": [\n{lines}\n],\n"logLikelihood": "{encoded}"\n}}\n')
    print(f"{len(models)} models, {len(positions)} texts: {out.relative_to(root)}, {out.stat().st_size / 1000:.0f} kB")
