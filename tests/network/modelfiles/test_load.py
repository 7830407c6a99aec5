"""Model files: every usual way to keep weights is read, all else is one sentence, and no file runs code."""

import os
import pickle
import sys
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from koopview.errors import FileError, InputError, KoopViewError
from koopview.network.modelfiles.load import load_network

X = torch.tensor(np.random.default_rng(0).normal(size=(20, 4)), dtype=torch.float32)
REFUSED = "could run code when it is read: it holds .*, expected a file of weights alone .*, or your trust in it"


def perceptron(bias=True, act=nn.ReLU):
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Linear(4, 8, bias=bias), act(), nn.Linear(8, 8, bias=bias), act(), nn.Linear(8, 3, bias=bias)
    )


def renamed(weights, names):
    """The weights with 0, 2, 4 called otherwise, in the order of `names`."""
    places = dict(zip(names, ("0", "2", "4"), strict=True))
    return {f"{new}.{part}": weights[f"{places[new]}.{part}"] for new in names for part in ("weight", "bias")}


@pytest.fixture
def saved(tmp_path):
    """Save an object as PyTorch does, or tensors as safetensors, and return the path."""

    def save(content, name="model.pt", **options):
        if name.endswith(".safetensors"):
            save_file({key: value.contiguous() for key, value in content.items()}, tmp_path / name, **options)
        else:
            torch.save(content, tmp_path / name, **options)
        return tmp_path / name

    return save


@pytest.fixture
def factory(tmp_path):
    """Write code into a file and return FILE.py:make."""

    def write(code, function="make", name="factory.py"):
        (tmp_path / name).write_text(code)
        return f"{tmp_path / name}:{function}"

    return write


class Trap:
    """An object whose unpickling makes a folder."""

    def __init__(self, marker):
        self.marker = str(marker)

    def __reduce__(self):
        return os.mkdir, (self.marker,)


def outputs(network):
    return network.run(X)


# What is read ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["model.pt", "model.pth", "model.bin", "model.safetensors", "mödel 日本.safetensors"])
def test_weights_give_the_network_they_are_of(saved, name):
    module = perceptron()
    network = load_network(saved(module.state_dict(), name), activation_name="relu")
    torch.testing.assert_close(outputs(network), module(X))
    assert [(layer.name, layer.activation_name) for layer in network.layers] == [
        ("0", "relu"),
        ("2", "relu"),
        ("4", "identity"),
    ]
    assert network.name == name


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
@pytest.mark.parametrize("ending", [".pt", ".safetensors"])
def test_a_name_that_is_no_text(saved, tmp_path, ending):
    path = saved(perceptron().state_dict(), f"model{ending}").rename(
        tmp_path / os.fsdecode(b"\xff\xfe" + ending.encode())
    )
    torch.testing.assert_close(outputs(load_network(path, activation_name="relu")), perceptron()(X))


@pytest.mark.parametrize(
    ("name", "act"), [("tanh", nn.Tanh), ("gelu", nn.GELU), ("silu", nn.SiLU), ("leaky_relu", nn.LeakyReLU)]
)
def test_the_activation_is_the_one_that_is_named(saved, name, act):
    module = perceptron(act=act)
    torch.testing.assert_close(outputs(load_network(saved(module.state_dict()), activation_name=name)), module(X))


def test_the_activation_may_stand_in_the_files_metadata_and_a_named_one_wins(saved):
    path = saved(perceptron().state_dict(), "model.safetensors", metadata={"activation": "tanh"})
    assert load_network(path).layers[0].activation_name == "tanh"
    assert load_network(path, activation_name="gelu").layers[0].activation_name == "gelu"


def test_without_an_activation_it_is_asked_for(saved):
    with pytest.raises(
        InputError, match=r"holds weights alone, expected the name of its activation \(relu, .*\) or a factory \(a file"
    ):
        load_network(saved(perceptron().state_dict(), "model.safetensors"))
    with pytest.raises(InputError, match="activation is 'rellu', expected one of relu, gelu"):
        load_network(saved(perceptron().state_dict()), activation_name="rellu")


def test_the_old_format_of_pytorch(saved):
    module = perceptron()
    path = saved(module.state_dict(), _use_new_zipfile_serialization=False)
    torch.testing.assert_close(outputs(load_network(path, activation_name="relu")), module(X))


