"""Modules as people write them: each opens with its own outputs, or says in one sentence why not."""

import ast
import copy
import io
import os
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import prune

import koopview
from koopview.errors import InputError
from koopview.hybrid.portable import Chain, exported_bytes
from koopview.network.fingerprint import network_fingerprint
from koopview.network.modelfiles.load import load_network
from koopview.network.modules import network_from_module


def base():
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 3))


def chain(*between):
    return nn.Sequential(nn.Linear(4, 8), *between, nn.Linear(8, 8), *copy.deepcopy(between), nn.Linear(8, 3))


class Wrapped(nn.Module):
    """A network around another, with any forward pass."""

    def __init__(self, forward, **parts):
        super().__init__()
        self.net, self.own = base(), forward
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x):
        return self.own(self, x)


class OptionalArgument(Wrapped):
    def forward(self, x, mask=None):
        return self.net(x if mask is None else x * mask)


def looks_at_shape(self, x):
    if x.dim() > 2:
        x = x.flatten(1)
    assert x.shape[1] == 4
    return self.net(x)


class Unit(nn.Module):
    """A layer as a container of named parts, that looks at shapes and keeps its last output by a hook."""

    def __init__(self, n, m, activation=True):
        super().__init__()
        self.parts = nn.ModuleDict({"affine": nn.Linear(n, m), "norm": nn.BatchNorm1d(m)})
        if activation:
            self.parts["act"] = nn.ReLU()
        self.register_forward_hook(lambda module, inputs, output: setattr(module, "last", output))

    def forward(self, x):
        if len(x.shape) > 2:
            x = x.flatten(1)
        for part in self.parts.values():
            x = part(x)
        return x


class ResidualUnit(nn.Module):
    """A block that returns its output and a second tensor."""

    def __init__(self, n):
        super().__init__()
        self.fc1, self.fc2 = Unit(n, n), Unit(n, n, activation=False)

    def forward(self, x):
        branch = self.fc2(self.fc1(x))
        return functional.relu(x + branch), branch * (x + branch > 0)


class ResidualMLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.parts = nn.Sequential(Unit(4, 8), *[ResidualUnit(8) for _ in range(4)], Unit(8, 3, activation=False))

    def forward(self, x):
        x = self.parts[0](x)
        for block in self.parts[1:-1]:
            x, _ = block(x)
        return self.parts[-1](x)


class Sine(nn.Module):
    def forward(self, x):
        return torch.sin(3 * x)


class Squared(nn.Module):
    def forward(self, x):
        return functional.relu(x) ** 2


class Output(dict):
    """Results by name, as libraries of language models give them."""

    def __getattr__(self, name):
        return self[name]


def doubled():
    net = base()
    net[2].register_forward_hook(lambda module, inputs, output: output * 2)
    return net


def weight_normed():
    net = base()
    nn.utils.parametrizations.weight_norm(net[0])
    return net


def ran():
    """Return a module that has run, so that its hooks keep tensors with gradients."""
    module = nn.Sequential(Unit(4, 8), Unit(8, 3, False)).eval()
    module(torch.zeros(2, 4))
    return module


def inferred():
    with torch.inference_mode():
        return base()


def in_place(self, x):
    x = self.net[0](x)
    x[:, 0] = 0
    x.relu_()
    return self.net[4](x)


def without_gradients(self, x):
    with torch.no_grad():
        return self.net(x)


def lstm(self, x):
    outputs, _ = self.lstm(x.view(-1, 2, 2))
    return self.head(outputs[:, -1])


def attention(self, x):
    x = self.net[0](x).view(x.shape[0], 2, 4)
    x = x + self.attention(x, x, x, need_weights=False)[0]
    return self.head(x.mean(1))


def softmax_of_scale(self, x):
    return torch.softmax(self.net(x) * self.scale, dim=-1)


def with_attention():
    return Wrapped(attention, attention=nn.MultiheadAttention(4, 2, batch_first=True), head=nn.Linear(4, 3))


def with_lstm():
    return Wrapped(lstm, lstm=nn.LSTM(2, 5, batch_first=True), head=nn.Linear(5, 3))


def with_functions():
    weights = {"w": (8, 4), "b": (8,), "v": (3, 8)}
    parts = {name: nn.Parameter(torch.randn(shape)) for name, shape in weights.items()}
    return Wrapped(
        lambda self, x: functional.linear(functional.elu(functional.linear(x, self.w, self.b)), self.v), **parts
    )


