"""What a person should know of a model and data before the numbers are believed: told once, when they are opened."""

from dataclasses import replace

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


def doubt_of_activation(network: Network, dataset: Dataset, named: str) -> str:
    """Return a sentence if `network` does clearly better on training samples with another activation than `named`.

    Empty where it does not, or there are no labels.
    """
    device = next((part.device for part in network.layers[0].affine.parameters()), None)
    x = torch.from_numpy(dataset.x_train[:SAMPLES]).to(device)
    y = None if dataset.y_train is None else dataset.y_train[:SAMPLES]

    def share(name: str) -> float:
        other = with_activation(network, named, name)
        return accuracy(in_batches(other.run, x), y) or 0.0

    if y is None:
        return ""
    shares = {name: share(name) for name in (named, *COMMON)}
    best = max(shares, key=lambda name: shares[name])
    if shares[best] < shares[named] + CLEARLY:
        return ""
    return (
        f"With activation {named}, as you said, {network.name} is right on {100 * shares[named]:.1f} % of its "
        f"training samples, with {best} on {100 * shares[best]:.1f} %: is {named} what it was trained with?"
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