def test_layers_without_bias(saved):
    module = perceptron(bias=False)
    torch.testing.assert_close(outputs(load_network(saved(module.state_dict()), activation_name="relu")), module(X))


@pytest.mark.parametrize("wrapper", ["state_dict", "model_state_dict", "model"])
def test_a_checkpoint_with_weights_inside(saved, wrapper):
    module = perceptron()
    path = saved({"epoch": 3, wrapper: module.state_dict(), "optimizer": {"state": {}, "param_groups": []}})
    torch.testing.assert_close(outputs(load_network(path, activation_name="relu")), module(X))


def test_a_weight_that_bears_a_wrappers_name_is_no_wrapper(saved):
    with pytest.raises(FileError, match="holds no weights, expected named weights"):
        load_network(saved({"epoch": 3, "model": "resnet"}), activation_name="relu")


@pytest.mark.parametrize("file", ["model.pt", "model.safetensors"])
@pytest.mark.parametrize(
    "names", [("net.0", "net.2", "net.4"), ("fc1", "fc2", "fc10"), ("a.1.b", "a.9.b", "a.10.b")], ids=lambda n: n[-1]
)
def test_numbered_layers_stand_in_the_order_of_their_numbers(saved, names, file):
    module = perceptron()
    weights = renamed(module.state_dict(), names)
    path = saved(dict(reversed(weights.items())), file)
    network = load_network(path, activation_name="relu")
    shared = names[0].index(".") + 1 if "." in names[0] else 0
    assert [layer.name for layer in network.layers] == [name[shared:] for name in names]
    torch.testing.assert_close(outputs(network), module(X))


@pytest.mark.parametrize("names", [("in", "hidden", "out"), ("trunk.0", "trunk.1", "head"), ("²", "b", "a")])
def test_other_names_stand_in_the_order_of_the_file(saved, names):
    torch.manual_seed(1)
    module = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
    network = load_network(saved(renamed(module.state_dict(), names)), activation_name="relu")
    assert [layer.name for layer in network.layers] == list(names)
    torch.testing.assert_close(outputs(network), module(X))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("name", ["model.pt", "model.safetensors"])
def test_every_precision_becomes_float32(saved, dtype, name):
    module = perceptron().to(dtype)
    network = load_network(saved(module.state_dict(), name), activation_name="relu")
    assert {p.dtype for layer in network.layers for p in layer.affine.parameters()} == {torch.float32}
    torch.testing.assert_close(outputs(network), module.float()(X))


def test_a_trusted_module_is_itself(saved):
    module = perceptron(act=nn.Tanh)
    torch.testing.assert_close(outputs(load_network(saved(module), trust=True)), module(X))
    inside = saved({"model": module, "epoch": 1}, "inside.pt")
    torch.testing.assert_close(outputs(load_network(inside, trust=True)), module(X))


# The person's own code ------------------------------------------------------------------------------------------------

MAKE = """
from torch import nn
def make():
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))
"""


def normed():
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))
    module(torch.randn(100, 4) * 3 + 1)  # its running mean and deviation are no longer 0 and 1
    return module.eval()


def test_batch_norm_is_folded_with_and_without_a_factory(saved, factory):
    module = normed()
    path = saved(module.state_dict())
    network = load_network(path, activation_name="relu")
    torch.testing.assert_close(outputs(network), module(X))
    assert "each batch norm right behind its Linear layer" in network.remarks[-1]
    torch.testing.assert_close(outputs(load_network(path, factory=factory(MAKE))), module(X))


def test_a_factory_takes_the_weights_of_a_trusted_module(saved, factory):
    module = normed()
    torch.testing.assert_close(outputs(load_network(saved(module), factory=factory(MAKE), trust=True)), module(X))


