"""Fingerprints: networks whose outputs differ never share one, and a network made twice has one."""

import functools
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from koopview.network.fingerprint import network_fingerprint
from koopview.network.modules import network_from_module

INPUTS = 3 * torch.randn(64, 4, generator=torch.Generator().manual_seed(0))


class Chain(nn.Module):
    """Two Linear layers of fixed weights with any function or modules between them, as people write forward passes."""

    def __init__(self, *between, width=4, seed=0, dtype=torch.float32):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.first, self.between, self.last = nn.Linear(4, 4), nn.ModuleList(), nn.Linear(width, 3)
        self.steps = between
        for part in (self.first, self.last):
            for tensor in part.parameters():
                tensor.data = torch.randn(tensor.shape, generator=generator).to(dtype).float()
        self.between.extend(step for step in between if isinstance(step, nn.Module))

    def forward(self, x):
        x = self.first(x)
        for step in self.steps:
            x = step(x)
        return self.last(x)


def fingerprint(module):
    return network_fingerprint(network_from_module(module))


def outputs(module):
    return network_from_module(module).run(INPUTS)


def batch_norm(mean, scale, seed):
    """A batch norm whose buffers say something."""
    module = nn.BatchNorm1d(4)
    generator = torch.Generator().manual_seed(seed)
    module.running_mean = torch.randn(4, generator=generator) + mean
    module.running_var = torch.rand(4, generator=generator) + scale
    return module


NUMBERS = st.sampled_from([-2.0, -0.5, 0.0, 0.01, 0.3, 0.5, 1.0, 1.0000001, 2.0])
POSITIVE = st.sampled_from([0.01, 0.3, 0.5, 1.0, 1.0000001, 2.0, 20.0])


def called(function, *args, **kwargs):
    """A function as a forward pass calls it, made anew each time."""
    return lambda x: function(x, *args, **kwargs)


BETWEEN = st.one_of(
    st.sampled_from(["relu", "tanh", "sigmoid", "gelu", "silu", "elu", "softplus"]).map(
        lambda name: called(getattr(functional, name))
    ),
    st.sampled_from([nn.ReLU, nn.Tanh, nn.Sigmoid, nn.GELU, nn.SiLU, nn.Mish, nn.SELU]).map(lambda kind: kind()),
    st.sampled_from(["none", "tanh"]).map(lambda how: nn.GELU(approximate=how)),
    st.sampled_from(["none", "tanh"]).map(lambda how: called(functional.gelu, approximate=how)),
    NUMBERS.map(nn.LeakyReLU),
    NUMBERS.map(lambda slope: called(functional.leaky_relu, slope)),
    NUMBERS.map(lambda slope: called(functional.leaky_relu, negative_slope=slope)),
    NUMBERS.map(lambda slope: lambda x: functional.leaky_relu(input=x, negative_slope=slope)),
    POSITIVE.map(nn.ELU),
    POSITIVE.map(lambda alpha: called(functional.elu, alpha)),
    POSITIVE.map(nn.CELU),
    st.tuples(POSITIVE, POSITIVE).map(lambda pair: nn.Softplus(*pair)),
    st.tuples(POSITIVE, POSITIVE).map(lambda pair: called(functional.softplus, beta=pair[0], threshold=pair[1])),
    st.tuples(NUMBERS, NUMBERS).map(lambda pair: nn.Threshold(*pair)),
    st.tuples(NUMBERS, NUMBERS).map(lambda pair: called(functional.threshold, *pair)),
    NUMBERS.map(lambda low: nn.Hardtanh(low, low + 1)),
    NUMBERS.map(lambda low: called(torch.clamp, low, low + 1)),
    NUMBERS.map(lambda low: lambda x: x.clamp(min=low)),
    NUMBERS.map(lambda high: lambda x: x.clamp(max=high)),
    NUMBERS.map(lambda number: lambda x: x * number),
    NUMBERS.map(lambda number: lambda x: number - x),
    NUMBERS.map(lambda number: lambda x: x - number),
    st.integers(1, 3).map(lambda power: lambda x: torch.relu(x) ** power),
    st.tuples(NUMBERS, POSITIVE, st.integers(0, 3)).map(lambda given: batch_norm(*given)),
    POSITIVE.map(lambda eps: nn.LayerNorm(4, eps=eps)),
    st.sampled_from([torch.float16, torch.bfloat16, torch.float32]).map(lambda kind: lambda x: x.to(kind).float()),
    st.sampled_from([(2, 2), (4, 1), (1, 4)]).map(
        lambda shape: lambda x: x.view(x.size(0), *shape).transpose(1, 2).flatten(1)
    ),
    st.sampled_from([(2, 2), (4, 1)]).map(
        lambda shape: lambda x: torch.cumsum(x.view(x.shape[0], *shape), 1).flatten(1)
    ),
    st.permutations([0, 1, 2, 3]).map(lambda order: lambda x: x[:, order]),
    st.integers(-3, 3).map(lambda shift: lambda x: torch.roll(x, shift, 1)),
)


@st.composite
def recipes(draw):
    """What `Chain` is made from; drawn apart from making it, so that the same can be made twice."""
    between = draw(st.lists(BETWEEN, min_size=1, max_size=2))
    kinds = st.sampled_from([torch.float32, torch.float16, torch.bfloat16])
    return between, draw(st.integers(0, 1)), draw(kinds)


def made(recipe):
    between, seed, kind = recipe
    return Chain(*between, seed=seed, dtype=kind).eval()


