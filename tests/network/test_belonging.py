"""Operations that are no stages of their own, and the names of those that are."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from koopview.network.modules import network_from_module


class Net(nn.Module):
    """A network of a function and of named parts."""

    def __init__(self, function, **parts):
        super().__init__()
        self.function = function
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x):
        return self.function(self, x)


def read(module, *shape):
    """Return a module's layers, and inputs (9, *shape) on which both give the same."""
    x = torch.randn(9, *shape, generator=torch.Generator().manual_seed(1))
    network = network_from_module(module.eval(), example=x)
    with torch.no_grad():
        torch.testing.assert_close(network.run(x).reshape(9, -1), module(x).reshape(9, -1), rtol=1e-5, atol=1e-5)
    assert all(layer.reason == "" for layer in network.layers)
    return network, x


def names(network):
    return [layer.name for layer in network.layers]


def shuffled(x, groups=2):
    samples, channels, height, width = x.shape
    return x.view(samples, groups, channels // groups, height, width).transpose(1, 2).reshape(x.shape)


@pytest.mark.parametrize(
    ("moved", "channels"),
    [
        (shuffled, 4),
        (lambda x: torch.cat([x[:, 2:], x[:, :2]], 1), 4),
        (lambda x: functional.pad(x, (1, 1)), 4),
        (lambda x: x.chunk(2, 1)[1], 2),
        (lambda x: functional.avg_pool2d(x, 2), 4),
        (lambda x: x[:, [0, 0, 1, 3]], 4),
    ],
)
def test_what_moves_numbers_after_a_block_belongs_to_the_next_stage(moved, channels):
    parts = {"one": nn.Conv2d(4, 4, 3, padding=1), "two": nn.Conv2d(channels, 2, 1)}
    network, x = read(Net(lambda m, x: m.two(moved(x + m.one(x))), **parts), 4, 4, 4)
    assert names(network) == ["one", "two"]
    block = network.layers[0](x.flatten(1)).reshape(x.shape)
    torch.testing.assert_close(network.run(x, before="two"), moved(block).flatten(1))


def test_numbers_moved_at_the_end_belong_to_the_last_stage():
    network, _ = read(Net(lambda m, x: (x + m.one(x)).transpose(1, 2)[:, -1], one=nn.Conv1d(3, 3, 1)), 3, 5)
    assert names(network) == ["one"]
    assert network.layers[0].out_shape == network.out_shape == (3,)


def test_constants_belong_to_the_stage_before_or_if_they_come_first_to_the_next():
    positions, scale = nn.Parameter(torch.randn(4, 6)), nn.Parameter(torch.randn(6))
    parts = {"into": nn.Linear(6, 6), "out": nn.Linear(24, 2), "positions": positions, "scale": scale}

    def function(m, x):
        return m.out((m.into(x + m.positions) * m.scale).flatten(1))

    network, x = read(Net(function, **parts), 4, 6)
    assert [(layer.name, layer.activation_name) for layer in network.layers] == [("into", "mul"), ("out", "identity")]
    torch.testing.assert_close(network.run(x, before="into"), (x + positions).detach().flatten(1))


def test_a_token_put_before_the_others_with_positions_belongs_to_the_block_after_it():
    parts = {"mlp": nn.Linear(6, 6), "out": nn.Linear(6, 2), "stem": nn.Conv1d(6, 6, 1)}
    parts |= {"token": nn.Parameter(torch.randn(1, 1, 6)), "positions": nn.Parameter(torch.randn(5, 6))}

    def function(m, x):
        x = m.stem(x).transpose(1, 2)
        x = torch.cat([m.token.expand(x.shape[0], -1, -1), x], 1) + m.positions
        return m.out((x + torch.tanh(m.mlp(x)))[:, 0])

    network, _ = read(Net(function, **parts), 6, 4)
    assert [(layer.name, layer.in_shape) for layer in network.layers] == [
        ("stem", (6, 4)),
        ("mlp", (5, 6)),
        ("out", ()),
    ]


def test_the_largest_numbers_after_a_block_belong_to_it():
    parts = {"one": nn.Conv1d(3, 3, 1), "two": nn.Linear(6, 4), "three": nn.Conv1d(2, 5, 1), "four": nn.Linear(5, 2)}

    def function(m, x):
        x = functional.max_pool1d(x + m.one(x), 2).flatten(1)
        x = torch.relu(m.two(x)).view(-1, 2, 2)
        return m.four(torch.max(m.three(x), 2)[0])

    network, _ = read(Net(function, **parts), 3, 4)
    told = [(layer.name, layer.activation_name) for layer in network.layers]
    assert told == [("one", "max_pool1d"), ("two", "relu"), ("three", "max"), ("four", "identity")]


@pytest.mark.parametrize("in_place", [lambda x: functional.relu(x, inplace=True), torch.relu_, lambda x: x.relu_()])
def test_an_activation_that_overwrites_its_input_is_blended_with_it(in_place):
    network, x = read(Net(lambda m, x: x + m.two(in_place(m.one(x))), one=nn.Linear(4, 5), two=nn.Linear(5, 4)), 4)
    layer = network.layers[0]
    one, two = (layer.affine.module.get_submodule(f"part0.{name}") for name in ("one", "two"))
    inner = one(x)
    wanted = x + two(0.75 * inner + 0.25 * inner.relu())
    torch.testing.assert_close(layer.blended(x, torch.tensor(0.25)), wanted)


def test_a_norm_written_out_is_blended_with_the_identity():
    def norm(m, x):
        return m.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6))

    parts = {"weight": nn.Parameter(torch.randn(6)), "into": nn.Linear(6, 6)}
    network, x = read(Net(lambda m, x: x + m.into(norm(m, x)), **parts), 3, 6)
    layer, s = network.layers[0], 0.25
    normed = x / (x.pow(2).mean(-1, keepdim=True) + 1e-6).sqrt()
    wanted = x + parts["into"](parts["weight"] * ((1 - s) * x + s * normed))
    torch.testing.assert_close(layer.blended(x.flatten(1), torch.tensor(s)), wanted.flatten(1))
    assert network.remarks == ()