def test_a_factory_may_import_what_stands_beside_it_and_holds_dataclasses(saved, factory, tmp_path):
    (tmp_path / "koopview_test_widths.py").write_text("WIDTH = 8")
    code = (
        "from __future__ import annotations\nfrom dataclasses import dataclass\nfrom torch import nn\n"
        "from koopview_test_widths import WIDTH\n@dataclass\nclass Shape:\n    width: int = WIDTH\n"
        "def make():\n    return nn.Sequential(nn.Linear(4, Shape().width), nn.ReLU(), nn.Linear(8, 3))\n"
    )
    module = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    torch.testing.assert_close(outputs(load_network(saved(module.state_dict()), factory=factory(code))), module(X))
    assert str(tmp_path) not in sys.path


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("def make(:", "failed: SyntaxError: invalid syntax"),
        ("def make(): raise ValueError('two\\nlines')", "failed: ValueError: two lines$"),
        ("def make(): raise SystemExit(3)", "failed: SystemExit: 3$"),
        ("raise SystemExit('bye')", "failed: SystemExit: bye$"),
        ("import nothing_of_that_name", "failed: ModuleNotFoundError: No module named 'nothing_of_that_name'$"),
        ("def make(): return make()", "failed: RecursionError: maximum recursion depth exceeded"),
        (
            "def make(width): pass",
            r"other arguments than it takes \(missing a required argument: 'width'\), expected a JSON .*\(width\)$",
        ),
        ("def make(): raise ValueError('x' * 1000)", "failed: ValueError: x{200}...$"),
        ("def make(): pass", "returned NoneType, expected a torch.nn.Module$"),
        ("def make(): return 5", "returned int, expected a torch.nn.Module$"),
        ("make = 5", "has no function 'make', expected FILE.py:FUNCTION, or module:Class"),
        ("def other(): pass", "has no function 'make', expected FILE.py:FUNCTION, or module:Class"),
        (
            MAKE.replace("8", "7"),
            r"the weights of model.pt do not fit the module of .*: 0.weight has shape 8 x 4 in the file and 7 x 4 in",
        ),
        (
            "from torch import nn\nclass make(nn.Module):\n    def load_state_dict(self, weights): raise SystemExit(1)",
            "the weights of model.pt do not fit the module of .*: 1$",
        ),
    ],
)
def test_a_factory_that_fails_is_one_sentence(saved, factory, code, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        load_network(saved(normed().state_dict()), factory=factory(code))
    assert "\n" not in str(caught.value)
    assert "factory.py" in str(caught.value)


@pytest.mark.parametrize(
    ("forward", "sentence"),
    [
        ("self.a(x) if x.sum() > 0 else x", "cannot be read as a chain of layers"),
        ("exit(1)", r"cannot be read as a chain of layers \(SystemExit: 1\)"),
        ("1 / 0", r"cannot be read as a chain of layers \(division by zero"),
    ],
)
def test_a_module_that_is_no_chain_is_one_sentence(saved, factory, forward, sentence):
    code = (
        "from torch import nn\nclass Own(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(4, 4)\n"
        f"    def forward(self, x):\n        return {forward}\nmake = Own"
    )
    weights = {"a.weight": torch.zeros(4, 4), "a.bias": torch.zeros(4)}
    with pytest.raises(InputError, match=rf"^model\.pt {sentence}.*expected a forward pass "):
        load_network(saved(weights), factory=factory(code))


def test_a_module_that_cannot_be_copied_is_one_sentence(saved, factory):
    code = (
        "from torch import nn\ndef make():\n    module = nn.Sequential(nn.Linear(4, 4))\n"
        "    module.count = (i for i in range(3))\n    return module\n"
    )
    weights = {"0.weight": torch.zeros(4, 4), "0.bias": torch.zeros(4)}
    with pytest.raises(InputError, match=r"cannot be copied .*generator"):
        load_network(saved(weights), factory=factory(code))


def test_a_factory_that_does_not_exist(saved, factory, tmp_path):
    path = saved(perceptron().state_dict())
    (tmp_path / "code.txt").write_text(MAKE)
    for name in ("nothing.py:make", "make", ":make", factory(MAKE, ""), f"{tmp_path}:make"):
        with pytest.raises(FileError, match=r"^factory .* does not exist, expected FILE\.py:FUNCTION"):
            load_network(path, factory=name)
    with pytest.raises(InputError, match="names no Python file"):
        load_network(path, factory=f"{tmp_path / 'code.txt'}:make")


# What is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"_use_new_zipfile_serialization": False}], ids=["zip", "legacy"])
def test_code_in_a_pytorch_file_does_not_run(saved, tmp_path, options):
    marker = tmp_path / "marker"
    for content in (Trap(marker), {"state_dict": Trap(marker)}, [Trap(marker)], {"0.weight": Trap(marker)}):
        with pytest.raises(FileError, match=REFUSED):
            load_network(saved(content, **options), activation_name="relu")
        with pytest.raises(FileError, match=r"a\.safetensors cannot be read, expected a whole safetensors file"):
            load_network(saved(content).rename(tmp_path / "a.safetensors"), activation_name="relu", trust=True)
    assert not marker.exists()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_code_in_a_plain_pickle_does_not_run(tmp_path, protocol):
    marker = tmp_path / "marker"
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(Trap(marker), protocol=protocol))
    with pytest.raises(FileError, match=REFUSED):
        load_network(path, activation_name="relu")
    assert not marker.exists()


