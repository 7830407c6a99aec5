"""Files of finished cells: those of another network are left alone, however alike it looks."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import koopview

X = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
Y = np.arange(60) % 3


class Leaky(nn.Module):
    """Two layers with a leaky ReLU that is called as a function."""

    def __init__(self, slope):
        super().__init__()
        torch.manual_seed(0)
        self.slope, self.first, self.last = slope, nn.Linear(4, 6), nn.Linear(6, 3)

    def forward(self, x):
        return self.last(functional.leaky_relu(self.first(x), self.slope))


@pytest.mark.parametrize(("slope", "known"), [(0.01, True), (-2.0, False)])
def test_a_sweep_goes_on_from_the_cells_of_the_same_network_alone(tmp_path, monkeypatch, slope, known):
    file = tmp_path / "cells.jsonl"
    koopview.Study(Leaky(0.01), koopview.Dataset(X, Y)).sweep("first", [2], [3], resume=file, samples=40)
    study, fitted = koopview.Study(Leaky(slope), koopview.Dataset(X, Y)), []
    fit = study._fitter.fitted
    count = lambda *given, **options: fitted.append(given) or fit(*given, **options)  # noqa: E731
    monkeypatch.setattr(study._fitter, "fitted", count)
    (found,) = study.sweep("first", [2], [3], resume=file, samples=40)
    assert len(fitted) == (0 if known else 1)
    alone = koopview.Study(Leaky(slope), koopview.Dataset(X, Y)).fit("first", delays=2, rank=3, samples=40).result
    assert found.accuracy == alone.accuracy
    assert found.output_error == alone.output_error
