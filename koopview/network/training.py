"""Train the built-in networks: the paper's shapes (arXiv 2409.01308, section 4) and deeper ones, by our own recipes.

A network is chosen by its accuracy on validation samples, which are neither training nor test samples.
"""

import json
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

import safetensors.torch

from koopview.errors import InputError
from koopview.files import write_whole
from koopview.network.demos import demo
from koopview.network.training_loop import Recipe, TrainingSamples, Weights
from koopview.progress import Progress, silent


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A trained network: its weights and their origin.

    Attributes
    ----------
    weights : dict of tensors
        State dict; that of a plain ``nn.Sequential(Linear, activation, Linear, ...)`` has the names ``"0.weight"``,
        ``"0.bias"``, ``"2.weight"``, ...
    run_by : dict of str
        How the weights are run: the ``activation`` between the linear layers, or the ``architecture``.
    data : str
        The data set's name.
    seed, train_samples : int
        Training samples without those for validation.
    validation_accuracy, test_accuracy : float
        Fractions of 1; the first chose the network, the second is the built-in data set's test samples.
    """

    weights: Weights
    run_by: dict[str, str]
    data: str
    seed: int
    train_samples: int
    validation_accuracy: float
    test_accuracy: float


def train(name: str, seed: int = 0, epochs: int | None = None, progress: Progress = silent) -> TrainedNetwork:
    """Train a built-in network from scratch, one of DEMO_NAMES.

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
    known = demo(name)
    if not 0 <= seed < 2**63:
        raise InputError(f"seed is {seed}, expected a whole number from 0 to 2**63 - 1")
    if epochs is not None and epochs < 1:
        raise InputError(f"epochs is {epochs}, expected at least 1")
    home = import_module(known.training)
    named = getattr(home, known.recipe)
    recipe: Recipe = named if epochs is None else replace(named, epochs=epochs)
    parts: TrainingSamples = home.training_samples()
    samples, validation, test = parts

    def with_count(fraction: float, text: str) -> None:
        progress(fraction, f"{name}, {len(samples[0]):,} training samples: {text}")

    weights, validation_accuracy = recipe.trained(samples, validation, seed, with_count)
    return TrainedNetwork(
        weights=weights,
        run_by=recipe.run_by,
        data=known.data,
        seed=seed,
        train_samples=len(samples[0]),
        validation_accuracy=validation_accuracy,
        test_accuracy=recipe.accuracy(weights, test),
    )


def save_network(trained: TrainedNetwork, path: str | Path) -> None:
    """Write a network as a safetensors file, completely or not at all; equal networks give equal bytes.

    The file's metadata, all text, are ``activation`` or ``architecture``, ``data``, ``seed``, ``train_samples``,
    ``validation_accuracy`` and ``accuracy`` (on the test samples), the last two as fractions of 1.

    Raises
    ------
    FileError
        If the folder does not exist or the file cannot be written.
    """
    metadata = {
        **trained.run_by,
        "data": trained.data,
        "seed": str(trained.seed),
        "train_samples": str(trained.train_samples),
        "validation_accuracy": f"{trained.validation_accuracy:.5f}",
        "accuracy": f"{trained.test_accuracy:.5f}",
    }
    write_whole(Path(path), _safetensors(trained.weights, metadata), "the network")


def _safetensors(weights: Weights, metadata: dict[str, str]) -> bytes:
    """Return the bytes of a safetensors file with its metadata in order.

    The library writes metadata in an order that changes from run to run, so they are put into the header here.
    """
    content = safetensors.torch.save(weights)
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.dumps({"__metadata__": metadata, **json.loads(content[8:start])}).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + content[start:]
