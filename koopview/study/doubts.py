"""What a person should know of a model and data before the numbers are believed: told once, when they are opened."""

from dataclasses import dataclass, replace

import numpy as np
import torch

from koopview.hybrid.accuracy import in_batches
from koopview.hybrid.scoring import Scoring
from koopview.hybrid.statistics import wilson_interval
from koopview.network.activations import activation
from koopview.network.data import Dataset
from koopview.network.layer_order import words
from koopview.network.network import Network
from koopview.network.task import BINARY, CLASSES
from koopview.study.source import Source

COMMON = ("relu", "gelu", "tanh", "sigmoid", "silu", "elu", "leaky_relu")
"""Activations that are tried."""

CLEARLY = 0.01
"""So much more accuracy on training samples speaks for another activation."""

SAMPLES = 2000

CHANCE = 0.05
"""A network is at chance where even the upper end of its accuracy's interval is no more than this above it."""

BRANCHES = frozenset(
    {"residual", "res", "resnet", "skip", "shortcut", "branch", "gate", "attn", "attention", "query", "key", "value"}
)
"""Words in the names of layers that stand beside a chain and not in it."""


class DoubtWarning(UserWarning):
    """Something that a person should know of a model and data before the numbers are believed."""


@dataclass(frozen=True)
class Doubt:
    """A sentence, and an activation that does better where that is what it is about."""

    sentence: str
    activation: str | None = None


def doubts(network: Network, dataset: Dataset, scoring: Scoring, source: Source) -> list[Doubt]:
    """Return what a person should know of a network and data that were opened, nothing where all is well.

    Parameters
    ----------
    scoring : Scoring
        Of the test samples.
    source : Source
        Where they come from: what weights alone do not say is doubted where weights alone were opened.
    """
    chance = doubt_of_chance(network, scoring)
    found = [Doubt(chance)] if chance else []
    if source.factory or (source.model or "demo:").startswith("demo:"):
        return found
    names = doubt_of_names(network)
    if names:
        found.append(Doubt(names))
    if source.activation:
        better = better_activation(network, dataset, source.activation, scoring)
        if better is not None:
            found.append(Doubt(doubt_of_activation(network.name, better), better.name))
    return found


def doubt_of_chance(network: Network, scoring: Scoring) -> str:
    """Return a sentence where the original network does no better than always answering the commonest class."""
    if scoring.task not in (CLASSES, BINARY) or scoring.labels is None:
        return ""
    scored, counts = scoring.scored(scoring.original), np.bincount(scoring.labels)
    right, count, commonest = int(scored.each.sum()), len(scored.each), int(counts.argmax())
    share, interval = float(counts.max()) / count, wilson_interval(right, count)
    if share == 1 or interval is None or interval[1] > share + CHANCE:
        return ""
    return (
        f"{network.name} is right on {100 * right / count:.1f} % of the test samples, no better than always answering "
        f"class {commonest} ({100 * share:.1f} %): are these its data and its labels, and is it a plain chain of layers?"
    )


def doubt_of_names(network: Network) -> str:
    """Return a sentence where names of layers speak of branches, though the network was opened as a chain."""
    told = [layer.name for layer in network.layers if BRANCHES & set(words(layer.name))]
    if not told:
        return ""
    return (
        f"{network.name} was opened as a plain chain of layers, but the name {told[0]} speaks of a branch: "
        "if it has any, open it with a factory."
    )


@dataclass(frozen=True)
class BetterActivation:
    """An activation, its share of right answers on training samples, and that of the one that was named."""

    name: str
    share: float
    named: str
    named_share: float


def better_activation(network: Network, dataset: Dataset, named: str, scoring: Scoring) -> BetterActivation | None:
    """Return the activation with which `network` does clearly better on training samples than with `named`.

    None where there is none, or there are no labels. `scoring` says of what task it is.
    """
    device = next((part.device for part in network.layers[0].affine.parameters()), None)
    x = torch.from_numpy(dataset.x_train[:SAMPLES]).to(device)
    y = None if dataset.y_train is None else dataset.y_train[:SAMPLES]

    def share(name: str) -> float:
        other = with_activation(network, named, name)
        outputs = in_batches(other.run, x)
        return Scoring(scoring.task, y, outputs, scoring.threshold).scored(outputs).score or 0.0

    if y is None or scoring.task is None:
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
