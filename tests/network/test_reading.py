"""Forward passes as people write them: what is read of them, held against the modules themselves."""

import pytest
import torch
from torch import nn
from torch.nn import functional

import koopview
from koopview.network.modules import network_from_module
from koopview.trajectory.scaling import scale_layer


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


class Attention(nn.Module):
    """Asks for the shape of its input, so that its forward pass cannot be traced by names."""

    def __init__(self, forward):
        super().__init__()
        self.qkv, self.out, self.norm = nn.Linear(6, 18), nn.Linear(6, 6), nn.BatchNorm1d(4)
        self.mixed = forward

    def forward(self, x):
        samples, tokens, width = x.shape
        assert len(x) == int(samples)
        q, k, v = self.qkv(functional.layer_norm(x, (6,))).reshape(samples, tokens, 3, width).unbind(2)
        return self.norm(functional.dropout(self.out(self.mixed(q, k, v)), 0.1, True))


class Residual(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return (x + self.inner(x)).flatten(1)


def by_softmax(q, k, v):
    return torch.softmax(q @ k.transpose(1, 2) / 6**0.5, -1) @ v


@pytest.mark.parametrize("mixed", [by_softmax, functional.scaled_dot_product_attention])
def test_a_module_that_stays_whole_is_blended_like_one_that_is_taken_apart(mixed):
    torch.manual_seed(0)
    module = Residual(Attention(mixed)).eval()
    inner = module.inner
    inner.norm.running_mean.normal_()
    x = torch.randn(5, 4, 6)
    network = network_from_module(module, example=x)
    (layer,) = network.layers
    assert (layer.name, layer.kind, layer.reason) == ("inner", "Attention", "")
    path = scale_layer("homotopy", layer.double(), x.flatten(1).double(), 4, -1.0)(x.flatten(1).double(), 4)
    module.double()
    for step, s in enumerate(torch.linspace(0, 1, 5, dtype=torch.float64)):
        given = x.double()
        normed = (1 - s) * given + s * functional.layer_norm(given, (6,))
        q, k, v = inner.qkv(normed).chunk(3, -1)
        attended = torch.softmax(s * (q @ k.transpose(1, 2)) / 6**0.5, -1) @ v
        end = given + inner.norm(inner.out(attended))
        torch.testing.assert_close(path[:, step], ((1 - s) * given + s * end).flatten(1))


def test_pytorchs_attention_inside_a_module_that_stays_whole_is_tempered():
    class Holder(nn.Module):
        def __init__(self):
            super().__init__()
            self.attention = nn.MultiheadAttention(6, 2, batch_first=True)

        def forward(self, x):
            samples, tokens, width = x.shape
            assert len(x) == int(samples)
            mixed, _ = self.attention(x, x, x)
            return mixed.reshape(samples, tokens, width)

    torch.manual_seed(0)
    module = Residual(Holder()).eval()
    (whole,) = network_from_module(module, example=torch.randn(5, 4, 6)).layers
    attention = module.inner.attention

    class Plain(nn.Module):
        def __init__(self, attention):
            super().__init__()
            self.attention = attention

        def forward(self, x):
            return (x + self.attention(x, x, x)[0]).flatten(1)

    (apart,) = network_from_module(Plain(attention), example=torch.randn(5, 4, 6)).layers
    x = torch.randn(5, 24)
    assert whole.kind == "Holder"
    for s in torch.linspace(0, 1, 4):
        torch.testing.assert_close(whole.blended(x, s), apart.blended(x, s))


def test_a_stack_of_layers_that_asks_for_shapes_is_taken_apart():
    class Layer(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(6, 6)

        def forward(self, x):
            return torch.tanh(self.fc(x))

    class Stack(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList([Layer(), Layer()])

        def forward(self, x):
            assert x.shape[1] == 6
            for layer in self.layers:
                x = layer(x)
            return x

    network, _ = read(nn.Sequential(Stack(), nn.Linear(6, 2)), 6)
    assert names(network) == ["0.layers.0.fc", "0.layers.1.fc", "1"]


def test_a_module_that_no_export_takes_stays_whole():
    class Counting(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(6, 6)

        def forward(self, x):
            count = int(x.shape[0] / 1)
            return functional.gelu(self.fc(x)).view(count, 6) * x

    network, _ = read(nn.Sequential(nn.Linear(6, 6), nn.ReLU(), Counting(), nn.Linear(6, 2)), 6)
    assert [(layer.name, layer.kind) for layer in network.layers] == [
        ("0", "Linear"),
        ("2", "Counting"),
        ("3", "Linear"),
    ]
    inner = network.layers[1]
    rows = torch.randn(3, 6)
    affine = inner.affine.module.get_submodule("part0.module.fc")(rows)
    torch.testing.assert_close(
        inner.blended(rows, torch.tensor(0.25)), rows * (0.75 * affine + 0.25 * functional.gelu(affine))
    )
