"""Affine maps of the lift from Gram matrices that grow step by step, against those of each lift alone."""

import numpy as np
import pytest
import torch
from reference.examples import random_network

from koopview.hybrid import lift_maps as module
from koopview.hybrid.layer_fit import lift_observables
from koopview.hybrid.layer_inputs import Lift
from koopview.hybrid.lift_maps import lift_maps, served_delays
from koopview.hybrid.linearized import LiftedState
from koopview.hybrid.ridge import ridge_map
from koopview.network.modules import network_from_module
from koopview.trajectory.scaling import scale_layer


def parts(samples=60, tests=25, seed=0):
    """Return a scaled layer of 30 inputs and 20 outputs, and inputs to fit and to test."""
    layer = network_from_module(random_network((30, 20, 3), "relu", seed), "net").layers[0].double()
    x = torch.tensor(np.random.default_rng(seed).normal(size=(samples + tests, 30)), dtype=torch.float32)
    return scale_layer("homotopy", layer, x, 6, -1.0), x[:samples], x[samples:]


def lifted(scaled, x, delays):
    return LiftedState(scaled, lift_observables(scaled, Lift(delays), x), delays)


@pytest.mark.parametrize("batch", [128, 7])
def test_the_maps_of_several_delays_are_those_of_each(batch, monkeypatch):
    monkeypatch.setattr(module, "PATHS_BATCH", batch)
    scaled, x, test = parts()
    y = scaled.layer(x.double()).detach()
    found = lift_maps(lifted(scaled, x, 6), x, y, [3, 4, 6])
    assert list(found.by_delays) == [3, 4, 6]
    for h, products in found.products(test):
        one, alone = found.by_delays[h], ridge_map(x, y, lifted(scaled, x, h))
        outputs = one.offset + products @ one.shares
        torch.testing.assert_close(outputs, alone(test.double()), rtol=1e-7, atol=1e-9)
        torch.testing.assert_close(one.judged.outputs, alone.judged.outputs, rtol=1e-7, atol=1e-9)
        assert torch.equal(one.judged.indices, alone.judged.indices)


def test_delays_with_more_features_than_samples_are_served_while_memory_lasts(monkeypatch):
    assert served_delays([4, 1, 2], 60, 30) == [4]
    assert served_delays([4, 1, 3], 60, 30) == [3, 4]
    monkeypatch.setattr(module, "MOST_BYTES", 8 * 60 * 4 * 30 - 1)
    assert served_delays([4, 1, 3], 60, 30) == []
