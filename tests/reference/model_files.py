"""Files of networks as people keep them, with the accuracy that PyTorch itself measures.

A network's labels are its own answers, a tenth of them drawn anew, so that any other reading of its file has another
accuracy.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from torch import nn
from torch.nn import functional

SAMPLES, TESTED = 500, 300


@dataclass(frozen=True)
class Case:
    """A network, and how its file is written: `write(module, folder)` returns the options that name it."""

    name: str
    module: Callable[[], nn.Module]
    write: Callable[[nn.Module, Path], dict[str, Any]]
    told: str = ""
    "Part of the sentence that says why it does not open, or that it is doubtful; empty if it just opens."
    shape: tuple[int, ...] = (4,)
    extra: dict[str, Any] = field(default_factory=dict)


def mlp(activation=nn.ReLU, *between):
    """Return a small network with an activation between its layers."""
    widths = (4, 8, 8, 3)
    parts = []
    for index, (inputs, outputs) in enumerate(pairwise(widths)):
        parts += [nn.Linear(inputs, outputs)]
        if index < 2:
            parts += [make() for make in between] + [activation()]
    return nn.Sequential(*parts)


def normed():
    """Return a network with batch norms that have seen samples, and dropout."""
    net = mlp(nn.ReLU, lambda: nn.BatchNorm1d(8), nn.Dropout)
    with torch.no_grad():
        for _ in range(5):
            net(torch.randn(64, 4))
    return net


class Named(nn.Module):
    """A network whose names tell its order only in words."""

    def __init__(self):
        super().__init__()
        self.output, self.input, self.hidden = nn.Linear(8, 3), nn.Linear(4, 8), nn.Linear(8, 8)

    def forward(self, x):
        return self.output(torch.relu(self.hidden(torch.relu(self.input(x)))))


class Square(nn.Module):
    """A network of square layers, whose order the widths do not tell and whose names mean nothing."""

    def __init__(self):
        super().__init__()
        self.u, self.t, self.w = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x):
        return self.t(torch.tanh(self.w(torch.tanh(self.u(x)))))


class Residual(nn.Module):
    """A residual network of Linear layers."""

    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(4, 8), nn.Linear(8, 3)
        self.blocks = nn.ModuleList(nn.Linear(8, 8) for _ in range(3))

    def forward(self, x):
        x = torch.relu(self.first(x))
        for block in self.blocks:
            x = x + 2 * torch.relu(block(x))
        return self.last(x)


class Shaped(nn.Module):
    """A network that looks at the shape of its input and has an optional argument."""

    def __init__(self):
        super().__init__()
        self.net = mlp()

    def forward(self, x, mask=None):
        if x.dim() > 2:
            x = x.flatten(1)
        return self.net(x if mask is None else x * mask)


class Pictures(nn.Module):
    """A convolutional network."""

    def __init__(self):
        super().__init__()
        self.conv, self.fc1, self.fc2 = nn.Conv2d(1, 4, 3), nn.Linear(64, 8), nn.Linear(8, 3)

    def forward(self, x):
        x = functional.relu(self.conv(x)).flatten(1)
        return self.fc2(functional.relu(self.fc1(x)))


def _saved(content, folder, name="net.pt", **how):
    torch.save(content, folder / name, **how)
    return {"model": str(folder / name)}


def _state(change=lambda weights: weights, activation: str | None = "relu", **how):
    """Return a writer of a state dict, changed by `change`."""

    def write(module, folder):
        said = _saved(change(module.state_dict()), folder, **how)
        return said | ({} if activation is None else {"activation": activation})

    return write


def _prefixed(prefix):
    return _state(lambda weights: {prefix + name: tensor for name, tensor in weights.items()})


def _wrapped(**others):
    """Return a writer of a checkpoint whose value WEIGHTS is replaced by the weights."""
    return _state(
        lambda weights: {
            name: weights if isinstance(value, str) and value == "WEIGHTS" else value for name, value in others.items()
        }
    )


def _safetensors(change=lambda weights: weights, activation="relu"):
    def write(module, folder):
        safetensors.torch.save_file(change(dict(module.state_dict())), folder / "net.safetensors")
        return {"model": str(folder / "net.safetensors"), "activation": activation}

    return write


def _as(dtype):
    return lambda weights: {name: tensor.to(dtype) for name, tensor in weights.items()}


def _exported(module, folder):
    program = torch.export.export(module, (torch.zeros(2, *_shape(module)),), dynamic_shapes=_batch(module))
    torch.export.save(program, folder / "net.pt2")
    return {"model": str(folder / "net.pt2")}


def _shape(module):
    return (1, 6, 6) if isinstance(module, Pictures) else (4,)


def _batch(module):
    free = {0: torch.export.Dim("samples")}
    return (free, None) if isinstance(module, Shaped) else (free,)


def _onnx(module, folder):
    axes = {"input_names": ["x"], "dynamic_axes": {"x": {0: "samples"}}}
    torch.onnx.export(module, (torch.zeros(2, *_shape(module)),), folder / "net.onnx", dynamo=False, **axes)
    return {"model": str(folder / "net.onnx")}


def _scripted(module, folder):
    torch.jit.save(torch.jit.trace(module, torch.zeros(2, *_shape(module))), folder / "net.pt")
    return {"model": str(folder / "net.pt"), "activation": "relu"}


FACTORY = """
import torch
from reference import model_files

