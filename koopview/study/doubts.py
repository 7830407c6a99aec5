"""What a person should know of a model and data before the numbers are believed: told once, when they are opened."""

from dataclasses import dataclass, replace

import torch

from koopview.hybrid.accuracy import accuracy, in_batches
from koopview.network.activations import activation
from koopview.network.data import Dataset
from koopview.network.network import Network

COMMON = ("relu", "gelu", "tanh", "sigmoid", "silu", "elu", "leaky_relu")
"""Activations that are tried."""

CLEARLY = 0.01
"""So much more accuracy on training samples speaks for another activation."""

SAMPLES = 2000


@dataclass(frozen=True)
class BetterActivation:
    """An activation, its share of right answers on training samples, and that of the one that was named."""

    name: str
    share: float
    named: str
    named_share: float


def better_activation(network: Network, dataset: Dataset, named: str) -> BetterActivation | None:
    """Return the activation with which `network` does clearly better on training samples than with `named`.

    None where there is none, or there are no labels.
    """
    device = next((part.device for part in network.layers[0].affine.parameters()), None)
    x = torch.from_numpy(dataset.x_train[:SAMPLES]).to(device)
    y = None if dataset.y_train is None else dataset.y_train[:SAMPLES]

    def share(name: str) -> float:
        other = with_activation(network, named, name)
        return accuracy(in_batches(other.run, x), y) or 0.0

    if y is None:
        return None
    shares = {name: share(name) for name in (named, *COMMON)}
    best = max(shares, key=lambda name: shares[name])
    if shares[best] < shares[named] + CLEARLY:
        return None
    return BetterActivation(best, shares[best], named, shares[named])


def doubt_of_activation(model: str, better: BetterActivation) -> str:
    """Return a sentence that asks whether `model` was trained with a better activation than the one that was named."""
    return (
        f"With activation {better.named}, as you said, {model} is right on {100 * better.named_share:.1f} % of its "
        f"training samples, with {better.name} on {100 * better.share:.1f} %: "
        f"is {better.named} what it was trained with?"
    )


def doubt_of_split(dataset: Dataset) -> str:
    """Return a sentence if the test samples were drawn here: the network may have been trained on them."""
    if not dataset.drawn:
        return ""
    tested, known = len(dataset.x_test), len(dataset.x_test) + len(dataset.x_train)
    return (
        f"{tested:,} of the {known:,} samples of {dataset.name} were drawn for testing: if the network was trained on "
        "them, name the test data that it did not see."
    )


def with_activation(network: Network, named: str, other: str) -> Network:
    """Return the network with the activation `other` wherever `named` stands."""
    layers = (
        replace(layer, activation=activation(other), activation_name=other) if layer.activation_name == named else layer
        for layer in network.layers
    )
    return Network(network.name, tuple(layers))