def drawn(count):
    """Settings of hypothesis for so many examples: few that are drawn anew each time, and many in a slow run."""
    too = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    return settings(max_examples=count, deadline=None, suppress_health_check=too)


@drawn(100)
@given(recipes(), recipes())
def test_networks_whose_outputs_differ_have_different_fingerprints(one, other):
    differ_as_their_outputs(one, other)


@pytest.mark.slow
@drawn(1000)
@given(recipes(), recipes())
def test_many_networks_whose_outputs_differ_have_different_fingerprints(one, other):
    differ_as_their_outputs(one, other)


def differ_as_their_outputs(one, other):
    pair = made(one), made(other)
    assert fingerprint(pair[0]) == fingerprint(made(one))
    results = [outputs(module) for module in pair]
    assume(all(torch.isfinite(result).all() for result in results))
    whole = pair[0](INPUTS).detach()  # the network is the module; another order of sums is rounded otherwise
    torch.testing.assert_close(results[0], whole, rtol=1e-4, atol=1e-5)
    if not torch.equal(*results):
        assert fingerprint(pair[0]) != fingerprint(pair[1])


@drawn(100)
@given(st.tuples(BETWEEN, BETWEEN), st.integers(0, 1))
def test_so_have_networks_that_differ_in_one_function_alone(pair, seed):
    differ_in_one_function(pair, seed)


@pytest.mark.slow
@drawn(1000)
@given(st.tuples(BETWEEN, BETWEEN), st.integers(0, 1))
def test_so_have_many_networks_that_differ_in_one_function_alone(pair, seed):
    differ_in_one_function(pair, seed)


def differ_in_one_function(pair, seed):
    modules = [Chain(step, seed=seed).eval() for step in pair]
    results = [outputs(module) for module in modules]
    if not torch.equal(*results):
        assert fingerprint(modules[0]) != fingerprint(modules[1])


def hooked(factor, index):
    module = nn.Sequential(Chain(nn.ReLU()))
    part = (module, module[0], module[0].first, module[0].between[0])[index]
    part.register_forward_hook(lambda module, inputs, output: output * factor)
    return module.eval()


class Scaled:
    """A callable object with an attribute of its own."""

    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x):
        return x * self.factor


def transformer(function):
    torch.manual_seed(0)
    encoder = nn.TransformerEncoderLayer(4, 1, 8, 0.0, activation=function, batch_first=True)
    return nn.Sequential(nn.Unflatten(1, (1, 4)), encoder, nn.Flatten(), nn.Linear(4, 3)).eval()


SLOPE = 0.1


def uses_a_global(x):
    return functional.leaky_relu(x, SLOPE)


def with_slope(slope):
    return type(uses_a_global)(uses_a_global.__code__, {**globals(), "SLOPE": slope})


@pytest.mark.parametrize(
    "pair",
    [
        *((hooked(2.0, index), hooked(3.0, index)) for index in range(4)),
        *(tuple(Chain(lambda x, at=at: x[:, at], width=2) for at in ats) for ats in ((slice(2), slice(2, 4)),)),
        tuple(Chain(nn.Tanh(), batch_norm(mean, 1, 0)).eval() for mean in (0, 1)),  # folded into no layer
        tuple(transformer(lambda x, slope=slope: functional.leaky_relu(x, slope)) for slope in (0.1, 0.2)),
        tuple(transformer(functools.partial(functional.leaky_relu, negative_slope=slope)) for slope in (0.1, 0.2)),
        tuple(transformer(Scaled(factor)) for factor in (0.1, 0.2)),
        tuple(transformer(with_slope(slope)) for slope in (0.1, 0.2)),
    ],
    ids=["root", "part", "leaf", "activation", "slice", "buffers", "lambda", "partial", "object", "global"],
)
def test_what_a_hook_or_a_function_of_ones_own_computes_counts(pair):
    results = [outputs(module) for module in pair]
    assert not torch.equal(*results)
    for module, result in zip(pair, results, strict=True):
        torch.testing.assert_close(result, module(INPUTS).detach())
    assert fingerprint(pair[0]) != fingerprint(pair[1])


def test_order_type_and_a_number_in_the_last_place_count():
    layers = nn.Linear(4, 4), nn.Linear(4, 4)
    assert fingerprint(nn.Sequential(*layers)) != fingerprint(nn.Sequential(*reversed(layers)))
    module = Chain(nn.ReLU())
    before = fingerprint(module)
    module.last.weight.data[2, 3] = torch.nextafter(module.last.weight[2, 3], torch.tensor(9.0))
    assert fingerprint(module) != before
    network = network_from_module(module)
    assert network_fingerprint(network) != network_fingerprint(type(network)("", tuple(map(doubled, network.layers))))


def doubled(layer):
    return layer.double()


SCRIPT = """
import sys; sys.path[:0] = {path!r}
from test_fingerprint import *
print(fingerprint(Chain(lambda x: functional.leaky_relu(x, negative_slope=0.3).view(x.size(0), 2, 2).flatten(1),
    batch_norm(0, 1, 0), lambda x: x[:, [3, 1, 2, 0]])),
    fingerprint(hooked(2.0, 2)), fingerprint(transformer(Scaled(2))),
    fingerprint(transformer(lambda x: x if x is None else {{"a", "b", "c"}} and functional.relu(x))))
"""


def test_other_processes_find_the_same_fingerprints(tmp_path):
    script = SCRIPT.format(path=[str(Path(__file__).parent)])
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
    assert len(found.pop().split()) == 4
