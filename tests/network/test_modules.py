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
    assert [(row.kind, row.supported) for row in rows] == [("Linear", True), ("Linear", True), ("log_softmax", True)]


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
    ("given", "word"),
    [(Residual(), "expected one of fc"), (nn.Sequential(nn.ReLU()), "expected one of 0"), (3, "Module")],
)
def test_what_is_no_chain_is_told_in_one_sentence(given, word):
    with pytest.raises(InputError, match=word) as caught:
        network_from_module(given, "net").layer("add")
    assert "\n" not in str(caught.value)


class Calls(nn.Module):
    """Two Linear layers with any function between them."""

    def __init__(self, function, width=4, outputs=3):
        super().__init__()
        self.first, self.function, self.last = nn.Linear(4, 4), function, nn.Linear(width, outputs)

    def forward(self, x):
        return self.last(self.function(self.first(x)))


@pytest.mark.parametrize(
    ("function", "width"),
    [
        (lambda x: x.view(x.size(0), 2, 2).transpose(1, 2).flatten(1), 4),
        (lambda x: x.reshape(x.shape[0], x.shape[1]), 4),
        (lambda x: x.view(x.size()[0], -1), 4),
        (lambda x: x.view((x.size(0), -1)), 4),
        (lambda x: torch.cat([x, x.neg() if x is None else x], 1), 8),
        (lambda x: functional.leaky_relu(input=x, negative_slope=-2), 4),
        (lambda x: torch.flatten(x.view(-1, 2, 2), start_dim=1), 4),
        (lambda x: torch.flatten(x.view(-1, 2, 2), end_dim=1).view(-1, 4), 4),
        (lambda x: functional.relu(x, inplace=True), 4),
        (lambda x: x[:, 2:], 2),
        (lambda x: x + x, 4),
    ],
)
def test_a_function_takes_the_tensor_wherever_it_stands_in_its_arguments(function, width):
    torch.manual_seed(0)
    module, x = Calls(function, width), torch.randn(6, 4)
    torch.testing.assert_close(network_from_module(module).run(x), module(x).detach())


class Earlier(Calls):
    """Reads the shape of the input, and uses it later."""

    def forward(self, x):
        size = self.function(x)
        return self.last(self.first(x).view(size, -1))


def test_the_number_of_samples_may_be_read_anywhere_another_length_makes_a_block():
    module, x = Earlier(lambda x: x.shape[0]), torch.randn(6, 4)
    network = network_from_module(module)
    torch.testing.assert_close(network.run(x), module(x).detach())
    assert [layer.name for layer in network.layers] == ["first", "last"]
    module, x = Earlier(lambda x: x.shape[1]), torch.randn(4, 4)
    network = network_from_module(module)
    torch.testing.assert_close(network.run(x), module(x).detach())
    assert [bool(layer.reason) for layer in network.layers] == [True]


def test_two_ways_of_flattening_one_after_the_other_are_both_done():
    module, x = nn.Sequential(nn.Flatten(2), nn.Flatten(0, 1), nn.Linear(12, 3)), torch.randn(5, 2, 3, 4)
    torch.testing.assert_close(network_from_module(module).run(x), module(x).detach())


@pytest.mark.parametrize(
    "drop",
    [
        lambda x: x.squeeze(),
        lambda x: x.squeeze(1),
        lambda x: torch.squeeze(x, -1),
        lambda x: x[:, 0],
        lambda x: x[..., 0],
        lambda x: x.view(-1),
        lambda x: torch.flatten(x),
        nn.Flatten(0),
    ],
)
def test_one_output_is_a_row_of_one_number_however_the_module_gives_it(drop):
    class OneOutput(Calls):
        def forward(self, x):
            return torch.sigmoid(self.drop(super().forward(x)))

    torch.manual_seed(0)
    module, x = OneOutput(functional.relu, 4, 1), torch.randn(6, 4)
    module.drop = drop
    network = network_from_module(module)
    torch.testing.assert_close(network.run(x), module(x).detach()[:, None])
    assert [layer.activation_name for layer in network.layers] == ["relu", "sigmoid"]


@pytest.mark.parametrize("index", [None, 0, 1, 2])
def test_a_hook_counts_and_its_layer_is_not_replaced(index):
    torch.manual_seed(0)
    module, x = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 3)), torch.randn(6, 4)
    part = module if index is None else module[index]
    part.register_forward_hook(lambda module, inputs, output: 2 * output)
    network = network_from_module(module)
    torch.testing.assert_close(network.run(x), module(x).detach())
    reasons = [layer.reason for layer in network.layers if layer.reason]
    assert index is None or "has a hook, which may change what it computes" in reasons[0]
    assert index is None or len(reasons) > 0
    assert index is not None or network.layers[-1].activation_name == "mul"
