"""Stages of any network: their paths, held against the same operations written out by hand in float64."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import koopview
from koopview.network.modules import network_from_module, with_shapes
from koopview.trajectory.scaling import scale_layer

STEPS = 5
SHARES = torch.linspace(0, 1, STEPS + 1, dtype=torch.float64)


def rest(module):
    """Give batch norms statistics that do something, and return the module at rest in float64."""
    generator = torch.Generator().manual_seed(5)
    for name, one in module.named_buffers():
        if name.endswith("running_mean"):
            one.copy_(torch.randn(one.shape, generator=generator))
        elif name.endswith("running_var"):
            one.copy_(torch.rand(one.shape, generator=generator) + 0.5)
    return module.eval()


def stages(module, *shape, samples=6):
    """Return a module's layers, the inputs (samples, *shape) they were read with, and the module in float64."""
    torch.manual_seed(0)
    x = torch.randn(samples, *shape)
    network = network_from_module(rest(module), example=x)
    return network, x, module.double()


def path_of(layer, x, scaling="homotopy"):
    """Return the scaled path of a stage on flat inputs, float64, at even steps."""
    return scale_layer(scaling, layer.double(), x.double(), STEPS, -1.0)(x.double(), STEPS)


def padded(x, states):
    return functional.pad(x.flatten(1), (0, states - x[0].numel()), value=-1.0)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("transposed", [False, True])
def test_a_convolution_with_its_batch_norm_is_an_affine_operation_and_an_activation(axes, transposed):
    kinds = [nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d] if transposed else []
    conv = (kinds or [nn.Conv1d, nn.Conv2d, nn.Conv3d])[axes - 1](2, 3, 3, stride=2, padding=1)
    norm = [nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d][axes - 1](3)
    network, x, module = stages(nn.Sequential(conv, norm, nn.ELU(), nn.Flatten()), 2, *[4] * axes)
    layer = network.layers[0]
    assert (layer.kind, layer.activation_name, layer.blended) == (type(conv).__name__, "elu", None)
    made = module[1](module[0](x.double()))
    assert layer.in_shape == (2, *[4] * axes)
    assert layer.out_shape == tuple(made.shape[1:])
    path = path_of(layer, x.flatten(1))
    for k, s in enumerate(SHARES):
        z = (1 - s) * padded(x.double(), layer.states) + s * padded(made, layer.states)
        real = z[:, : layer.outputs]
        wanted = torch.cat([(1 - s) * real + s * functional.elu(real), z[:, layer.outputs :]], 1)
        torch.testing.assert_close(path[:, k], wanted, rtol=1e-6, atol=1e-6)  # folding rounds weights in float32


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Conv2d(2, 4, 3, padding=1), nn.Conv2d(4, 2, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)

    def forward(self, x):
        return torch.relu(x + self.two(functional.gelu(self.norm(self.one(x)))))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.qkv, self.out = nn.LayerNorm(6), nn.Linear(6, 18), nn.Linear(6, 6)

    def forward(self, x):
        q, k, v = self.qkv(self.norm(x)).chunk(3, -1)
        return x + self.out(torch.softmax(q @ k.transpose(1, 2) / math.sqrt(6), -1) @ v)


class Whole(nn.Module):
    """A stage between two that do nothing but scale, so that its input is no input of the network."""

    def __init__(self, stage):
        super().__init__()
        self.stage = stage

    def forward(self, x):
        return self.stage(x).flatten(1)


def residual_by_hand(m, x, s):
    inner = m.norm(m.one(x))
    total = x + m.two((1 - s) * inner + s * functional.gelu(inner))
    return (1 - s) * total + s * torch.relu(total)


def attention_by_hand(m, x, s):
    q, k, v = m.qkv((1 - s) * x + s * m.norm(x)).chunk(3, -1)
    return x + m.out(torch.softmax(s * (q @ k.transpose(1, 2)) / math.sqrt(6), -1) @ v)


@pytest.mark.parametrize(
    ("stage", "shape", "by_hand"),
    [(Residual, (2, 4, 4), residual_by_hand), (Attention, (3, 6), attention_by_hand)],
)
def test_a_blocks_path_blends_each_nonlinear_operation_by_the_share(stage, shape, by_hand):
    network, x, module = stages(Whole(stage()), *shape)
    layer = network.layers[0]
    assert (layer.name, layer.in_shape, layer.out_shape) == ("stage", shape, shape)
    path = path_of(layer, x.flatten(1))
    for k, s in enumerate(SHARES):
        wanted = (1 - s) * x.double() + s * by_hand(module.stage, x.double(), s)
        torch.testing.assert_close(path[:, k], wanted.flatten(1))
    torch.testing.assert_close(path[:, -1], module(x.double()))


@pytest.mark.parametrize("own", [True, False])
def test_the_attention_of_pytorch_is_tempered_like_one_written_out(own):
    torch.manual_seed(1)
    attention = nn.MultiheadAttention(6, 2, batch_first=True)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.attention = attention

        def forward(self, x):
            if own:
                return (x + self.attention(x, x, x, need_weights=False)[0]).flatten(1)
            q, k, v = (
                one.unflatten(2, (2, 3)).transpose(1, 2)
                for one in functional.linear(x, attention.in_proj_weight, attention.in_proj_bias).chunk(3, -1)
            )
            mixed = functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
            return (x + attention.out_proj(mixed)).flatten(1)

    network, x, _ = stages(Net(), 4, 6)
    assert len(network.layers) == 1
    module = attention.double()
    q, k, v = (
        one.unflatten(2, (2, 3)).transpose(1, 2)
        for one in functional.linear(x.double(), module.in_proj_weight, module.in_proj_bias).chunk(3, -1)
    )
    path = path_of(network.layers[0], x.flatten(1))
    for index, s in enumerate(SHARES):
        weights = torch.softmax(s * q @ k.transpose(2, 3) / math.sqrt(3), -1)
        out = x.double() + module.out_proj((weights @ v).transpose(1, 2).flatten(2))
        torch.testing.assert_close(path[:, index], ((1 - s) * x.double() + s * out).flatten(1))


