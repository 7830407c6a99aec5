"""The numbers that a hybrid stands beside, on networks that nothing was tuned on, against plain numpy in float64."""

import numpy as np
import pytest
import torch
from reference import method
from reference.networks import made
from torch import nn

import koopview
from koopview.hybrid.parts import fifth
from koopview.study.samples import fitting_samples
from koopview.trajectory.schedule import path_shares

NAMES = ("moons", "spirals", "quantiles", "blobs", "parity", "shells")
NONLINEAR = {nn.ReLU: lambda z: np.maximum(z, 0), nn.Tanh: np.tanh, nn.SiLU: lambda z: z / (1 + np.exp(-z))}
NONLINEAR[nn.LeakyReLU] = lambda z: np.where(z > 0, z, 0.01 * z)
DELAYS, STEPS, FIT = 4, 20, 1000


def first_layer(network):
    """Return weight, bias and activation of a network's first layer, float64."""
    linear, activation = network[0], network[1]
    weight, bias = (part.detach().double().numpy() for part in (linear.weight, linear.bias))
    return weight, bias, NONLINEAR[type(activation)]


def lifted(network, x, schedule):
    """Return the delay vectors z[0] of a first layer's homotopy path, written out."""
    weight, bias, act = first_layer(network)
    states = max(weight.shape)
    pad = lambda part: np.pad(part, ((0, 0), (0, states - part.shape[1])), constant_values=-1.0)  # noqa: E731
    path = []
    for s in path_shares(schedule, STEPS)[:DELAYS]:
        z = (1 - s) * pad(x) + s * pad(x @ weight.T + bias)
        real = z[:, : len(weight)]
        path.append(np.hstack([(1 - s) * real + s * act(real), z[:, len(weight) :]]))
    return np.hstack(path)


def accuracy_behind(network, outputs, labels):
    """Return the accuracy where these are the first layer's outputs."""
    with torch.no_grad():
        return float((network[2:](torch.as_tensor(outputs).float()).argmax(1).numpy() == labels).mean())


@pytest.mark.parametrize("name", NAMES)
def test_affine_maps_keep_what_an_independent_ridge_keeps(name):
    network, data = made(name)
    result = koopview.Study(network, data).fit("0", delays=DELAYS, samples=FIT).result
    weight, bias, act = first_layer(network)
    x, test = (part.astype(np.float64) for part in (data.x_train[:FIT], data.x_test))
    y = act(x @ weight.T + bias)
    seen_by = {"affine": lambda part: part, "lift_affine": lambda part: lifted(network, part, result.settings.schedule)}
    for control, features in seen_by.items():
        seen = features(x)
        ridge = method.chosen_ridge(seen, y, *(indices.numpy() for indices in fifth(FIT)))
        known = accuracy_behind(network, method.ridge(seen, y, ridge)(features(test)), data.y_test)
        assert result.accuracy[control] == pytest.approx(known, abs=0.01), control


@pytest.mark.parametrize("name", NAMES[:4])
def test_two_delays_of_a_straight_line_give_the_layer_back(name):
    """The control experiment: at the automatic rank, within 0.2 points of the original."""
    study = koopview.Study(*made(name))
    for layer in study.layers:
        result = study.fit(layer.name, scaling="linear", delays=2).result
        assert result.rank == result.numerical_rank
        assert result.hybrid == pytest.approx(result.accuracy["original"], abs=0.002)


def test_unregularised_least_squares_is_beaten_where_unknowns_are_as_many_as_samples():
    network, data = made("digits")
    result = koopview.Study(network, data).fit("0", samples=55, delays=2).result
    weight, bias, act = first_layer(network)
    x, test = (part.astype(np.float64) for part in (data.x_train, data.x_test))
    chosen = fitting_samples(data, 55)
    design = np.hstack([x[chosen], np.ones((55, 1))])
    plain = np.linalg.lstsq(design, act(x[chosen] @ weight.T + bias), rcond=None)[0]
    known = accuracy_behind(network, np.hstack([test, np.ones((len(test), 1))]) @ plain, data.y_test)
    assert result.accuracy["affine"] > known + 0.05


def test_one_point_more_or_less_has_the_error_of_the_pairs():
    """McNemar: samples on which both are right or both wrong say nothing; against a bootstrap of the same samples."""
    study = koopview.Study(*made("quantiles"))
    result = study.fit("0", delays=DELAYS).result
    above = result.above_best_control
    assert above.value == pytest.approx(result.hybrid - result.accuracy[above.control])
    apart = np.hypot(*(np.sqrt(p * (1 - p) / 1200) for p in (result.hybrid, result.accuracy[above.control])))
    assert 0 < above.error < apart
