"""Forward passes as people write them: what is read of them, held against the modules themselves."""

import pytest
import torch
from torch import nn

import koopview
from koopview.network.modules import network_from_module


def read(module, *shape):
    """Return a module's network and inputs (9, *shape), on which both give the same."""
    x = torch.randn(9, *shape, generator=torch.Generator().manual_seed(1))
    network = network_from_module(module.eval(), example=x)
    with torch.no_grad():
        torch.testing.assert_close(network.run(x).reshape(9, -1), module(x).reshape(9, -1))
    return network, x


def names(network):
    """Return the names of a network's layers."""
    return [layer.name for layer in network.layers]


def test_a_stage_of_one_number_a_sample_is_one_like_others():
    class Mean(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1, self.fc2 = nn.Linear(4, 5), nn.Linear(1, 3)

        def forward(self, x):
            return self.fc2(self.fc1(x).mean(dim=1).unsqueeze(1))

    network, _ = read(Mean(), 4)
    assert [layer.reason for layer in network.layers] == ["", ""]


def test_a_stage_that_takes_no_real_numbers_alone_has_a_reason():
    class Chosen(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1, self.words, self.fc2 = nn.Linear(4, 5), nn.Embedding(5, 6), nn.Linear(6, 3)

        def forward(self, x):
            return self.fc2(torch.relu(self.words(self.fc1(x).argmax(1))))

    network, _ = read(Chosen(), 4)
    assert names(network) == ["fc1", "words", "fc2"]
    assert "gives int64" in network.layers[0].reason
    assert "takes int64" in network.layers[1].reason
    assert network.layers[2].reason == ""


class Scripted(nn.Module):
    """What scripts of recurrent networks do: lengths by division, a state that may be empty, pairs of results."""

    def __init__(self):
        super().__init__()
        self.width, self.cell, self.out = 6, nn.LSTMCell(4, 5), nn.Linear(5, 2)

    def forward(self, x: torch.Tensor, state: torch.Tensor = torch.zeros(0)):  # noqa: B008
        kept = int(self.width / 2 + 1)
        if len(state):
            h, c = state[0], state[1]
        else:
            h, c = torch.zeros(x.shape[0], 5, dtype=x.dtype), torch.zeros(x.shape[0], 5, dtype=x.dtype)
        pair = self.cell(x[:, :kept], (h, c))
        return self.out(pair[0])


def test_a_script_with_lengths_by_division_and_an_empty_state_is_read():
    network, x = read(torch.jit.script(Scripted()), 6)
    assert all(layer.reason == "" for layer in network.layers)
    study = koopview.Study(torch.jit.script(Scripted()), x.numpy(), [0, 1, 1] * 3, device="cpu")
    for layer in study.layers:
        study.fit(layer.name, delays=2)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_tensors_made_on_the_way_have_the_precision_of_the_stage(dtype):
    class Started(nn.Module):
        def __init__(self):
            super().__init__()
            self.cell, self.out = nn.RNNCell(3, 5), nn.Linear(5, 2)

        def forward(self, x):
            state = torch.zeros(x.size(0), 5)
            for step in range(x.size(1)):
                state = self.cell(x[:, step], state)
            return self.out(state)

    network, x = read(Started(), 4, 3)
    made = network.layers[0].in_precision(dtype)(x.flatten(1).to(dtype))
    assert made.dtype == dtype
