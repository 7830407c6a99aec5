"""Modules that could be read wrongly without a word: each opens with its own outputs, or says why not."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import parametrizations, prune, spectral_norm, weight_norm

import koopview
from koopview.errors import InputError
from koopview.network.forward.own_outputs import check_outputs
from koopview.network.modules import network_from_module

X = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
Y = np.arange(60) % 3


def base():
    """Return a plain chain."""
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 3))


class Forward(nn.Module):
    """Modules with a forward pass that is a function of them and the input."""

    def __init__(self, function, **parts):
        super().__init__()
        self.function, self.net = function, base()
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x):
        return self.function(self, x)


class InPlace(nn.Module):
    """Means something else by an attribute that PyTorch's activations have."""

    def __init__(self):
        super().__init__()
        self.inplace = True

    def forward(self, x):
        return 2 * x if self.inplace else x


class Any(nn.Module):
    """Takes any arguments."""

    def __init__(self):
        super().__init__()
        self.net = base()

    def forward(self, *inputs, **options):
        return self.net(inputs[0])


def of_class(parent, *arguments):
    """Return a module of a class that computes something else than its parent."""
    kind = type("Own", (parent,), {"forward": lambda self, x: 2 * parent.forward(self, x)})
    return kind(*arguments)


def all_of(wrapped):
    """Return a chain whose Linear layers are wrapped."""
    net = base()
    for index in (0, 2, 4):
        net[index] = wrapped(net[index])
    return net


def pruned(linear):
    """Return a Linear layer, half of whose weights a mask sets to zero."""
    return prune.l1_unstructured(linear, "weight", 0.5)


def replaced():
    """Return a chain with a Linear layer whose forward pass was put in its place."""
    net = base()
    net[2].forward = lambda x: 5 * x
    return net


def hooked(at):
    """Return a chain in a container, with a hook on the container or what it holds that changes an output."""
    net = nn.Sequential(nn.Linear(4, 8), nn.Sequential(nn.Linear(8, 8), nn.ReLU()), nn.Linear(8, 3))
    (net if at is None else net[at]).register_forward_hook(lambda module, inputs, output: 3 * output)
    return net


def hooked_with_names():
    """Return a chain with a hook that changes an input and sees named arguments."""
    net = base()
    net[0].register_forward_pre_hook(lambda module, given, named: ((2 * given[0],), named), with_kwargs=True)
    return net


def attention():
    """Return attention between the four features as words."""

    def forward(self, x):
        words = self.inside(x.unsqueeze(-1))
        return self.head(self.attention(words, words, words)[0].mean(1))

    parts = {"attention": nn.MultiheadAttention(8, 2, batch_first=True)}
    return Forward(forward, inside=nn.Linear(1, 8), head=nn.Linear(8, 3), **parts)


def transformer():
    """Return a transformer of the four features as words."""
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    parts = {"inside": nn.Linear(1, 8), "words": nn.TransformerEncoder(layer, 2), "head": nn.Linear(8, 3)}
    return Forward(lambda self, x: self.head(self.words(self.inside(x.unsqueeze(-1))).mean(1)), **parts)


def largest(self, x):
    states = self.net[0](x)
    return self.net[4](states * (states >= states.topk(3, 1).values[:, -1:]))


OPEN = {
    "an attribute inplace": lambda: nn.Sequential(nn.Linear(4, 8), InPlace(), nn.Linear(8, 3)),
    "any arguments": Any,
    "weight norm": lambda: all_of(weight_norm),
    "spectral norm": lambda: all_of(spectral_norm),
    "weight norm as a parametrization": lambda: all_of(parametrizations.weight_norm),
    "spectral norm as a parametrization": lambda: all_of(parametrizations.spectral_norm),
    "orthogonal": lambda: all_of(parametrizations.orthogonal),
    "pruned": lambda: all_of(pruned),
    "a Linear of its own": lambda: nn.Sequential(of_class(nn.Linear, 4, 8), nn.ReLU(), nn.Linear(8, 3)),
    "a ReLU of its own": lambda: nn.Sequential(nn.Linear(4, 8), of_class(nn.ReLU), nn.Linear(8, 3)),
    "a Dropout of its own": lambda: nn.Sequential(nn.Linear(4, 8), of_class(nn.Dropout), nn.Linear(8, 3)),
    "a batch norm of its own": lambda: nn.Sequential(nn.Linear(4, 8), of_class(nn.BatchNorm1d, 8), nn.Linear(8, 3)),
    "a Flatten of its own": lambda: nn.Sequential(of_class(nn.Flatten), nn.Linear(4, 3)),
    "an Identity of its own": lambda: nn.Sequential(of_class(nn.Identity), nn.Linear(4, 3)),
    "a forward pass put in another's place": replaced,
    "a hook on a container": lambda: hooked(1),
    "a hook on the whole": lambda: hooked(None),
    "a hook that sees names": hooked_with_names,
    "attention between words": attention,
    "a transformer": transformer,
    "rounds": lambda: Forward(lambda self, x: self.net(torch.round(2 * x) / 2)),
    "whole numbers": lambda: Forward(lambda self, x: self.net(x.long().float())),
    "words": lambda: Forward(lambda self, x: self.words(x.abs().long().clamp(0, 3)).mean(1), words=nn.Embedding(4, 3)),
    "the largest three": lambda: Forward(largest),
    "nested results": lambda: Forward(lambda self, x: {"outputs": {"hidden": x, "logits": self.net(x)}}),
    "None first": lambda: Forward(lambda self, x: (None, self.net(x))),
    "one result in two": lambda: Forward(lambda self, x: self.net(x.t().t())),
}


