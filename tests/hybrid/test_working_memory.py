"""A fit that cannot fit into memory is refused before anything is computed, with the settings that could be smaller."""

import numpy as np
import pytest
import torch
from torch import nn

from koopview import Dataset, FitSettings, Study, memory
from koopview.errors import InputError
from koopview.hybrid.ridge import ridge_map
from koopview.hybrid.working_memory import working_memory
from koopview.memory import GIB


def study():
    inputs = np.random.default_rng(0).normal(size=(40, 4)).astype("f4")
    return Study(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3)), Dataset(inputs))


@pytest.mark.parametrize(
    ("size", "low", "high"),
    [  # peaks measured on MNIST's and Yin-Yang's first layers, less those of the process before the fit, in MiB
        ((1000, 20, 3, 784, None), 300, 660),
        ((1000, 20, 10, 784, 500), 540, 1100),
        ((1000, 60, 20, 784, 100), 330, 1300),
        ((1000, 5000, 8, 8, 64), 165, 660),
    ],
)
def test_the_need_is_of_the_size_that_was_measured(size, low, high):
    assert low < working_memory(*size) / 2**20 < high


def test_a_fit_that_does_not_fit_is_refused_before_it_is_begun(monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: GIB)
    begun = []
    with pytest.raises(InputError, match=r"30 samples, 1,000,000 steps and 6 delays of 8 states would take .* GiB"):
        study().fit_settings(
            FitSettings("0", steps=1_000_000, samples=30, rank=5), lambda fraction, text: begun.append(text)
        )
    assert "trajectories" not in begun


def test_a_rank_that_needs_the_whole_spectrum_is_told_to_be_the_reason(monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: GIB)
    with pytest.raises(InputError, match="expected fewer delays, or a rank instead of auto"):
        study().fit("0", steps=3000, delays=1500, samples=30, rank="gavish-donoho")


def test_a_fit_that_fits_is_done(monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: GIB)
    assert study().fit("0", samples=30, rank=5).result.rank == 5


@pytest.mark.parametrize(("samples", "features"), [(300, 100), (100, 300)])
def test_an_affine_map_that_does_not_fit_is_refused_before_it_is_begun(monkeypatch, samples, features):
    x = torch.from_numpy(np.random.default_rng(0).normal(size=(samples, features)))
    monkeypatch.setattr(memory, "free_memory", lambda: 8 * 3 * 100**2)
    with pytest.raises(InputError, match=f"affine map of {features} features, fitted to {samples} samples"):
        ridge_map(x, x[:, :2])
