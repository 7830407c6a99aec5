"""A wrong activation is noticed where labels tell, and only there."""

import numpy as np
import pytest
import torch
from torch import nn

from koopview.network.data import Dataset
from koopview.network.load import network_from_weights
from koopview.study.doubts import better_activation, doubt_of_activation

RNG = np.random.default_rng(0)


@pytest.fixture
def trained():
    """Weights of a tanh network, and samples whose labels are what it says of them."""
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3))
    for part in module.parameters():
        part.data *= 4
    x = torch.from_numpy(RNG.normal(size=(300, 4)).astype(np.float32))
    return module.state_dict(), x.numpy(), module(x).argmax(1).numpy()


def test_another_activation_that_does_clearly_better_is_named(trained):
    weights, x, y = trained
    better = better_activation(network_from_weights(weights, "sigmoid", "net.pt"), Dataset(x, y), "sigmoid")
    assert better.name == "tanh"
    said = doubt_of_activation("net.pt", better)
    assert said.startswith("With activation sigmoid, as you said, net.pt is right on ")
    assert "with tanh on 100.0 %: is sigmoid what it was trained with?" in said


def test_the_right_one_raises_no_doubt_and_without_labels_there_is_none(trained):
    weights, x, y = trained
    assert better_activation(network_from_weights(weights, "tanh", "net.pt"), Dataset(x, y), "tanh") is None
    assert better_activation(network_from_weights(weights, "relu", "net.pt"), Dataset(x), "relu") is None
