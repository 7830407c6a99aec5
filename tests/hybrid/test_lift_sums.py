"""Affine maps of the lift from sums of the states that vary, against least squares with a ridge in all of z[0]."""

import copy

import numpy as np
import pytest
import torch
from reference.examples import random_network

from koopview.errors import MemoryShort
from koopview.hybrid import lift_sums as module
from koopview.hybrid.layer_fit import lift_observables
from koopview.hybrid.layer_inputs import Lift
from koopview.hybrid.lift_maps import lift_maps
from koopview.hybrid.lift_sums import lift_map, summed_lift_maps
from koopview.hybrid.linearized import LiftedState
from koopview.hybrid.ridge import ridge_map
from koopview.hybrid.varying_states import VaryingStates
from koopview.network.modules import network_from_module
from koopview.trajectory.scaling import scale_layer

DELAYS = (2, 3, 5)


@pytest.fixture(scope="module")
def scaled():
    layer = network_from_module(random_network((9, 6, 3), "relu", 0), "net").layers[0].double()
    return scale_layer("homotopy", layer, torch.zeros(1, 9), 8, -1.0)


def inputs(count=400, seed=0):
    """Return inputs of which the first varies in one sample alone, and the last not at all."""
    x = torch.tensor(np.random.default_rng(seed).normal(size=(count, 9)), dtype=torch.float32)
    x[:, 0], x[:, -1] = 0.3, 0.5
    x[count // 2, 0] = 1.5
    return x


def lifted(scaled, delays):
    return LiftedState(scaled, lift_observables(scaled, Lift(delays), inputs()), delays)


def in_whole_lift(z, y, ridge):
    """Return weights and offset by numpy: of centred features, the ridge relative to their mean square."""
    z, y = z.double().numpy(), y.double().numpy()
    apart, mean = z - z.mean(0), z.mean(0)
    gram = apart.T @ apart
    weight = np.linalg.solve(gram + ridge * np.trace(gram) / len(gram) * np.eye(len(gram)), apart.T @ (y - y.mean(0)))
    return weight, y.mean(0) - mean @ weight


@pytest.mark.parametrize("at_once", [512, 60])
def test_the_maps_of_several_delays_are_those_of_all_of_each_lift(scaled, at_once, monkeypatch):
    monkeypatch.setattr(module, "AT_ONCE", at_once)
    x, test = inputs(), inputs(50, 1).double()
    y = scaled.layer(x.double()).detach()
    found = dict(summed_lift_maps(lifted(scaled, 5), x, y, DELAYS))
    assert list(found) == sorted(DELAYS)
    for h, one in found.items():
        alone = lifted(scaled, h)
        weight, offset = in_whole_lift(alone(x.double()), y, one.ridge)
        assert len(one.weight) < len(weight)
        np.testing.assert_allclose(one(test), alone(test).numpy() @ weight + offset, atol=2e-6)
        whole = ridge_map(x, y, alone)
        assert one.ridge == whole.ridge
        torch.testing.assert_close(one.judged.outputs, whole.judged.outputs, atol=2e-6, rtol=0)
        assert torch.equal(one.judged.indices, whole.judged.indices)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_graphics_card_has_the_same_maps(scaled):
    x = inputs()
    y = scaled.layer(x.double()).detach()
    on_card = scale_layer("homotopy", copy.deepcopy(scaled.layer).cuda(), torch.zeros(1, 9).cuda(), 8, -1.0)
    known, found = (
        dict(summed_lift_maps(lifted(one, 5), of_x, of_y, DELAYS))
        for one, of_x, of_y in ((scaled, x, y), (on_card, x.cuda(), y.cuda()))
    )
    for h in DELAYS:
        assert found[h].ridge == known[h].ridge
        torch.testing.assert_close(found[h](x.cuda()).cpu(), known[h](x), atol=1e-5, rtol=0)


@pytest.mark.parametrize("samples", [1063, 300])
def test_the_map_of_some_delays_does_not_depend_on_which_others_are_asked_for(samples):
    """Errors over ridges have two valleys here: a search near the ridge of fewer delays would stay in the wrong one."""
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(101, 33), torch.nn.Tanh(), torch.nn.Linear(33, 2))
    layer = network_from_module(network, "net").layers[0].double()
    x = torch.tensor(np.random.default_rng(0).normal(size=(samples, 101)), dtype=torch.float32)
    long, y = scale_layer("homotopy", layer, torch.zeros(1, 101), 20, -1.0), layer(x.double()).detach()
    most = LiftedState(long, lift_observables(long, Lift(8), x), 8)
    if samples > 8 * 101:
        together, alone = (dict(summed_lift_maps(most, x, y, delays))[8] for delays in ((3, 5, 8), (8,)))
        assert together.ridge == alone.ridge
    else:
        together, alone = (lift_maps(most, x, y, delays).by_delays[8] for delays in ((3, 5, 8), (8,)))
    torch.testing.assert_close(together.judged.outputs, alone.judged.outputs)