def with_products():
    weights = {"w": (4, 8), "b": (8,), "v": (8, 3), "c": (3,)}
    parts = {name: nn.Parameter(torch.randn(shape)) for name, shape in weights.items()}
    return Wrapped(lambda self, x: torch.tanh(x @ self.w + self.b) @ self.v + self.c, **parts)


def with_positions():
    parts = {"a": nn.Linear(2, 5), "b": nn.Linear(5, 2), "head": nn.Linear(4, 3)}
    return Wrapped(lambda self, x: self.head(self.b(torch.relu(self.a(x.view(-1, 2, 2)))).flatten(1)), **parts)


def pruned():
    net = base()
    prune.random_unstructured(net[0], "weight", 0.5)
    return net


class Clamped(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, gradient):
        return gradient


def with_own_gradient():
    parts = {"a": nn.Linear(4, 8), "head": nn.Linear(8, 3)}
    return Wrapped(lambda self, x: self.head(Clamped.apply(self.a(x))), **parts)


def with_convolution():
    return nn.Sequential(nn.Unflatten(1, (1, 4)), nn.Conv1d(1, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(9, 3))


OPEN = {
    "looks at the shape": (lambda: Wrapped(looks_at_shape), (3, 3)),
    "an optional argument": (lambda: OptionalArgument(None), (3, 3)),
    "moves to its device": (
        lambda: Wrapped(lambda self, x: self.net(x.to(next(self.parameters()).device).float())),
        (3, 3),
    ),
    "a tuple": (lambda: Wrapped(lambda self, x: (self.net(x), x)), (3, 3)),
    "a dict": (lambda: Wrapped(lambda self, x: {"hidden": x, "logits": self.net(x)}), (3, 3)),
    "a dict of its own class": (lambda: Wrapped(lambda self, x: Output(loss=None, logits=self.net(x))), (3, 3)),
    "normalises": (lambda: Wrapped(lambda self, x: self.net((x - 0.1) / 0.5)), (4, 4)),
    "DataParallel": (lambda: nn.DataParallel(base()), (3, 3)),
    "compiled": (lambda: torch.compile(base()), (3, 3)),
    "scripted": (lambda: torch.jit.script(base()), (3, 3)),
    "scripted with batch norms": (lambda: torch.jit.script(chain(nn.BatchNorm1d(8), nn.GELU())), (3, 3)),
    "traced": (lambda: torch.jit.trace(base(), torch.zeros(2, 4)), (3, 3)),
    "exported": (lambda: torch.export.export(base(), (torch.zeros(2, 4),)).module(), (3, 3)),
    "units with hooks": (lambda: nn.Sequential(Unit(4, 8), Unit(8, 8), Unit(8, 3, False)), (3, 3)),
    "units that have run": (ran, (2, 2)),
    "a residual network": (ResidualMLP, (6, 6)),
    "a hook that changes": (doubled, (3, 4)),
    "a batch norm without weights": (lambda: chain(nn.BatchNorm1d(8, affine=False), nn.ReLU()), (3, 3)),
    "a layer norm": (lambda: chain(nn.LayerNorm(8), nn.ReLU()), (3, 3)),
    "PReLU": (lambda: chain(nn.PReLU()), (3, 3)),
    "PReLU of each unit": (lambda: chain(nn.PReLU(8, init=0.3)), (3, 3)),
    "sine": (lambda: chain(Sine()), (3, 3)),
    "relu squared": (lambda: chain(Squared()), (3, 3)),
    "softmax": (lambda: nn.Sequential(*base(), nn.Softmax(1)), (4, 4)),
    "a layer called twice": (
        lambda: Wrapped(lambda self, x: self.net[4](self.net[2](self.net[2](self.net[0](x))))),
        (4, 4),
    ),
    "weight norm": (weight_normed, (3, 3)),
    "an LSTM": (with_lstm, (2, 2)),
    "attention": (with_attention, (3, 3)),
    "dropout by training": (
        lambda: Wrapped(lambda self, x: functional.dropout(self.net(x), 0.5, self.training)),
        (3, 3),
    ),
    "no gradients": (lambda: Wrapped(without_gradients), (3, 3)),
    "float64": (lambda: base().double(), (3, 3)),
    "bfloat16": (lambda: base().bfloat16(), (3, 3)),
    "in training": (lambda: chain(nn.BatchNorm1d(8), nn.Dropout(), nn.ReLU()).train(), (3, 3)),
    "inference tensors": (inferred, (3, 3)),
    "changes in place": (lambda: Wrapped(in_place), None),
    "a learned scale": (lambda: Wrapped(softmax_of_scale, scale=nn.Parameter(torch.tensor([1.0, 2.0, 3.0]))), (4, 4)),
    "concatenates": (lambda: Wrapped(lambda self, x: self.net(torch.cat([x[:, :2], x[:, 2:]], 1))), (3, 3)),
    "functions and weights of its own": (with_functions, (2, 2)),
    "products and sums": (with_products, (2, 2)),
    "positions": (with_positions, (3, 3)),
    "pruned": (pruned, (3, 3)),
    "wrapped inside": (
        lambda: nn.Sequential(nn.DataParallel(nn.Sequential(nn.Linear(4, 8), nn.ReLU())), nn.Linear(8, 3)),
        (2, 2),
    ),
    "a function with a gradient of its own": (with_own_gradient, (2, 2)),
    "a convolution": (with_convolution, (2, 2)),
    "a scripted part": (lambda: nn.Sequential(torch.jit.script(base()), nn.ReLU(), nn.Linear(3, 3)), (2, 2)),
    "one block": (lambda: Wrapped(lambda self, x: self.net(x) + self.head(x), head=nn.Linear(4, 3)), (1, 1)),
}


def data():
    x = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    return koopview.Dataset(x[:40], np.arange(40) % 3, x[40:], np.arange(20) % 3)


def own_outputs(module, x):
    """Return a module's first tensor on x, at rest and in float32, from a copy where it can be copied."""
    module = getattr(module, "_orig_mod", module)
    if not isinstance(module, torch.fx.GraphModule):
        module = module.eval().float()
    with torch.no_grad():
        pairs = [module(two) for two in x.split(2)]
    firsts = [one["logits"] if isinstance(one, dict) else one[0] if isinstance(one, tuple) else one for one in pairs]
    return torch.cat(firsts)


def lively(module):
    """Give the batch norms of a module statistics that do something."""
    for key, one in module.named_buffers():
        if key.endswith("running_mean"):
            one.uniform_(-1, 1)
        elif key.endswith("running_var"):
            one.uniform_(0.5, 2.0)
    return module


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", OPEN)
def test_a_module_opens_with_its_own_outputs(kind):
    torch.manual_seed(1)
    make, expected = OPEN[kind]
    module, dataset = lively(make()), data()
    study = koopview.Study(module, dataset)
    own = own_outputs(module, torch.as_tensor(dataset.x_test))
    torch.testing.assert_close(study.original, own, rtol=1e-5, atol=1e-5)
    if expected is not None:
        assert (sum(layer.supported for layer in study.layers), len(study.layers)) == expected, study.layers
    assert all(layer.supported or "expected" in layer.reason for layer in study.layers)
    assert len({layer.name for layer in study.layers}) == len(study.layers)


def lazy():
    return nn.Sequential(nn.LazyLinear(8), nn.ReLU(), nn.LazyLinear(3))


def through_numpy(self, x):
    return self.net(torch.from_numpy(np.tanh(x.detach().numpy())))


def noisy(self, x):
    return self.net(x + torch.randn_like(x))


def of_the_batch(self, x):
    return self.net(x - x.mean(0))


def uncopied():
    net = base()
    net.lock = threading.Lock()
    return net


def without_numbers():
    with torch.device("meta"):
        return base()


class TwoInputs(Wrapped):
    def forward(self, x, y):
        return self.net(x) + y


SENTENCES = {
    "no copy": (uncopied, "cannot be copied"),
    "no numbers": (without_numbers, "cannot be copied"),
    "two inputs": (lambda: TwoInputs(None), "takes 2 inputs"),
    "one number": (lambda: Wrapped(lambda self, x: self.net(x).sum()), "one number for all samples"),
    "whole numbers": (
        lambda: nn.Sequential(nn.Embedding(9, 3), nn.Flatten(), nn.Linear(12, 3)),
        "cannot take the inputs",
    ),
    "statistics of the batch": (lambda: chain(nn.BatchNorm1d(8, track_running_stats=False)), "depends on the samples"),
    "lazy": (lazy, "lazy layers"),
    "numpy": (lambda: Wrapped(through_numpy), "cannot be read as a chain of layers"),
    "random numbers": (lambda: Wrapped(noisy), "draws no random numbers"),
    "the mean of the batch": (lambda: Wrapped(of_the_batch), "depend on the samples beside them"),
    "a choice by numbers": (lambda: Wrapped(lambda self, x: self.net(x) if x.sum() > 0 else x), "cannot be read"),
    "no tensor": (lambda: Wrapped(lambda self, x: None), "returns no tensor"),
    "constant": (lambda: Wrapped(lambda self, x: self.net[0].weight), "does not depend on its input"),
}


@pytest.mark.parametrize("kind", SENTENCES)
def test_a_module_that_cannot_be_opened_says_why_in_one_sentence(kind):
    make, word = SENTENCES[kind]
    with pytest.raises(InputError, match=word) as caught:
        koopview.Study(make(), data())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("kind", "word"), [("a tuple", "the first tensor"), ("a dict", "'logits'")])
