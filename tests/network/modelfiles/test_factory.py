"""Factories: functions and classes of files and modules, with arguments, and weights under other prefixes."""

import json
import sys

import pytest
import torch
from torch import nn

from koopview.errors import FileError, InputError
from koopview.network.modelfiles.load import load_network

CODE = """
from torch import nn
class Net(nn.Module):
    def __init__(self, hidden, outputs=3):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, hidden), nn.ReLU(), nn.Linear(hidden, outputs))
    def forward(self, x):
        return self.net(x)
def fixed():
    return Net(8)
"""
X = torch.linspace(-1, 1, 40).reshape(10, 4)


@pytest.fixture
def made(tmp_path):
    """The module of the code, the file of its weights under a prefix, and the file of the code."""
    (tmp_path / "nets_of_mine.py").write_text(CODE)
    namespace = {}
    exec(CODE, namespace)
    torch.manual_seed(0)
    module = namespace["fixed"]()

    def save(rename=lambda name: name):
        torch.save({rename(name): one for name, one in module.state_dict().items()}, tmp_path / "net.pt")
        return tmp_path / "net.pt"

    return module, save, tmp_path / "nets_of_mine.py"


def same(path, module, **options):
    torch.testing.assert_close(load_network(path, **options).run(X), module(X))


@pytest.mark.parametrize("arguments", [{"hidden": 8}, {"hidden": 8, "outputs": 3}, [8], [8, 3]])
def test_arguments_are_an_object_or_a_list(made, tmp_path, arguments):
    module, save, code = made
    (tmp_path / "arguments.json").write_text(json.dumps(arguments))
    same(save(), module, factory=f"{code}:Net", factory_args=tmp_path / "arguments.json")


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("{}", r"missing a required argument: 'hidden'\), expected a JSON file of its arguments \(hidden, outputs\)$"),
        ('{"hidden": 8, "depth": 2}', r"got an unexpected keyword argument 'depth'"),
        ("{", r"cannot be read \(.*\), expected JSON$"),
        ("[" * 100_000, r"cannot be read \(.*\), expected JSON$"),
        ("8", r'hold int, expected an object such as \{"hidden": 64\} or a list$'),
        ("", r"cannot be read"),
    ],
)
def test_wrong_arguments_are_one_sentence(made, tmp_path, written, sentence):
    _, save, code = made
    (tmp_path / "arguments.json").write_text(written)
    with pytest.raises((FileError, InputError), match=sentence) as caught:
        load_network(save(), factory=f"{code}:Net", factory_args=tmp_path / "arguments.json")
    assert caught.value.options == ("--factory-args FILE.json",)
    with pytest.raises(FileError, match=r"nothing\.json do not exist, expected a JSON file$"):
        load_network(save(), factory=f"{code}:Net", factory_args=tmp_path / "nothing.json")


def test_a_module_that_is_importable(made, monkeypatch):
    module, save, code = made
    monkeypatch.syspath_prepend(str(code.parent))
    same(save(), module, factory="nets_of_mine:fixed")
    monkeypatch.delitem(sys.modules, "nets_of_mine")
    with pytest.raises(InputError, match="has no function 'other', expected"):
        load_network(save(), factory="nets_of_mine:other")
    with pytest.raises(InputError, match=r"^factory no_such_module_here:Net does not exist: there is no module"):
        load_network(save(), factory="no_such_module_here:Net")


@pytest.mark.parametrize(
    "rename",
    [
        lambda name: f"module.{name}",
        lambda name: f"module.model._orig_mod.{name}",
        lambda name: name.removeprefix("net."),
        lambda name: name.replace("net.", "backbone.body."),
    ],
    ids=["one", "three", "lacking", "another"],
)
def test_weights_that_differ_by_a_prefix_alone_fit(made, rename):
    module, save, code = made
    same(save(rename), module, factory=f"{code}:fixed")


def test_weights_that_do_not_fit_are_told_by_a_few_names(made, tmp_path):
    _, _, code = made
    torch.save({f"layers.{i}.weight": torch.ones(3, 3) for i in range(9)}, tmp_path / "net.pt")
    with pytest.raises(InputError) as caught:
        load_network(tmp_path / "net.pt", factory=f"{code}:fixed")
    assert str(caught.value).endswith(
        "the file lacks net.0.weight, net.0.bias, net.2.weight and 1 more; "
        "the module has no layers.0.weight, layers.1.weight, layers.2.weight and 6 more"
    )


def test_what_a_state_dict_shows_is_told_layer_by_layer_with_an_example_of_a_factory(tmp_path):
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Linear(8, 3), nn.LayerNorm(3))
    torch.save(net.state_dict(), tmp_path / "net.pt")
    with pytest.raises(
        InputError, match=r"0: 4-D weights: a 2-D convolution; 3: a norm without running .*def "
    ) as caught:
        load_network(tmp_path / "net.pt", activation_name="relu")
    assert caught.value.options == ("--factory FILE.py:FUNCTION",)