def net():
    return {call}

def sized(hidden, layers=1):
    return torch.nn.Sequential(torch.nn.Linear(4, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, 3))
"""


def _factory(call, change=lambda weights: weights):
    def write(module, folder):
        (folder / "nets.py").write_text(FACTORY.format(call=call))
        said = _saved(change(module.state_dict()), folder)
        return said | {"factory": f"{folder / 'nets.py'}:net"}

    return write


def _class(module, folder):
    return _saved(module.state_dict(), folder) | {"factory": f"reference.model_files:{type(module).__name__}"}


def _with_arguments(module, folder):
    (folder / "nets.py").write_text(FACTORY.format(call="None"))
    (folder / "arguments.json").write_text(json.dumps({"hidden": 8}))
    said = _saved(module.state_dict(), folder)
    return said | {"factory": f"{folder / 'nets.py'}:sized", "factory_args": str(folder / "arguments.json")}


def _pickled(trust):
    def write(module, folder):
        return _saved(module, folder) | {"trust": trust}

    return write


def _arrays(module, folder):
    return _saved({name: tensor.numpy() for name, tensor in module.state_dict().items()}, folder) | {
        "activation": "relu"
    }


def _shallow():
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))


CASES = (
    *(
        Case(f"a state dict with {name}", lambda kind=kind: mlp(kind), _state(activation=name))
        for name, kind in {"relu": nn.ReLU, "gelu": nn.GELU, "tanh": nn.Tanh, "silu": nn.SiLU, "elu": nn.ELU}.items()
    ),
    *(
        Case(f"prefix {prefix}", mlp, _prefixed(prefix))
        for prefix in ("module.", "model.", "_orig_mod.", "module.base_model.", "model._orig_mod.net.")
    ),
    Case(
        "state_dict beside an optimizer",
        mlp,
        _wrapped(state_dict="WEIGHTS", epoch=3, optimizer={"state": {}, "param_groups": [{"lr": 0.1}]}),
    ),
    Case("net beside an accuracy", mlp, _wrapped(net="WEIGHTS", acc=93.5)),
    Case("params_ema alone", mlp, _wrapped(params_ema="WEIGHTS")),
    Case("generator", mlp, _wrapped(generator="WEIGHTS", step=10)),
    Case("two levels", mlp, _state(lambda weights: {"checkpoint": {"model": weights}, "step": 1})),
    Case("a numpy number beside", mlp, _wrapped(net="WEIGHTS", best=np.float64(0.9))),
    Case("a numpy array beside", mlp, _wrapped(net="WEIGHTS", losses=np.arange(5.0))),
    Case("None beside", mlp, _wrapped(net="WEIGHTS", scheduler=None, args={"lr": 1e-3, "name": "a"})),
    Case(
        "two networks in one file",
        mlp,
        _state(lambda weights: {"model": weights, "ema": {name: 2 * one for name, one in weights.items()}}),
        "--weights",
    ),
    Case(
        "one of two networks",
        mlp,
        _state(lambda weights: {"model": weights, "ema": {name: 2 * one for name, one in weights.items()}}),
        extra={"weights": "model"},
    ),
    Case("half precision", mlp, _state(_as(torch.float16))),
    Case("bfloat16", mlp, _state(_as(torch.bfloat16))),
    Case("double precision", mlp, _state(_as(torch.float64))),
    Case("the earlier format", mlp, _state(_use_new_zipfile_serialization=False)),
    Case("called pth.tar", mlp, _state(name="net.pth.tar")),
    Case("batch norm and dropout", normed, _state()),
    Case("batch norm in safetensors", normed, _safetensors()),
    Case("safetensors", mlp, _safetensors()),
    Case("words for the order", Named, _safetensors()),
    Case("words for the order in PyTorch", Named, _state()),
    Case("no word for the order", Square, _safetensors(activation="tanh"), "order"),
    Case("arrays of numpy", mlp, _arrays),
    Case("no activation named", lambda: mlp(nn.Tanh), _state(activation=None), "tanh"),
    Case("another activation named", lambda: mlp(nn.Tanh), _state(activation="relu"), "tanh"),
    Case("a residual network as a state dict", Residual, _state(), "chain"),
    Case("a residual network with its factory", Residual, _factory("model_files.Residual()")),
    Case(
        "a factory and a prefix",
        Residual,
        _factory("model_files.Residual()", lambda weights: {f"module.{name}": one for name, one in weights.items()}),
    ),
    Case("a class of a module", Residual, _class),
    Case("a factory with arguments", _shallow, _with_arguments),
    Case("a network that looks at shapes", Shaped, _class),
    Case("convolutions as a state dict", Pictures, _state(), "factory", shape=(1, 6, 6)),
    Case("convolutions with their class", Pictures, _class, shape=(1, 6, 6)),
    Case("a whole module", mlp, _pickled(True)),
    Case("a whole module without trust", mlp, _pickled(False), "--trust"),
    Case("torch.export", mlp, _exported),
    Case("torch.export of a residual network", Residual, _exported),
    Case("torch.export of batch norm", normed, _exported),
    Case("torch.export of convolutions", Pictures, _exported, shape=(1, 6, 6)),
    Case("ONNX", mlp, _onnx),
    Case("ONNX of a residual network", Residual, _onnx),
    Case("ONNX of GELU", lambda: mlp(nn.GELU), _onnx),
    Case("TorchScript", mlp, _scripted),
)
"""All of them: more than forty."""


def data_of(module, shape, seed=0):
    """Return x_train, y_train, x_test, y_test whose labels are a network's answers, a tenth of them drawn anew."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(SAMPLES + TESTED, *shape)).astype(np.float32)
    with torch.no_grad():
        y = module(torch.from_numpy(x)).argmax(1).numpy()
    anew = draw.random(len(y)) < 0.1
    y[anew] = draw.integers(0, 3, int(anew.sum()))
    return x[:SAMPLES], y[:SAMPLES], x[SAMPLES:], y[SAMPLES:]


def with_clear_classes(make):
    """Return a network of `make` whose three answers are all common, and that a wrong reading would spoil."""
    for seed in range(200):
        torch.manual_seed(seed)
        module = make()
        with torch.no_grad():
            for part in module.modules():
                if isinstance(part, (nn.Linear, nn.Conv2d)):
                    part.weight.mul_(2.5)
        module.eval()
        shape = _shape(module)
        with torch.no_grad():
            answers = module(
                torch.from_numpy(np.random.default_rng(9).normal(size=(400, *shape)).astype(np.float32))
            ).argmax(1)
        if np.bincount(answers.numpy(), minlength=3)[:3].min() > 80:
            return module
    raise AssertionError("no such network")


def accuracy(module, x, y):
    """Return the share of right answers, as PyTorch computes it."""
    with torch.no_grad():
        return float((module(torch.from_numpy(x)).argmax(1).numpy() == y).mean())