def test_several_results_are_told(kind, word):
    with pytest.warns(koopview.DoubtWarning, match=word):
        study = koopview.Study(OPEN[kind][0](), data())
    assert len(study.network.remarks) == 1


def test_dropout_that_stays_on_at_rest_is_told_and_off():
    module, x = Wrapped(lambda self, x: self.net(functional.dropout(x, 0.5))), data().x_test
    with pytest.warns(koopview.DoubtWarning, match="its dropout is off"):
        study = koopview.Study(module, data())
    torch.testing.assert_close(study.original, module.net(torch.as_tensor(x)).detach())


def test_a_module_that_returns_one_tensor_is_opened_without_a_word():
    with warnings.catch_warnings():
        warnings.simplefilter("error", koopview.DoubtWarning)
        assert koopview.Study(OPEN["normalises"][0](), data()).network.remarks == ()


def test_the_names_are_those_of_the_layers_in_the_module():
    def named(kind):
        return [layer.name for layer in koopview.Study(OPEN[kind][0](), data()).layers]

    assert named("a residual network") == [
        "parts.0.parts.affine",
        *(f"parts.{number}" for number in range(1, 5)),
        "parts.5.parts.affine",
    ]
    assert named("looks at the shape") == ["net.0", "net.2", "net.4"]
    assert named("scripted") == named("exported") == ["0", "2", "4"]