def test_the_trap_is_one(saved, tmp_path):
    with pytest.raises(FileError):
        load_network(saved(Trap(tmp_path / "marker")), activation_name="relu", trust=True)
    assert (tmp_path / "marker").exists()


def test_a_whole_module_is_refused_without_trust(saved):
    with pytest.raises(FileError, match=REFUSED):
        load_network(saved(perceptron()))


class Leaving:
    def __reduce__(self):
        return exit, (3,)


def test_trusted_code_that_fails_is_one_sentence(saved):
    with pytest.raises(FileError, match=r"model\.pt cannot be read \(3\), expected a PyTorch file"):
        load_network(saved(Leaving()), trust=True)


def test_a_class_that_is_not_here_is_named(saved, monkeypatch):
    import __main__

    own = type("Own", (nn.Linear,), {"__module__": "__main__", "__qualname__": "Own"})
    monkeypatch.setattr(__main__, "Own", own, raising=False)
    path = saved(own(4, 3))
    monkeypatch.delattr(__main__, "Own")
    with pytest.raises(FileError, match=r"needs code that is not here \(Can't get attribute 'Own' on .*with a factory"):
        load_network(path, trust=True)


def test_missing_empty_and_folders(tmp_path):
    (tmp_path / "folder.pt").mkdir()
    for name in ("empty.pt", "empty.safetensors"):
        (tmp_path / name).touch()
    for name, what in (
        ("nothing.pt", "does not exist"),
        ("folder.pt", "is a folder"),
        ("empty.pt", "is empty"),
        ("empty.safetensors", "is empty"),
    ):
        with pytest.raises(
            FileError, match=f"^model .*{name} {what}, expected a safetensors, torch.export, ONNX or PyTorch file$"
        ):
            load_network(tmp_path / name, activation_name="relu")
    with pytest.raises(InputError, match="model is 'demo:cifar', expected one of demo:yinyang, demo:mnist"):
        load_network("demo:cifar")


