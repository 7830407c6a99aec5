"""Train the built-in networks: the shapes of the paper (arXiv 2409.01308, section 4), with our own recipe.

A network is chosen by its accuracy on validation samples, which are neither training nor test samples.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from torch import Tensor

from koopview.errors import InputError
from koopview.files import write_whole
from koopview.network.batched import Recipe, Samples, accuracy, best_network, layers_of
from koopview.network.mnist import mnist_dataset
from koopview.network.yinyang import NETWORK_TRAIN, NETWORK_VALIDATION, yinyang_dataset, yinyang_samples
from koopview.progress import Progress, silent

YINYANG = Recipe((4, 8, 6, 4, 3), networks=32, epochs=20, batch=100, learning_rate=0.05)
"""An epoch is one pass of all 32 networks over YINYANG_TRAIN samples: 600 steps."""
YINYANG_TRAIN, YINYANG_VALIDATION = 60_000, 20_000
"""Samples drawn separately. The data set's 5,000 are too few: networks that were right on 99.5 % of them were right on
98.9 % of others."""
MNIST = Recipe(
    (784, 512, 256, 128, 10), networks=1, epochs=12, batch=128, learning_rate=0.002, weight_decay=0.01, shift=1
)
"""An epoch is one pass over the training digits, all 60,000 or the built-in 5,000, without those for validation."""
MNIST_VALIDATION_SHARE = 0.1
"""Taken from the end, so that the network was trained on the training samples that a fit takes first."""


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A trained network: weights of a plain ``nn.Sequential(Linear, activation, Linear, ...)``, and their origin.

    Attributes
    ----------
    weights : dict of float32 tensors
        State dict, its names ``"0.weight"``, ``"0.bias"``, ``"2.weight"``, ...
    activation, data : str
        The activation between the linear layers; the data set's name.
    seed, train_samples : int
        Training samples without those for validation.
    validation_accuracy, test_accuracy : float
        Fractions of 1; the first chose the network, the second is the built-in data set's test samples.
    """

    weights: dict[str, Tensor]
    activation: str
    data: str
    seed: int
    train_samples: int
    validation_accuracy: float
    test_accuracy: float


def train(name: str, seed: int = 0, epochs: int | None = None, progress: Progress = silent) -> TrainedNetwork:
    """Train the built-in network ``"yinyang"`` or ``"mnist"`` from scratch.

    The same seed gives the same bytes on the same machine with the same number of torch threads.

    Raises
    ------
    InputError
        If there is no such network, or `seed` or `epochs` is out of range.
    FileError
        If a data file cannot be read.
    Cancelled
        By `progress`.
    """
    if name not in _MATERIAL:
        raise InputError(f"there is no built-in network {name!r}, expected one of: {', '.join(_MATERIAL)}")
    if not 0 <= seed < 2**63:
        raise InputError(f"seed is {seed}, expected a whole number from 0 to 2**63 - 1")
    if epochs is not None and epochs < 1:
        raise InputError(f"epochs is {epochs}, expected at least 1")
    recipe, samples, validation, test = _MATERIAL[name]()
    recipe = recipe if epochs is None else replace(recipe, epochs=epochs)

    def with_count(fraction: float, text: str) -> None:
        progress(fraction, f"{name}, {len(samples[0]):,} training samples: {text}")

    weights, validation_accuracy = best_network(recipe, samples, validation, seed, with_count)
    return TrainedNetwork(
        weights=weights,
        activation="relu",
        data=name,
        seed=seed,
        train_samples=len(samples[0]),
        validation_accuracy=validation_accuracy,
        test_accuracy=float(accuracy(layers_of(weights), test)),
    )


def save_network(trained: TrainedNetwork, path: str | Path) -> None:
    """Write a network as a safetensors file, completely or not at all; equal networks give equal bytes.

    The file's metadata, all text, are ``activation``, ``data``, ``seed``, ``train_samples``,
    ``validation_accuracy`` and ``accuracy`` (on the test samples), the last two as fractions of 1.

    Raises
    ------
    FileError
        If the folder does not exist or the file cannot be written.
    """
    metadata = {
        "activation": trained.activation,
        "data": trained.data,
        "seed": str(trained.seed),
        "train_samples": str(trained.train_samples),
        "validation_accuracy": f"{trained.validation_accuracy:.5f}",
        "accuracy": f"{trained.test_accuracy:.5f}",
    }
    write_whole(Path(path), _safetensors(trained.weights, metadata), "the network")


def _yinyang() -> tuple[Recipe, Samples, Samples, Samples]:
    """Return the recipe for the Yin-Yang network, and its training, validation and test samples."""
    test = yinyang_dataset()
    return (
        YINYANG,
        _tensors(*yinyang_samples(YINYANG_TRAIN, (0, NETWORK_TRAIN))),
        _tensors(*yinyang_samples(YINYANG_VALIDATION, (0, NETWORK_VALIDATION))),
        _tensors(test.x_test, test.y_test),
    )


def _mnist() -> tuple[Recipe, Samples, Samples, Samples]:
    """Return the same for the MNIST network, from the full set if it is found."""
    digits = mnist_dataset()
    x, y = _tensors(digits.x_train, digits.y_train)
    kept = round((1 - MNIST_VALIDATION_SHARE) * len(x))
    return MNIST, (x[:kept], y[:kept]), (x[kept:], y[kept:]), _tensors(digits.x_test, digits.y_test)


_MATERIAL: dict[str, Callable[[], tuple[Recipe, Samples, Samples, Samples]]] = {"yinyang": _yinyang, "mnist": _mnist}


def _tensors(x: np.ndarray, y: np.ndarray | None) -> Samples:
    """Return samples as tensors that share the arrays' memory."""
    return torch.from_numpy(x), torch.from_numpy(y)


def _safetensors(weights: dict[str, Tensor], metadata: dict[str, str]) -> bytes:
    """Return the bytes of a safetensors file with its metadata in order.

    The library writes metadata in an order that changes from run to run, so they are put into the header here.
    """
    content = safetensors.torch.save(weights)
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.dumps({"__metadata__": metadata, **json.loads(content[8:start])}).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + content[start:]