@pytest.mark.parametrize("kind", ["a residual network", "attention"])
def test_the_hybrid_with_opaque_blocks_is_exported_whole(kind):
    torch.manual_seed(1)
    network = koopview.Study(lively(OPEN[kind][0]()), data()).network
    content = exported_bytes(Chain(network, {}), (4,))
    x = torch.randn(11, 4)
    torch.testing.assert_close(torch.export.load(io.BytesIO(content)).module()(x), network.run(x), rtol=1e-5, atol=1e-5)


def test_a_network_that_was_exported_to_a_file_opens_from_it(tmp_path):
    torch.manual_seed(1)
    module, x = lively(OPEN["a residual network"][0]()).eval(), torch.randn(11, 4)
    for part in module.modules():
        part._forward_hooks.clear()
    samples = ({0: torch.export.Dim("samples")},)
    torch.export.save(torch.export.export(module, (x,), dynamic_shapes=samples), tmp_path / "net.pt2")
    network = load_network(tmp_path / "net.pt2")
    torch.testing.assert_close(network.run(x), module(x).detach(), rtol=1e-5, atol=1e-5)
    assert [layer.name for layer in network.layers] == [
        layer.name for layer in network_from_module(module, example=x).layers
    ]


PRINTS_FINGERPRINT = """
import sys, torch
sys.path.insert(0, sys.argv[1])
from tests.network.test_modules_of_people import OPEN
from koopview.network.fingerprint import network_fingerprint
from koopview.hybrid.portable import Chain, exported_bytes
from koopview.network.fingerprint import network_fingerprint
from koopview.network.modelfiles.load import load_network
from koopview.network.modules import network_from_module
torch.manual_seed(1)
modules = [OPEN[kind][0]() for kind in sys.argv[2:]]
print([network_fingerprint(network_from_module(module, example=torch.zeros(7, 4))) for module in modules])
"""


def test_the_fingerprint_of_blocks_is_the_same_in_every_process():
    kinds = ["a residual network", "an LSTM"]
    command = [sys.executable, "-c", PRINTS_FINGERPRINT, str(Path(__file__).parents[2]), *kinds]
    environment = os.environ | {"PYTHONHASHSEED": "1"}
    elsewhere = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    torch.manual_seed(1)
    modules = [OPEN[kind][0]() for kind in kinds]
    here = [network_fingerprint(network_from_module(module, example=torch.zeros(7, 4))) for module in modules]
    assert ast.literal_eval(elsewhere) == here
    assert here[0] != here[1]


def test_the_fingerprint_tells_a_block_from_another():
    torch.manual_seed(1)
    one = Wrapped(lambda self, x: self.net(x) + x.mean(1, keepdim=True))
    same, other = copy.deepcopy(one), copy.deepcopy(one)
    other.own = lambda self, x: self.net(x) - x.mean(1, keepdim=True)
    prints = [network_fingerprint(network_from_module(module)) for module in (one, same, other)]
    assert prints[0] == prints[1] != prints[2]