@pytest.mark.parametrize("delays", [1, 2, 5])
def test_the_penalty_is_the_least_squared_length_of_weights_in_the_whole_lift(scaled, delays):
    x = inputs()
    varying = VaryingStates(lifted(scaled, 5), 5, x)
    z = lifted(scaled, delays)(x.double())
    own = varying.entries(x.double())[:, : varying.first(delays)]
    z, own = z - z.mean(0), own - own.mean(0)
    penalty, matrix = varying.penalty(delays), torch.zeros(own.shape[1], own.shape[1], dtype=torch.float64)
    penalty.add(matrix, 1.0)
    matrix = matrix + matrix.triu(1).T
    weights = torch.randn(own.shape[1], 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    entry, squares = varying.entries.chosen[: varying.first(delays)] % 9, 0.0
    weights[entry == 8] = 0  # constant here, but kept for samples where it is not
    for j in range(8):  # those of an entry stand for one another; entries may depend on each other in these samples
        one = (own[:, entry == j] @ weights[entry == j]).numpy()
        squares += (np.linalg.lstsq(z[:, j::9].numpy(), one, rcond=1e-9)[0] ** 2).sum(0)
    np.testing.assert_allclose(torch.diagonal(weights.T @ matrix @ weights), squares, rtol=1e-6)
    assert penalty.mean_square(own.T @ own) == pytest.approx(float((z**2).sum()) / z.shape[1], rel=1e-9)


def test_states_that_follow_from_those_before_are_left_out_but_for_the_input(scaled):
    varying = VaryingStates(lifted(scaled, 5), 5, inputs())
    each = np.bincount(varying.entries.chosen.numpy() % 9, minlength=9)
    assert (each[6:] == 1).all()  # appended entries: their path is a multiple of the input, or does not vary
    assert (each[:6] > 1).all()


def test_a_first_sample_far_out_costs_no_digits(scaled):
    x = inputs()
    x[0] *= 1e4
    y = scaled.layer(x.double()).detach()
    found, test = dict(summed_lift_maps(lifted(scaled, 5), x, y, [5]))[5], inputs(50, 1).double()
    weight, offset = in_whole_lift(lifted(scaled, 5)(x.double()), y, found.ridge)
    np.testing.assert_allclose(found(test), lifted(scaled, 5)(test).numpy() @ weight + offset, atol=1e-3)


def test_an_entry_that_varies_in_one_sample_alone_is_found(scaled, monkeypatch):
    monkeypatch.setattr(module, "LOOKED", 64)
    x = inputs()
    one = dict(summed_lift_maps(lifted(scaled, 3), x, scaled.layer(x.double()).detach(), [3]))[3]
    assert 0 in one.features.chosen


def test_many_features_of_more_samples_are_summed_and_others_are_not(scaled, monkeypatch):
    x = inputs()
    y = scaled.layer(x.double()).detach()
    assert lift_map(lifted(scaled, 5), x, y).weight.shape[0] == 45
    monkeypatch.setattr(module, "SLOW", 40)
    assert lift_map(lifted(scaled, 5), x, y).weight.shape[0] < 45
    assert lift_map(lifted(scaled, 5), x[:44], y[:44]).weight.shape[0] == 45


def test_sums_that_do_not_fit_into_memory_are_refused_before_they_are_made(scaled, monkeypatch):
    monkeypatch.setattr("koopview.memory.free_memory", lambda: 1000)
    with pytest.raises(MemoryShort, match="affine map"):
        next(summed_lift_maps(lifted(scaled, 5), inputs(), scaled.layer(inputs().double()).detach(), [5]))
