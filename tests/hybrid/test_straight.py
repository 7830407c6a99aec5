"""Appended entries of paths, which go straight to the pad, are multiplied once: coordinates stay those of all z[0]."""

import numpy as np
import pytest
import torch
from reference.examples import random_network

from koopview.hybrid.layer_fit import lift_observables, lifted_trajectories
from koopview.hybrid.layer_inputs import Lift
from koopview.hybrid.linearized import LiftedState
from koopview.hybrid.row_samples import RowSamples
from koopview.hybrid.shared_fits import coordinates_of_all
from koopview.hybrid.straight import straight_shares
from koopview.koopman import fit_dmd
from koopview.network.modules import network_from_module
from koopview.trajectory.scaling import scale_layer


@pytest.fixture(scope="module")
def scaled():
    layer = network_from_module(random_network((9, 6, 3), "relu", 0), "net").layers[0].double()
    return scale_layer("homotopy", layer, torch.zeros(1, 9), 8, 0.0)


def inputs(kind):
    """Return inputs whose appended entries vary everywhere, or are constant at first, or nowhere."""
    x = torch.tensor(np.random.default_rng(0).normal(size=(600, 9)), dtype=torch.float32)
    x[: {"everywhere": 0, "later": 400, "nowhere": 600}[kind], 6:] = 0.5
    return x


@pytest.mark.parametrize("kind", ["everywhere", "later", "nowhere"])
def test_coordinates_are_those_of_the_whole_lift(scaled, kind):
    x = inputs(kind)
    seen = lift_observables(scaled, Lift(4), x)
    paths = lifted_trajectories(scaled, seen, x, RowSamples.of(1, len(x)))
    operators = {h: fit_dmd(paths, h, 5) for h in (1, 4)}
    found = coordinates_of_all(LiftedState(scaled, seen, 4), operators, x)
    for h, one in operators.items():
        whole = LiftedState(scaled, seen, h)(x.double()) @ torch.as_tensor(one.basis)
        torch.testing.assert_close(found[h], whole.float(), atol=1e-5, rtol=1e-5)


def test_only_multiples_of_the_first_step_are_straight():
    states = torch.randn(4, 50, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    states -= states.mean(1, keepdim=True)
    assert straight_shares(states, 3) is None
    states[:, :, 3:] = states[0, :, 3:] * torch.tensor([1, 0.7, 0.2, 0.0])[:, None, None].double()
    torch.testing.assert_close(straight_shares(states, 3), torch.tensor([1, 0.7, 0.2, 0.0]).double())
    assert straight_shares(states, 5) is None
    states[:, :, 3:] = 0
    assert straight_shares(states, 3) is None