def broken_models(folder):
    """Name and bytes of files that are no whole model."""
    weights = perceptron().state_dict()
    torch.save(weights, folder / "zip")
    torch.save(weights, folder / "legacy", _use_new_zipfile_serialization=False)
    save_file(weights, folder / "safe")
    for name in ("zip", "legacy", "safe"):
        whole = (folder / name).read_bytes()
        suffix = ".safetensors" if name == "safe" else ".pt"
        for cut in (1, 3, 8, 100, len(whole) // 2, len(whole) - 1):
            yield f"{name}{cut}{suffix}", whole[:cut]
    safe = (folder / "safe").read_bytes()
    yield "header.safetensors", b"\xff" * 8 + safe[8:]
    yield "text.pt", b"hello world\nthis is text\n"
    yield "text.safetensors", b"hello world\nthis is text\n"
    yield "picture.pt", b"\x89PNG\r\n\x1a\n" + bytes(100)
    yield "zeros.pt", bytes(1000)
    with zipfile.ZipFile(folder / "other", "w") as file:
        file.writestr("readme.txt", "hello")
    yield "other.pt", (folder / "other").read_bytes()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("trust", [False, True])
def test_a_broken_file_is_one_sentence(tmp_path, trust):
    files = dict(broken_models(tmp_path))
    assert len(files) == 24
    for name, content in files.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(FileError, match=f"^model .*{name} cannot be read") as caught:
            load_network(path, activation_name="relu", trust=trust)
        assert "\n" not in str(caught.value)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("how", [torch.jit.script, lambda module: torch.jit.trace(module, X)])
def test_the_weights_of_a_torchscript_archive_are_taken(tmp_path, how):
    module = perceptron(act=nn.Tanh)
    how(module).save(str(tmp_path / "script.pt"))
    network = load_network(tmp_path / "script.pt")
    torch.testing.assert_close(outputs(network), module(X))
    assert "its program was not run" in network.remarks[0]


def with_weight(value):
    weights = perceptron().double().state_dict()
    weights["0.weight"][0, 0] = value
    return weights


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e300])
@pytest.mark.parametrize("name", ["model.pt", "model.safetensors"])
def test_weights_are_finite_in_float32(saved, value, name):
    with pytest.raises(FileError, match=rf"{name} holds NaN or infinite numbers in '0\.weight'"):
        load_network(saved(with_weight(value), name), activation_name="relu")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (torch.zeros(3), "holds one tensor, expected named weights"),
        ([torch.zeros(3)], "holds a list, expected named weights"),
        (5, "holds a int, expected named weights"),
        ({}, "holds no weights, expected named weights"),
        ({"state_dict": {}}, "holds no weights"),
        ({"lr": 0.1}, "holds no weights"),
        ({1: torch.zeros(2, 2)}, "holds no weights"),
        ({"0.weight": torch.zeros(3, 4, dtype=torch.complex64)}, r"holds complex numbers in '0\.weight'"),
        ({"0.weight": torch.zeros(0, 4)}, r"holds no numbers in '0\.weight'"),
        ({"0.weight": torch.zeros(3, 4, device="meta")}, r"holds no numbers in '0\.weight'"),
        ({"0.weight": torch.eye(3).to_sparse()}, r"holds sparse numbers in '0\.weight'"),
        (
            {"0.weight": torch.zeros(1).expand(2**20, 2**22)},
            "holds a tensor of shape 1048576 x 4194304, and numbers for 1 entries",
        ),
        ({"0.weight": torch.zeros(3, 4), "0.bias": torch.zeros(5)}, r"holds 0.bias of shape \(5,\), expected \(3,\)"),
        ({"0.weight": torch.zeros(3, 4), "2.weight": torch.zeros(2, 5)}, "do not follow one another in width"),
        (
            {"0.weight": torch.zeros(3, 4, 3, 3)},
            r"is no plain multilayer perceptron \(0: 4-D weights: a 2-D convolution\)",
        ),
        ({"0.bias": torch.zeros(3)}, "holds no weights"),
        ({"0.weight": torch.zeros(3, 4), "scale": torch.zeros(3)}, r"is no plain multilayer perceptron \(scale: "),
    ],
)
def test_what_is_no_perceptron_is_one_sentence(saved, content, sentence):
    with pytest.raises(KoopViewError, match=rf"model\.pt.* {sentence}|the layers of model\.pt {sentence}") as caught:
        load_network(saved(content), activation_name="relu")
    assert "\n" not in str(caught.value)


# Options that do not fit ----------------------------------------------------------------------------------------------


def test_an_option_that_does_nothing_is_told(saved, factory):
    path, code = saved(perceptron().state_dict()), factory(MAKE.replace("nn.BatchNorm1d(8), ", ""))
    with pytest.raises(InputError, match=r"arguments a\.json are given without a factory"):
        load_network(path, activation_name="relu", factory_args="a.json")
    safe = saved(perceptron().state_dict(), "model.safetensors")
    with pytest.raises(InputError, match="is a safetensors file, which holds one network"):
        load_network(safe, activation_name="relu", weights="ema")
    two = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3)).state_dict()
    told = load_network(saved(two, "two.pt"), factory=code, activation_name="tanh").remarks
    assert "activation tanh was passed over: the module has activations of its own" in told


def test_data_in_the_place_of_a_model_are_named(tmp_path):
    (tmp_path / "data.csv").write_text("a,b,label\n1,2,0\n")
    with pytest.raises(FileError, match=r"data\.csv is a file of data by its name, expected a model; .*--data"):
        load_network(tmp_path / "data.csv", activation_name="relu")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("norm", [nn.utils.weight_norm, nn.utils.parametrizations.weight_norm])
def test_weight_norm_is_computed(saved, norm):
    module = perceptron()
    for index in (0, 2, 4):
        norm(module[index])
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(1.3)
        expected = module(X)
    torch.testing.assert_close(outputs(load_network(saved(module.state_dict()), activation_name="relu")), expected)


def test_a_zip_file_around_a_model_is_named(tmp_path):
    torch.save(perceptron().state_dict(), tmp_path / "best.pt")
    with zipfile.ZipFile(tmp_path / "best.pt.zip", "w") as file:
        file.write(tmp_path / "best.pt", "run/best.pt")
    with pytest.raises(FileError, match=r"is a zip file, expected the file run/best\.pt inside it"):
        load_network(tmp_path / "best.pt.zip", activation_name="relu")
