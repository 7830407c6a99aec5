"""The order of layers: taken where names, widths or the file say it, asked for everywhere else."""

from itertools import pairwise, permutations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from koopview.errors import InputError
from koopview.network.modelfiles.layer_order import agrees, earlier_by_name, fitting_orders, layer_order, words
from koopview.network.modelfiles.load import load_network


def square(*names):
    return dict.fromkeys(names, (8, 8))


@pytest.mark.parametrize(
    "names",
    [
        ("input", "hidden", "output"),
        ("net.input_layer", "net.middle", "net.output_layer"),
        ("fc1", "fc2", "fc10"),
        ("layers.0.fc1", "layers.0.fc2", "layers.1.fc1", "layers.1.fc2", "layers.11.fc1"),
        ("stem", "body.0", "body.1", "body.2", "classifier"),
        ("encoder.0", "encoder.2", "decoder.0", "decoder.2"),
        ("encoder.in", "encoder.mid", "encoder.out", "decoder.in", "decoder.mid", "decoder.out"),
        ("enc1", "enc2", "dec1", "dec2"),
        ("inLayer", "hidden1", "hidden2", "outLayer"),
        ("embedding", "fc", "logits"),
    ],
    ids="-".join,
)
def test_names_that_say_the_order_of_square_layers(names):
    for given_order in (sorted(names), sorted(names, reverse=True)):
        assert layer_order(square(*given_order), False, "net") == list(names)


@pytest.mark.parametrize(
    "names",
    [("a", "b"), ("query", "value"), ("fc", "net.0", "net.1"), ("up", "down", "out"), ("input", "fc1", "lin2", "out")],
)
def test_names_that_do_not_say_it_are_listed_and_asked_about(names):
    asked = r"^the layers of net \(.*\) fit each other in several orders and their names do not say which, expected "
    with pytest.raises(InputError, match=asked) as caught:
        layer_order(square(*names), False, "net", "--factory")
    assert all(name in str(caught.value) for name in names)
    assert caught.value.options == ("--factory",)
    assert layer_order(square(*names), True, "net") == list(names)  # as a state dict was defined


def test_a_file_whose_order_contradicts_its_names_is_not_taken_at_its_word():
    with pytest.raises(InputError, match="in several orders"):
        layer_order(square("out", "a", "b"), True, "net")
    assert layer_order(square("fc2", "fc1"), True, "net") == ["fc1", "fc2"]


def test_widths_that_allow_one_order_alone_win_over_names():
    shapes = {"a": (4, 9), "z": (9, 3), "m": (3, 2), "b": (5, 4)}
    assert layer_order(shapes, False, "net") == ["m", "z", "a", "b"]
    assert layer_order({"fc_128": (128, 30), "fc_64": (64, 128)}, False, "net") == ["fc_128", "fc_64"]
    with pytest.raises(InputError, match="do not follow one another in width"):
        layer_order({"a": (4, 9), "b": (5, 7)}, True, "net")


def test_so_many_orders_that_nobody_can_look_at_all_are_not_certain():
    shapes = {f"w{'abcdefghijklmnop'[index]}": (8, 8) for index in range(16)} | {"x": (9, 7)}
    assert fitting_orders(shapes, {name: set() for name in shapes}) is None
    with pytest.raises(InputError, match=r"in several orders|do not follow"):
        layer_order(shapes, False, "net")


def test_very_many_layers():
    names = [f"net.{index}" for index in range(0, 1200, 2)]
    assert layer_order(square(*sorted(names)), False, "net") == names


WIDTHS = st.integers(1, 3)
NAMES = ("input", "fc1", "fc2", "b", "output", "decoder")


@given(st.lists(st.tuples(WIDTHS, WIDTHS), min_size=1, max_size=6), st.permutations(NAMES), st.booleans())
def test_against_all_orders_there_are(widths, names, in_order):
    shapes = dict(zip(names, widths, strict=False))
    earlier = earlier_by_name(list(shapes))
    fitting = [
        list(order) for order in permutations(shapes) if all(shapes[a][0] == shapes[b][1] for a, b in pairwise(order))
    ]
    told = [order for order in fitting if agrees(order, earlier)]
    if 1 in (len(told), len(fitting)):
        assert [layer_order(shapes, in_order, "net")] == (told if len(told) == 1 else fitting)
    elif in_order and list(shapes) in (told or fitting):
        assert layer_order(shapes, in_order, "net") == list(shapes)
    else:
        with pytest.raises(InputError, match="several orders" if fitting else "in width"):
            layer_order(shapes, in_order, "net")


def test_words_of_names():
    assert words("encoderLayer.fc_1") == ["encoder", "layer", "fc"]
    assert words("MLPHead2.outProj") == ["mlp", "head", "out", "proj"]


@pytest.fixture
def layers():
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(4, 4, generator=generator) for _ in range(3)]


def by_hand(layers, x):
    for weight in layers[:-1]:
        x = torch.relu(x @ weight.T)
    return x @ layers[-1].T


def test_a_safetensors_file_sorts_its_layers_and_still_opens_as_the_network_it_is_of(tmp_path, layers):
    weights = dict(zip(("input.weight", "hidden.weight", "output.weight"), layers, strict=True))
    save_file(weights, tmp_path / "net.safetensors")
    x = torch.tensor(np.random.default_rng(0).normal(size=(9, 4)), dtype=torch.float32)
    torch.testing.assert_close(
        load_network(tmp_path / "net.safetensors", activation_name="relu").run(x), by_hand(layers, x)
    )


def test_names_without_order_are_asked_about_in_safetensors_and_kept_in_a_state_dict(tmp_path, layers):
    weights = dict(zip(("up.weight", "mix.weight", "down.weight"), layers, strict=True))
    save_file(weights, tmp_path / "net.safetensors")
    with pytest.raises(InputError, match=r"net\.safetensors \(.*\) fit each other in several orders"):
        load_network(tmp_path / "net.safetensors", activation_name="relu")
    torch.save(weights, tmp_path / "net.pt")
    x = torch.eye(4)
    torch.testing.assert_close(load_network(tmp_path / "net.pt", activation_name="relu").run(x), by_hand(layers, x))
