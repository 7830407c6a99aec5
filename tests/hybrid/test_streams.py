"""Which layers are blocks of a residual stream, and the states between them."""

import itertools

import numpy as np
import pytest
import torch
from reference.examples import random_network
from reference.residual import ConvBlock, ReluBlock, Transformer, conv_network
from torch import nn

from koopview.errors import InputError
from koopview.hybrid.depth_paths import longest_path, path_from, path_near, path_of
from koopview.hybrid.streams import run_after, states_at, streams
from koopview.network.modules import network_from_module


def read(module, *shape, seed=0):
    x = torch.tensor(np.random.default_rng(seed).normal(size=(5, *shape)).astype(np.float32))
    return network_from_module(module.eval(), example=x), x


def residual(blocks=3, seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 6), *[ReluBlock(6, 9) for _ in range(blocks)], nn.Linear(6, 2))


def test_the_blocks_of_a_residual_network_are_found():
    stream = longest_path(*read(residual(), 4)).stream
    assert [block.name for block in stream.blocks] == ["1", "2", "3"]
    assert (stream.shape, stream.siblings) == ((6,), True)


def test_a_transformer_block_is_one_block_though_its_sums_stand_apart_in_the_chain():
    network, x = read(Transformer(), 7, 4)
    stream = longest_path(network, x).stream
    assert [block.name for block in stream.blocks] == ["blocks.0", "blocks.1", "blocks.2"]
    assert all(len(block.layers) == 2 for block in stream.blocks)
    assert stream.shape == (7, 8)


def test_convolutional_blocks_keep_their_picture_shape():
    network, x = read(conv_network(), 1, 8, 8)
    stream = longest_path(network, x).stream
    assert ([block.name for block in stream.blocks], stream.shape) == (["2", "3", "4"], (4, 8, 8))


def test_the_longest_of_two_streams_is_taken_and_the_other_can_be_named():
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Linear(4, 6), ReluBlock(6, 9), ReluBlock(6, 9), nn.Linear(6, 5), *[ReluBlock(5, 9) for _ in range(3)]
    )
    network, x = read(module, 4)
    assert [block.name for block in longest_path(network, x).stream.blocks] == ["4", "5", "6"]
    path, index = path_from(network, x, "2", 1)
    assert (list(path.names), index) == (["1", "2"], 1)
    assert path_near(network, x, "1").stream == path_of(network, x, "1").stream == path.stream
    assert path_near(network, x, "0").stream == longest_path(network, x).stream


def test_a_block_that_is_called_again_and_again_is_a_stream():
    class Repeated(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.block, self.last = nn.Linear(4, 6), ReluBlock(6, 9), nn.Linear(6, 2)

        def forward(self, x):
            x = self.first(x)
            for _ in range(4):
                x = self.block(x)
            return self.last(x)

    torch.manual_seed(0)
    network, x = read(Repeated(), 4)
    stream = longest_path(network, x).stream
    assert (len(stream.blocks), stream.siblings) == (4, True)
    for k, state in states_at(network, stream, x, range(1, 5)).items():
        torch.testing.assert_close(run_after(network, stream, k, state), network.run(x))


def test_layers_of_one_width_are_a_stream_though_they_are_no_siblings():
    torch.manual_seed(0)
    network, x = read(nn.Sequential(ReluBlock(6, 9), ReluBlock(6, 11), nn.Linear(6, 2)), 6)
    stream = longest_path(network, x).stream
    assert ([block.name for block in stream.blocks], stream.siblings) == (["0", "1"], False)


def test_a_layer_before_the_siblings_can_be_the_start_where_shapes_allow_it():
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Conv2d(4, 4, 3, padding=1), *[ConvBlock(4) for _ in range(2)], nn.Flatten(), nn.Linear(256, 2)
    )
    network, x = read(module, 4, 8, 8)
    assert len(longest_path(network, x).stream.blocks) == 2
    path, index = path_from(network, x, "0", 3)
    assert (len(path.names), index) == (3, 0)


def test_a_network_without_a_stream_says_what_one_is():
    with pytest.raises(InputError, match=r"has no residual stream: .* expected two or more blocks of one width"):
        longest_path(*read(random_network((4, 8, 6, 2), "relu"), 4))


@pytest.mark.parametrize(
    ("start", "blocks", "told"), [("7", 1, "start is '7'"), ("2", 3, "blocks is 3, expected 1 to 2")]
)
def test_a_start_or_number_that_is_none_is_refused(start, blocks, told):
    with pytest.raises(InputError, match=told):
        path_from(*read(residual(), 4), start, blocks)


def test_states_are_what_the_modules_take_and_give():
    module = residual()
    network, x = read(module, 4)
    stream = longest_path(network, x).stream
    with torch.no_grad():
        wanted = list(itertools.accumulate(module[1:4], lambda state, block: block(state), initial=module[0](x)))
    found = states_at(network, stream, x, range(4))
    for k, state in enumerate(wanted):
        torch.testing.assert_close(found[k], state)
        assert torch.equal(states_at(network, stream, x, [k])[k], found[k])


@pytest.mark.parametrize(("module", "shape"), [(Transformer, (7, 4)), (conv_network, (1, 8, 8)), (residual, (4,))])
def test_the_network_goes_on_from_every_state_to_its_own_outputs(module, shape):
    network, x = read(module(), *shape)
    stream = longest_path(network, x).stream
    for k, state in states_at(network, stream, x, range(1, len(stream.blocks) + 1)).items():
        torch.testing.assert_close(run_after(network, stream, k, state), network.run(x))


def test_every_stream_chains():
    for module, shape in ((Transformer(), (7, 4)), (conv_network(), (1, 8, 8))):
        network, x = read(module, *shape)
        for stream in streams(network, x):
            states = states_at(network, stream, x, range(len(stream.blocks) + 1))
            assert {state.shape for state in states.values()} == {(5, int(np.prod(stream.shape)))}
