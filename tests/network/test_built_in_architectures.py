"""Architectures that are no plain chains: sizes of their states, and their parts held against others' code."""

import math

import numpy as np
import pytest
import torch
from torch import fx, nn

from koopview.network.architectures import ARCHITECTURES, new_module
from koopview.network.architectures.residual_convolutional import ConvolutionalBlock
from koopview.network.architectures.residual_perceptron import ResidualPerceptron
from koopview.network.architectures.vision_transformer import Attention, TransformerBlock

LARGEST_STATE = 1_600
"""Numbers of a sample, so that a fit of any part takes seconds."""

BLOCKS = {
    "residual-convolutional": ("fine", 3),
    "residual-perceptron": ("blocks", 5),
    "vision-transformer": ("blocks", 6),
}
"""Where the blocks of equal shapes stand, and how many there are at least."""


@pytest.fixture(params=ARCHITECTURES)
def architecture(request):
    return request.param


@pytest.fixture
def module(architecture):
    made = new_module(architecture).eval()
    for buffer in made.buffers():  # batch norms that do something
        if buffer.is_floating_point():
            buffer.uniform_(0.5, 1.5)
    return made


def numbers(x: torch.Tensor) -> int:
    return math.prod(x.shape[1:])


def test_rows_of_pixels_become_logits(module):
    assert module(torch.rand(5, 784)).shape == (5, 10)


def test_every_state_is_small_but_the_picture(module):
    seen = {}

    def note(name):
        return lambda part, given, result: seen.update({name: (numbers(given[0]), numbers(result))})

    for name, part in module.named_modules():
        part.register_forward_hook(note(name))
    with torch.no_grad():
        module(torch.rand(2, 784))
    assert {name for name, _ in module.named_modules()} == set(seen)
    largest = max(one for name, sizes in seen.items() for one in sizes)
    assert 128 <= largest <= LARGEST_STATE


def test_blocks_of_one_shape_follow_each_other(architecture, module):
    place, count = BLOCKS[architecture]
    blocks = list(module.get_submodule(place))
    shapes = [[tuple(one.shape) for one in block.parameters()] for block in blocks]
    assert len(blocks) >= count >= 3
    assert all(one == shapes[0] for one in shapes)


def test_a_symbolic_trace_gives_the_same_outputs(module):
    x = torch.rand(3, 784)
    with torch.no_grad():
        torch.testing.assert_close(fx.symbolic_trace(module)(x), module(x), rtol=0, atol=0)


def test_each_sample_s_logits_are_its_own(module):
    x = torch.rand(6, 784)
    with torch.no_grad():
        torch.testing.assert_close(module(x)[2:4], module(x[2:4]), rtol=1e-4, atol=1e-5)


def test_the_perceptron_is_what_numpy_computes():
    module = ResidualPerceptron(width=6, blocks=2, hidden=5, classes=3).double()
    weights = {name: one.detach().numpy() for name, one in module.named_parameters()}
    x = np.random.default_rng(0).random((4, 784))

    def dense(name: str, state: np.ndarray) -> np.ndarray:
        return state @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    state = np.maximum(dense("stem", x), 0)
    for block in ("blocks.0", "blocks.1"):
        state = state + dense(f"{block}.contract", np.maximum(dense(f"{block}.expand", state), 0))
    np.testing.assert_allclose(module(torch.from_numpy(x)).detach().numpy(), dense("head", state), atol=1e-12)


def test_the_attention_is_torch_s_own():
    own, other = Attention(12, 3), nn.MultiheadAttention(12, 3, batch_first=True)
    with torch.no_grad():
        other.in_proj_weight.copy_(torch.cat([own.query.weight, own.key.weight, own.value.weight]))
        other.in_proj_bias.copy_(torch.cat([own.query.bias, own.key.bias, own.value.bias]))
        other.out_proj.load_state_dict(own.out.state_dict())
    x = torch.randn(4, 5, 12)
    torch.testing.assert_close(own(x), other(x, x, x)[0])


def test_a_transformer_block_is_torch_s_own_layer_with_norms_first():
    own = TransformerBlock(12, 3, 20)
    other = nn.TransformerEncoderLayer(12, 3, 20, dropout=0, activation="gelu", batch_first=True, norm_first=True)
    attention = own.attention
    with torch.no_grad():
        other.self_attn.in_proj_weight.copy_(
            torch.cat([attention.query.weight, attention.key.weight, attention.value.weight])
        )
        other.self_attn.in_proj_bias.copy_(torch.cat([attention.query.bias, attention.key.bias, attention.value.bias]))
        other.self_attn.out_proj.load_state_dict(attention.out.state_dict())
        for one, two in ((own.norm1, other.norm1), (own.norm2, other.norm2)):
            two.weight.copy_(one.weight.normal_())
        other.linear1.load_state_dict(own.mlp.expand.state_dict())
        other.linear2.load_state_dict(own.mlp.contract.state_dict())
    x = torch.randn(4, 5, 12)
    torch.testing.assert_close(own(x), other(x))


@pytest.mark.parametrize(("inputs", "outputs", "stride"), [(3, 3, 1), (3, 6, 2)])
def test_a_convolutional_block_that_changes_nothing_passes_its_skip_on(inputs, outputs, stride):
    block = ConvolutionalBlock(inputs, outputs, stride).eval()
    x = torch.randn(2, inputs, 8, 8)
    assert not torch.equal(block(x), block.skip(x).relu())
    nn.init.zeros_(block.norm2.weight)
    torch.testing.assert_close(block(x), block.skip(x).relu())
    expected = x if stride == 1 else nn.functional.conv2d(x, block.skip.weight, stride=stride)
    torch.testing.assert_close(block(x), expected.relu())


def test_the_seed_decides_the_weights_and_torch_s_own_numbers_stay(architecture):
    before = torch.get_rng_state()
    one, two, other = (new_module(architecture, seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert any(not torch.equal(one[name], other[name]) for name in one)
