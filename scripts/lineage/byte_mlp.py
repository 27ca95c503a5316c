"""A tiny language model over bytes, after Bengio et al. 2003 ("A neural probabilistic language model"): embeddings of the last C bytes, one hidden layer,
a softmax over the 256 bytes. Forward, backward and Adam in float32 numpy.
"""
import numpy as np

EMBEDDING = 16
BYTES = 256


def new_model(rng, context, hidden):
    """Weights by name. context: bytes that the model sees; hidden: width of the hidden layer."""
    inputs = context * EMBEDDING
    weights = {
        "embedding": rng.normal(0, 0.5, (BYTES, EMBEDDING)),
        "w1": rng.normal(0, inputs**-0.5, (inputs, hidden)),
        "b1": np.zeros(hidden),
        "w2": rng.normal(0, hidden**-0.5, (hidden, BYTES)),
        "b2": np.zeros(BYTES),
    }
    return {name: value.astype(np.float32) for name, value in weights.items()}


def context_of(weights):
    return weights["w1"].shape[0] // EMBEDDING


def windows(text, context):
    """(positions x context) bytes before each byte of the text, byte 0 standing before its beginning; and the bytes themselves."""
    padded = np.concatenate([np.zeros(context, np.uint8), np.frombuffer(text, np.uint8)])
    return np.lib.stride_tricks.sliding_window_view(padded, context)[:-1], padded[context:]


def forward(weights, inputs):
    embedded = weights["embedding"][inputs].reshape(len(inputs), -1)
    hidden = np.tanh(embedded @ weights["w1"] + weights["b1"])
    logits = hidden @ weights["w2"] + weights["b2"]
    return embedded, hidden, logits - logits.max(axis=1, keepdims=True)


def log_likelihood(weights, text):
    """Nats, every byte of the text scored."""
    inputs, targets = windows(text, context_of(weights))
    logits = forward(weights, inputs)[2].astype(np.float64)
    return float((logits[np.arange(len(targets)), targets] - np.log(np.exp(logits).sum(axis=1))).sum())


def gradients(weights, inputs, targets):
    embedded, hidden, logits = forward(weights, inputs)
    rows = np.arange(len(targets))
    d_logits = np.exp(logits)
    d_logits /= d_logits.sum(axis=1, keepdims=True)
    d_logits[rows, targets] -= 1
    d_logits /= len(targets)
    d_hidden = (d_logits @ weights["w2"].T) * (1 - hidden * hidden)
    d_embedded = (d_hidden @ weights["w1"].T).reshape(-1, EMBEDDING)
    # Sums by byte; np.add.at does the same, many times slower.
    one_hot = np.zeros((inputs.size, BYTES), np.float32)
    one_hot[np.arange(inputs.size), inputs.reshape(-1)] = 1
    return {
        "embedding": one_hot.T @ d_embedded,
        "w1": embedded.T @ d_hidden,
        "b1": d_hidden.sum(axis=0),
        "w2": hidden.T @ d_logits,
        "b2": d_logits.sum(axis=0),
    }


def train(weights, mixture, steps, rate, rng, batch=256, keep=()):
    """
    Trains a copy with Adam, the rate falling linearly to a tenth. Returns the last weights, and those after each step of `keep`.
    mixture: (share, texts) of each source; every byte of a source is as likely to be drawn.
    """
    weights = {name: value.copy() for name, value in weights.items()}
    parts = [[np.concatenate(part) for part in zip(*(windows(text, context_of(weights)) for text in texts))] for _, texts in mixture]
    inputs, targets = (np.concatenate(part) for part in zip(*parts))
    lengths = np.array([len(part) for _, part in parts])
    starts = np.cumsum(lengths) - lengths
    shares = np.array([share for share, _ in mixture]) / sum(share for share, _ in mixture)
    mean = {name: np.zeros_like(value) for name, value in weights.items()}
    square = {name: np.zeros_like(value) for name, value in weights.items()}
    kept = []
    for step in range(1, steps + 1):
        source = rng.choice(len(parts), batch, p=shares)
        chosen = starts[source] + rng.integers(0, lengths[source])
        now = rate * (1 - 0.9 * step / steps)
        for name, gradient in gradients(weights, inputs[chosen], targets[chosen]).items():
            mean[name] += 0.1 * (gradient - mean[name])
            square[name] += 0.001 * (gradient * gradient - square[name])
            size = np.sqrt(square[name] / (1 - 0.999**step)) + 1e-8
            weights[name] -= (now / (1 - 0.9**step) / size * mean[name]).astype(np.float32)
        if step in keep:
            kept.append({name: value.copy() for name, value in weights.items()})
    return weights, kept


def rounded(weights, bits, block=32):
    """Weights rounded as GGUF's simplest quants do it: blocks of 32 with one scale each, 2^(bits-1) - 1 steps to either side. Biases stay."""
    out = {}
    for name, value in weights.items():
        if value.ndim == 1:
            out[name] = value
            continue
        blocks = value.reshape(-1, block)
        scale = np.abs(blocks).max(axis=1, keepdims=True) / (2 ** (bits - 1) - 1)
        scale[scale == 0] = 1
        out[name] = (np.round(blocks / scale) * scale).reshape(value.shape).astype(np.float32)
    return out


def averaged(models, shares):
    """Weight average: a merge of models of one base."""
    return {name: sum(share * model[name] for model, share in zip(models, shares)).astype(np.float32) for name in models[0]}