def encoder(norm=None, nested=False):
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    return nn.TransformerEncoder(layer, 3, norm=norm, enable_nested_tensor=nested)


MASK = torch.triu(torch.full((4, 4), -torch.inf), 1)


@pytest.mark.parametrize(
    "function",
    [lambda m, x: m.encoder(x), lambda m, x: m.encoder(x, MASK), lambda m, x: m.encoder(x, mask=MASK, is_causal=True)],
)
@pytest.mark.parametrize("nested", [True, False])
def test_an_encoder_is_the_layers_that_it_calls(function, nested):
    torch.manual_seed(0)
    network, _ = read(Net(function, encoder=encoder(nn.LayerNorm(8), nested)), 4, 8)
    assert names(network) == [*(f"encoder.layers.{number}" for number in range(3)), "encoder.norm"]


def test_an_encoder_that_leaves_out_tokens_gives_its_own_outputs():
    torch.manual_seed(0)

    def function(m, x):
        return m.encoder(x, src_key_padding_mask=x[:, :, 0] > 1)

    network, _ = read(Net(function, encoder=encoder(nested=True)), 4, 8)
    assert network.layers[0].kind.startswith("TransformerEncoder")


def test_a_module_that_is_called_again_has_its_name_with_a_number():
    parts = {"inner": nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 4)), "out": nn.Linear(4, 2)}

    def function(m, x):
        for _ in range(3):
            x = x + m.inner(x)
        return m.out(x)

    network, _ = read(Net(function, **parts), 4)
    assert names(network) == ["inner", "inner (2)", "inner (3)", "out"]
