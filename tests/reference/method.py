"""The method written out by its formulas, in float64 and plain numpy: slow, and independent of the engine.

Each function follows one numbered section of the method's description; the Hankel matrix is formed. A layer is
(weight, bias, activation), arrays are (samples, features), paths are (samples, steps + 1, states).
"""

from math import erf, sqrt

import numpy as np

SINGLE = float(np.finfo(np.float32).eps)
"""Rounding of networks and their inputs, which are float32."""

ACTIVATIONS = {
    "relu": lambda z: np.maximum(z, 0.0),
    "gelu": lambda z: 0.5 * z * (1.0 + np.vectorize(erf)(z / sqrt(2.0))),
    "tanh": np.tanh,
    "identity": lambda z: z,
}


# 1. A layer as a dynamical system


def pad(x, states, value):
    """Append `value` until there are `states` entries."""
    return np.concatenate([x, np.full((len(x), states - x.shape[1]), float(value))], axis=1)


def apply_layer(layer, x):
    """Return act(W x + b)."""
    weight, bias, activation = layer
    return ACTIVATIONS[activation](x @ weight.T + bias)


def states_of(layer):
    """Return d = max(n, m)."""
    return max(layer[0].shape)


# 2. Layer scaling


def homotopy(layer, x, steps, value=-1.0):
    """Blend identity and affine operation, then identity and activation; appended entries skip the activation."""
    weight, bias, activation = layer
    d, outputs = states_of(layer), len(weight)
    path = []
    for k in range(steps + 1):
        s = k / steps
        z = (1 - s) * pad(x, d, value) + s * pad(x @ weight.T + bias, d, value)
        acted = np.concatenate([ACTIVATIONS[activation](z[:, :outputs]), z[:, outputs:]], axis=1)
        path.append((1 - s) * z + s * acted)
    return np.stack(path, axis=1)


def linear(layer, x, steps, value=-1.0):
    """Go straight from the padded input to the padded output."""
    start, end = (pad(x, states_of(layer), value), pad(apply_layer(layer, x), states_of(layer), value))
    return np.stack([(1 - k / steps) * start + k / steps * end for k in range(steps + 1)], axis=1)


SCALINGS = {"homotopy": homotopy, "linear": linear}


# 3. Delay coordinates


def delay_vectors(paths, delays):
    """Return z[k] = (x[k], ..., x[k+h-1]) of every path, (samples, steps - delays + 2, delays * states)."""
    count = paths.shape[1] - delays + 1
    return np.stack([np.concatenate([paths[:, k + j] for j in range(delays)], axis=1) for k in range(count)], axis=1)


def hankel_pair(paths, delays):
    """Return Z and Z' with one snapshot per column; no pair crosses paths."""
    z = delay_vectors(paths, delays)
    features = z.shape[2]
    return z[:, :-1].reshape(-1, features).T, z[:, 1:].reshape(-1, features).T


# 4. DMD


def dmd(paths, delays, rank, cutoff=10 * SINGLE):
    """Return A_r, U_r and the singular values; a rank above the numerical one is lowered to it."""
    before, after = hankel_pair(paths, delays)
    u, s, vh = np.linalg.svd(before, full_matrices=False)
    r = min(rank, int(np.sum(s > cutoff * s[0])))
    matrix = u[:, :r].T @ after @ vh[:r].T / s[:r]
    return matrix, u[:, :r], s


def spectrum(paths, delays, rank):
    """Return the eigenvalues of A_r."""
    return np.linalg.eigvals(dmd(paths, delays, rank)[0])


# 5. The hybrid network