def test_everything_between_two_affine_operations_belongs_to_the_stage():
    module = nn.Sequential(nn.Linear(4, 6), nn.LayerNorm(6), nn.ReLU(), nn.Linear(6, 3))
    network, x, module = stages(module, 4)
    layer = network.layers[0]
    assert [one.name for one in network.layers] == ["0", "3"]
    assert (layer.inputs, layer.outputs, layer.activation_name) == (4, 6, "LayerNorm+relu")
    path = path_of(layer, x)
    for k, s in enumerate(SHARES):
        affine = module[0](x.double())
        norm = (1 - s) * affine + s * module[1](affine)
        end = (1 - s) * norm + s * torch.relu(norm)
        torch.testing.assert_close(path[:, k], (1 - s) * padded(x.double(), 6) + s * end)


@pytest.mark.parametrize("scaling", ["homotopy", "linear"])
def test_stages_can_be_left_and_entered_again(scaling):
    module = nn.Sequential(
        nn.Conv2d(1, 2, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), Residual(), nn.Flatten(), nn.Linear(8, 3)
    )
    network, x, module = stages(module, 1, 4, 4)
    assert [layer.name for layer in network.layers] == ["0", "3", "5"]
    wanted = module(x.double())
    torch.testing.assert_close(network.run(x).double(), wanted, rtol=1e-5, atol=1e-5)
    for layer in network.layers:
        before = network.run(x, before=layer.name)
        assert before.shape == (len(x), layer.inputs)
        end = path_of(layer, before, scaling)[:, -1, : layer.outputs]
        torch.testing.assert_close(network.run(end.float(), after=layer.name).double(), wanted, rtol=1e-4, atol=1e-5)
        start = path_of(layer, before, scaling)[:, 0]
        torch.testing.assert_close(start, padded(before.double(), layer.states), rtol=0, atol=0)


def test_samples_that_are_no_rows_between_two_operations_stay_inside_one_stage():
    class SequenceFirst(nn.Module):
        def __init__(self):
            super().__init__()
            self.into, self.out = nn.Linear(2, 5), nn.Linear(5, 2)

        def forward(self, x):
            return self.out(torch.tanh(self.into(x.transpose(0, 1)))).transpose(0, 1).flatten(1)

    network, x, module = stages(SequenceFirst(), 4, 2)
    torch.testing.assert_close(network.run(x).double(), module(x.double()), rtol=1e-5, atol=1e-5)
    assert all(network.run(x, before=layer.name).shape[0] == len(x) for layer in network.layers)


def test_a_straight_path_of_what_is_not_affine_is_told():
    class Sorted(nn.Module):
        def forward(self, x):
            return torch.sort(x, -1)[0] * x

    network, _, _ = stages(nn.Sequential(nn.Linear(4, 4), nn.ReLU(), Sorted(), nn.Linear(4, 2)), 4)
    assert any("straight line" in remark for remark in network.remarks)
    affine, _, _ = stages(nn.Sequential(nn.AvgPool1d(2), nn.Flatten(), nn.Linear(4, 2)), 2, 4)
    assert affine.remarks == ()


def test_a_network_read_without_data_gets_its_shapes_from_them():
    module = rest(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(2 * 25, 3)))
    network = network_from_module(module, "net")
    assert network.layers[0].info().supported is False
    assert "once there are data" in network.layers[0].reason
    sized = with_shapes(network, torch.randn(4, 1, 7, 7))
    assert sized.layers[0].in_shape == (1, 7, 7)
    assert all(layer.info().supported for layer in sized.layers)


def test_a_decoder_of_pictures_is_a_regression_of_their_numbers():
    torch.manual_seed(0)
    decoder = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Unflatten(1, (2, 2, 2)), nn.ConvTranspose2d(2, 1, 2, 2))
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 3)).astype("float32"), rng.normal(size=(60, 1, 4, 4)).astype("float32")
    study = koopview.Study(decoder, x, y.reshape(60, -1))
    assert study.fit("3", delays=2).result.task == "regression"


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Sequential(nn.Conv1d(2, 3, 2), nn.GELU(), nn.Flatten(), nn.Linear(9, 3)),
        lambda: nn.Sequential(Attentive(), nn.Flatten(), nn.Linear(8, 3)),
    ],
)
def test_two_delays_on_a_straight_path_at_full_rank_reproduce_the_network(make):
    """METHOD section 2.4: the control experiment, for a stage of any kind."""
    torch.manual_seed(3)
    x = np.random.default_rng(3).normal(size=(200, 2, 4)).astype("float32")
    study = koopview.Study(make(), x, np.arange(200) % 3)
    result = study.fit(study.layers[0].name, scaling="linear", delays=2, rank="numerical", samples=160).result
    assert result.output_errors["hybrid"] < 1e-4
    assert result.output_errors["affine"] > 1e-2


class Attentive(nn.Module):
    """Two tokens that attend to each other."""

    def __init__(self):
        super().__init__()
        self.q, self.v = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x):
        return x + torch.softmax(self.q(x) @ x.transpose(1, 2), -1) @ self.v(x)