def first_tensor(found):
    """Return the tensor of a result that is taken."""
    if isinstance(found, tuple):
        return next(one for one in found if one is not None)
    return found["outputs"]["logits"] if isinstance(found, dict) else found


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", OPEN)
def test_a_module_opens_with_its_own_outputs_and_stays_as_it_was(kind):
    torch.manual_seed(2)
    module = OPEN[kind]().eval()
    study = koopview.Study(module, X, Y)
    with torch.no_grad():
        own = first_tensor(module(torch.tensor(study.dataset.x_test)))
    torch.testing.assert_close(study.original, own, atol=1e-5, rtol=1e-5)
    assert all(layer.supported or "expected" in layer.reason for layer in study.layers)


def test_layers_whose_weights_do_not_say_what_they_compute_are_not_replaced():
    torch.manual_seed(2)
    layers = {layer.name: layer for layer in network_from_module(replaced()).layers}
    assert "has a forward pass of its own, which may change what it computes" in layers["2"].reason


def test_a_linear_layer_of_words_and_an_attention_are_stages():
    torch.manual_seed(2)
    inside, attends, *_ = network_from_module(attention(), example=torch.tensor(X)).layers
    assert (inside.name, inside.in_shape, inside.out_shape) == ("inside", (4, 1), (4, 8))
    assert (attends.name, attends.kind, attends.reason) == ("attention", "MultiheadAttention", "")


@pytest.mark.parametrize("wrapped", [pruned, weight_norm, parametrizations.weight_norm])
@pytest.mark.filterwarnings("ignore")
def test_layers_whose_weights_are_computed_can_be_replaced(wrapped):
    assert [layer.supported for layer in koopview.Study(all_of(wrapped), X, Y).layers] == [True, True, True]


class Counts(nn.Module):
    """Gives something else the second time."""

    def __init__(self):
        super().__init__()
        self.net, self.calls = base(), 0

    def forward(self, x):
        self.calls += 1
        return self.calls * self.net(x)


def noisy(self, x):
    return self.net(functional.dropout(x + torch.randn_like(x), 0.5))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (Counts, "other outputs each time"),
        (lambda: Forward(noisy), "draws no random numbers"),
        (lambda: Forward(lambda self, x: self.net((x - x.mean(0)) / x.std(0))), "depend on the samples beside them"),
    ],
)
def test_outputs_that_are_not_the_inputs_alone_are_told(make, sentence):
    with pytest.raises(InputError, match=sentence):
        koopview.Study(make(), X, Y)


def test_one_sample_that_rounding_moves_in_a_smaller_batch_is_no_dependence():
    net, whole = base(), torch.randn(16, 4)
    network = network_from_module(net, "net")

    def moves(samples):
        return lambda self, x: self.net(x) * (1 + 0.01 * (torch.arange(len(x)) < samples)[:, None] * (len(x) < 16))

    one, all_of_them = Forward(moves(1)), Forward(moves(16))
    for module in (one, all_of_them):
        module.net = net
    assert check_outputs(network, one, whole) == (3,)
    with pytest.raises(InputError, match="depend on the samples beside them"):
        check_outputs(network, all_of_them, whole)


def test_layers_are_compared_with_the_module_where_no_data_are_known_either():
    with pytest.raises(InputError, match="draws no random numbers"):
        network_from_module(Forward(noisy), "net")


def test_dropout_that_is_always_on_is_off_and_told():
    module = Forward(lambda self, x: self.net(functional.dropout(x, 0.5)))
    study = koopview.Study(module, X, Y)
    torch.testing.assert_close(study.original, module.net(torch.tensor(study.dataset.x_test)).detach())
    assert any("drops numbers by chance" in remark for remark in study.network.remarks)


def test_random_numbers_that_a_program_draws_stay_the_same():
    module = Forward(lambda self, x: self.net(functional.dropout(x, 0.5)))
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    koopview.Study(module, X, Y)
    torch.testing.assert_close(torch.rand(3), expected)
