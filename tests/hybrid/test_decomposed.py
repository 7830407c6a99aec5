"""The operator of many samples in memory takes the passes of a stream, and is the same operator."""

import numpy as np
import pytest
import torch
from reference.examples import distance, random_network

from koopview.hybrid import decomposed as module
from koopview.hybrid.layer_fit import lift_observables, lifted_trajectories
from koopview.hybrid.layer_inputs import Lift
from koopview.hybrid.row_samples import RowSamples
from koopview.koopman import fit_dmd
from koopview.network.modules import network_from_module
from koopview.progress import silent
from koopview.trajectory.scaling import scale_layer


@pytest.fixture(scope="module")
def layer():
    """Return a scaled layer of 300 inputs and 200 outputs, and 700 samples of its inputs."""
    layer = network_from_module(random_network((300, 200, 3), "relu", 0), "net").layers[0].double()
    generator = np.random.default_rng(0)
    x = generator.normal(size=(700, 300)) * np.geomspace(1, 0.02, 300) + 0.3
    return scale_layer("homotopy", layer, torch.zeros(1, 300), 8, -1.0), torch.tensor(x, dtype=torch.float32)


def found(layer, observables, monkeypatch, many):
    scaled, x = layer
    monkeypatch.setattr("koopview.hybrid.layer_fit.CHUNK", 1)
    monkeypatch.setattr(module, "MANY", many)
    lift = Lift(3, observables, 5)
    seen = lift_observables(scaled, lift, x)
    paths = lifted_trajectories(scaled, seen, x, RowSamples.of(1, len(x)))
    return module.decomposed(paths, scaled, seen, x, 3, 12, silent), fit_dmd(paths, 3, 12, cutoff=1e-6)


@pytest.mark.parametrize(("observables", "many"), [("delay", 700), ("delay", 701), ("rbf", 700)])
def test_many_samples_have_the_operator_of_their_paths(layer, observables, many, monkeypatch):
    calls = []
    monkeypatch.setattr(module, "streamed_operator", lambda *given: calls.append(1) or streamed(*given))
    one, exact = found(layer, observables, monkeypatch, many)
    assert distance(one.eigenvalues, exact.eigenvalues) < 1e-6
    np.testing.assert_allclose(one.singular_values[:12], exact.singular_values[:12], rtol=1e-6)
    assert len(calls) == (observables == "delay" and many == 700)  # observables besides the states have their own paths


streamed = module.streamed_operator