def hybrid_layer(layer, fitted_to, steps, delays, rank, scaling="homotopy", value=-1.0):
    """Return the function that replaces the layer, and A_r, fitted to the layer's inputs `fitted_to`."""
    matrix, basis, _ = dmd(SCALINGS[scaling](layer, fitted_to, steps, value), delays, rank)
    power = np.linalg.matrix_power(matrix, steps - delays + 1)
    d, outputs = states_of(layer), len(layer[0])

    def replaced(x):
        lifted = delay_vectors(SCALINGS[scaling](layer, x, steps, value), delays)[:, 0]
        later = (basis @ power @ basis.T @ lifted.T).T
        return later[:, (delays - 1) * d :][:, :outputs]

    return replaced, matrix


def mean_baseline(layer, fitted_to):
    """Return the function that returns the layer's mean output."""
    mean = apply_layer(layer, fitted_to).mean(axis=0)
    return lambda x: np.repeat(mean[None], len(x), axis=0)


def identity_baseline(layer, value=-1.0):
    """Return the function that returns the padded input, cut to the number of outputs."""
    return lambda x: pad(x, states_of(layer), value)[:, : len(layer[0])]


def ridge(x, y, relative):
    """Return the function fitted by least squares with a ridge, from augmented rows without a Gram matrix.

    The ridge is relative to the mean diagonal of the centred Gram matrix of the features.
    """
    centre, mean, features = x.mean(axis=0), y.mean(axis=0), x.shape[1]
    amount = relative * np.sum((x - centre) ** 2) / features
    rows = np.concatenate([x - centre, np.sqrt(amount) * np.eye(features)])
    wanted = np.concatenate([y - mean, np.zeros((features, y.shape[1]))])
    weights = np.linalg.lstsq(rows, wanted, rcond=None)[0]
    return lambda new: mean + (new - centre) @ weights


RIDGES = 10.0 ** np.arange(2, -13, -1)


def chosen_ridge(x, y, fitting, judging):
    """Return the smallest ridge, of all decades, whose map fitted to some samples does as well as the best on others.

    As well: within one standard error of the paired difference of squared errors, like all ridges between them.
    """
    errors = [np.sum((ridge(x[fitting], y[fitting], one)(x[judging]) - y[judging]) ** 2, axis=1) for one in RIDGES]
    best = chosen = int(np.argmin([np.sum(one) for one in errors]))
    for index in range(best + 1, len(RIDGES)):
        worse = errors[index] - errors[best]
        if np.mean(worse) > np.std(worse, ddof=1) / np.sqrt(len(worse)):
            break
        chosen = index
    return RIDGES[chosen]


def affine_baseline(layer, fitted_to, fitting, judging):
    """Return the affine map from the layer's input to its output, with the ridge chosen on held-out samples."""
    y = apply_layer(layer, fitted_to)
    return ridge(fitted_to, y, chosen_ridge(fitted_to, y, fitting, judging))


def lift_affine_baseline(layer, fitted_to, fitting, judging, steps, delays):
    """Return the affine map from the hybrid's delay vector z[0] to the layer's output."""

    def lifted(x):
        return delay_vectors(homotopy(layer, x, steps), delays)[:, 0]

    x, y = lifted(fitted_to), apply_layer(layer, fitted_to)
    found = ridge(x, y, chosen_ridge(x, y, fitting, judging))
    return lambda new: found(lifted(new))


def run(layers, x, replacements=None):
    """Return the network's outputs with some layers (by index) replaced."""
    for place, layer in enumerate(layers):
        x = replacements[place](x) if replacements and place in replacements else apply_layer(layer, x)
    return x


def replaced_in_order(layers, places, fitted_to, make):
    """Return the replacements by index, each made by `make(layer, inputs)` for the outputs of those before it."""
    replacements = {}
    for place in sorted(places):
        replacements[place] = make(layers[place], run(layers[:place], fitted_to, replacements))
    return replacements


def accuracy(outputs, labels):
    """Return the share of samples whose largest output is the label's."""
    return float(np.mean(outputs.argmax(axis=1) == labels))


def output_error(outputs, original):
    """Return the relative Frobenius error."""
    return float(np.linalg.norm(outputs - original) / np.linalg.norm(original))
