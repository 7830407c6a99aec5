"""The parts that all fits of a study share: a network, data that fit it, and the scoring of outputs."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from koopview.errors import InputError
from koopview.hybrid.accuracy import in_batches
from koopview.hybrid.scoring import Scoring
from koopview.network.channels import channels_taken
from koopview.network.data import Dataset
from koopview.network.fingerprint import data_fingerprint, network_fingerprint
from koopview.network.modules import network_from_module, with_shapes
from koopview.network.named import with_layers
from koopview.network.network import Network
from koopview.network.task import checked_task, decision_threshold
from koopview.study.samples import fitting_samples, samples_apart
from koopview.study.settings import DEFAULT_SAMPLES, FitSettings, checked_names, with_usual_steps
from koopview.trajectory.states import FLAT, usual_states

CHECKED = 256
"""Test samples on which a network's outputs are compared with those of the module that it was read from."""

DEVICES = ("auto", "cpu", "cuda")


@dataclass(frozen=True, eq=False)
class Setup:
    """The parts that all fits of a study share.

    Attributes
    ----------
    network : Network
        On `device`.
    dataset : Dataset
    device : "cpu" or "cuda"
    scoring : Scoring
        Of the test samples.
    """

    network: Network
    dataset: Dataset
    device: str
    scoring: Scoring

    @property
    def task(self) -> str | None:
        """The task of the outputs: "classes" or another one, None without labels."""
        return self.scoring.task

    @property
    def original(self) -> torch.Tensor:
        """The original network's outputs (samples, outputs) on the test samples."""
        return self.scoring.original

    def settings(self, layer: str, **given: Any) -> FitSettings:
        """Return the FitSettings of a fit, with default numbers of samples, steps and delays, and default states."""
        checked_names(given)
        given.setdefault("samples", min(DEFAULT_SAMPLES, len(self.dataset.x_train)))
        found = next((one for one in self.of_layers((layer,)).network.layers if one.name == layer), None)
        given.setdefault("states", FLAT if found is None else usual_states(found.info()))
        return FitSettings(layer, **with_usual_steps(given))

    def of_layers(self, names: Iterable[str]) -> "Setup":
        """Return the setup with the groups of layers, and the stages inside blocks, among `names` as layers.

        Raises InputError if there is no stage of a name, or one of them is inside another.
        """
        network = with_layers(self.network, names)
        return self if network is self.network else replace(self, network=network)

    def tensor(self, array: np.ndarray) -> torch.Tensor:
        """Return an array as a tensor on the device."""
        return torch.as_tensor(array, device=self.device)

    def scoring_apart(self, samples: int, draw: int) -> Scoring:
        """Return the Scoring of the training samples held out from a fit of `samples` samples."""
        left = samples_apart(self.dataset, fitting_samples(self.dataset, samples, draw))
        outputs = in_batches(self.network.run, self.tensor(self.dataset.x_train[left]))
        labels = None if self.dataset.y_train is None else self.dataset.y_train[left]
        return Scoring(self.task, labels, outputs, self.scoring.threshold)

    def fingerprint(self) -> str:
        """Return a hash of network and data, a str."""
        return f"{network_fingerprint(self.network)} {data_fingerprint(self.dataset)}"


def set_up(model: Any, dataset: Dataset, name: str = "", device: str = "auto") -> Setup:
    """Return the setup of a model and data.

    Parameters
    ----------
    model : nn.Module or Network
    dataset : Dataset
    name : str
        Name of a module in results; empty for the name of its class.
    device : "auto", "cpu" or "cuda"

    Raises
    ------
    InputError
        If the model cannot be read, the device is absent, or model and data do not fit each other.
    """
    given, dataset = read_together(model, dataset, name or type(model).__name__)
    found = resolved_device(device)
    network = given.to(found)
    original = original_outputs(network, dataset, torch.as_tensor(dataset.x_test, device=found))
    dataset = dataset.for_outputs(original.shape[1])
    task = checked_task(original.shape[1], dataset, network.name)
    return Setup(network, dataset, found, Scoring(task, dataset.y_test, original, decision_threshold(network)))


def read_together(model: Any, dataset: Dataset, name: str) -> tuple[Network, Dataset]:
    """Return a module or Network as it is read with data, and the data, with an axis of one channel where it lacks one.

    Raises InputError if the first convolution takes samples of another shape.
    """

    def read() -> Network:
        example = torch.as_tensor(dataset.x_test[:CHECKED])
        return with_shapes(model, example) if isinstance(model, Network) else network_from_module(model, name, example)

    network, shape = read(), dataset.x_test.shape[1:]
    taken = channels_taken(network)
    if taken is None or (len(shape) == 1 + taken.axes and shape[0] == taken.channels):
        return network, dataset
    if taken.channels == 1 and len(shape) == taken.axes:
        dataset = dataset.with_channel()
        return read(), dataset
    last = len(shape) == 1 + taken.axes and shape[-1] == taken.channels
    raise InputError(
        f"{dataset.name} has samples of shape {shape}, expected ({taken.channels}, "
        f"{', '.join(['rows', 'columns', 'depth'][: taken.axes])}) as the first convolution of {network.name} takes"
        + (": their channels stand last, where its own stand first" if last else ""),
        *(("--channels last",) if last else ()),
    )


def original_outputs(network: Network, dataset: Dataset, x: torch.Tensor) -> torch.Tensor:
    """Return the network's outputs on the test inputs `x`; raise InputError unless network and data fit each other."""
    features = int(np.prod(dataset.x_test.shape[1:]))
    if network.inputs and features != network.inputs:
        raise InputError(
            f"{dataset.name} has {features} features a sample, expected {network.inputs} as {network.name} takes"
            f"{''.join(f'; {one}' for one in dataset.remarks)}",
        )
    try:
        outputs = in_batches(network.run, x)
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        if "same dtype" in str(error):
            raise InputError(
                f"{network.name} turns its numbers to half precision itself, while it is computed in float32, expected "
                "a forward pass that takes the type of its weights, as x.to(self.weight.dtype)"
            ) from error
        held = f"the inputs of {dataset.name} ({features} a sample)"
        raise InputError(f"{network.name} cannot take {held}: {error}") from error
    shape = network.out_shape or outputs.shape[1:]
    if len(shape) != 1 and not _are_targets(dataset.y_test, outputs[0].numel()):
        raise InputError(f"{network.name} gives outputs of shape {(len(outputs), *shape)}, expected (samples, classes)")
    if not torch.isfinite(outputs).all():
        raise InputError(f"{network.name} gives NaN or infinite outputs on {dataset.name}, expected finite ones")
    return outputs


def _are_targets(labels: np.ndarray | None, count: int) -> bool:
    """Return whether labels are `count` real numbers a sample, as for a network that reconstructs pictures."""
    return labels is not None and labels.ndim == 2 and labels.shape[1] == count


def resolved_device(device: str) -> str:
    """Return "cpu" or "cuda", or raise InputError if the device is unknown or absent."""
    if device not in DEVICES:
        raise InputError(f"device is {device!r}, expected one of {', '.join(DEVICES)}")
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError(
            "device is 'cuda', but torch finds no graphics card here that it can use; expected auto or cpu"
        )
    return "cpu" if device == "cpu" or not torch.cuda.is_available() else "cuda"
