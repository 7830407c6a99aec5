"""Modules read as chains of layers: what they compute stays what it was."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from koopview.errors import InputError
from koopview.network.modules import network_from_module


class Forward(nn.Module):
    """A module with its own forward pass, as people write them."""

    def __init__(self):
        super().__init__()
        self.fc1, self.norm, self.fc2 = nn.Linear(12, 7), nn.BatchNorm1d(7), nn.Linear(7, 3)

    def forward(self, x):
        x = x.view(x.size(0), -1)
        x = functional.dropout(functional.gelu(self.norm(self.fc1(x))), 0.5)
        return functional.log_softmax(self.fc2(x), dim=1)


def at_rest(module):
    """Run a module in evaluation mode, with batch norms that do something."""
    for part in module.modules():
        if isinstance(part, nn.BatchNorm1d):
            nn.init.uniform_(part.running_mean), nn.init.uniform_(part.running_var, 0.5, 2.0)
    return module.eval()


@pytest.mark.parametrize(
    "module",
    [
        nn.Sequential(nn.Linear(12, 5), nn.ReLU(), nn.Dropout(0.3), nn.Linear(5, 2)),
        nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(12, 5), nn.BatchNorm1d(5), nn.Tanh()), nn.Linear(5, 2)),
        nn.Sequential(nn.Linear(12, 5, bias=False), nn.ReLU(), nn.Tanh(), nn.Linear(5, 2), nn.Softmax(dim=1)),
        nn.Sequential(nn.Linear(12, 5), nn.LayerNorm(5), nn.SiLU(), nn.Linear(5, 2)),
        nn.Linear(12, 4),
    ],
)
def test_the_chain_computes_what_the_module_does(module):
    torch.manual_seed(0)
    x = torch.randn(9, 12)
    expected = at_rest(module)(x)
    torch.testing.assert_close(network_from_module(module).run(x), expected.detach())


def test_a_forward_pass_of_ones_own_with_functions_and_view():
    module = at_rest(Forward())
    network = network_from_module(module)
    x = torch.randn(6, 3, 4)
    expected = functional.log_softmax(module.fc2(functional.gelu(module.norm(module.fc1(x.flatten(1))))), 1)
    torch.testing.assert_close(network.run(x), expected.detach())
    rows = [layer.info() for layer in network.layers]
    assert [(row.name, row.activation) for row in rows[:2]] == [("fc1", "gelu"), ("fc2", "identity")]
    assert [row.supported for row in rows] == [True, True, False]
    assert "log_softmax" in rows[2].reason


def test_a_run_may_stop_before_and_go_on_after_a_layer_or_replace_it():
    torch.manual_seed(0)
    network = network_from_module(
        nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
    )
    x = torch.randn(8, 4)
    hidden = network.run(x, before="2")
    torch.testing.assert_close(hidden, network.layers[0](x))
    torch.testing.assert_close(network.run(network.layers[1](hidden), after="2"), network.run(x))
    zero = network.run(x, {"2": lambda inputs: torch.zeros(len(inputs), 5)})
    torch.testing.assert_close(zero, network.layers[2](torch.zeros(8, 5)))


def test_the_persons_module_stays_as_it_was():
    module = nn.Sequential(nn.Linear(4, 3), nn.Dropout()).double().train()
    network_from_module(module)
    assert module.training
    assert module[0].weight.dtype == torch.float64
    assert module[0].weight.requires_grad


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        return x + self.fc(x)


@pytest.mark.parametrize(
    ("given", "word"), [(Residual(), "chain"), (nn.Sequential(nn.ReLU()), "Linear"), (3, "Module")]
)
def test_what_is_no_chain_is_told_in_one_sentence(given, word):
    with pytest.raises(InputError, match=word) as caught:
        network_from_module(given, "net").layer("0")
    assert "\n" not in str(caught.value)
