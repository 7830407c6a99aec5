"""Warnings about a model and data that a person should read before trusting the numbers; given once, on opening."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from koopview.hybrid.scoring import Scored, Scoring
from koopview.hybrid.statistics import spread, wilson_interval
from koopview.network.activations import activation
from koopview.network.data import Dataset
from koopview.network.demos import PREFIX, is_demo
from koopview.network.modelfiles.interpretations import TRIED
from koopview.network.modelfiles.layer_order import words
from koopview.network.network import Network
from koopview.network.task import BINARY, CLASSES, REAL
from koopview.progress import Progress, silent
from koopview.study.choosing import affordable_samples, chance, finite_scores, is_clear, training_score
from koopview.study.class_order import doubt_of_class_order
from koopview.study.setup import Setup
from koopview.study.source import Source

CHANCE = 0.1
"""A network is reported to be at chance only if the upper end of its interval is at most this far above chance."""

BRANCHES = frozenset(
    {
        "residual",
        "residuals",
        "res",
        "resnet",
        "skip",
        "skips",
        "shortcut",
        "shortcuts",
        "branch",
        "branches",
        "gate",
        "gates",
        "gated",
        "highway",
        "downsample",
        "attn",
        "attention",
        "query",
        "key",
        "value",
        "qkv",
        "expert",
        "experts",
        "router",
        "moe",
    }
)
"""Words in the names of layers that are branches, not parts of a chain."""


NO_CHAIN = "If it is none, open it with a factory, your function that returns the module."


class DoubtWarning(UserWarning):
    """A warning about a model and data that a person should read before trusting the numbers."""


@dataclass(frozen=True)
class Doubt:
    """A sentence, with the better activation if it is about that."""

    sentence: str
    activation: str | None = None


def doubts(setup: Setup, source: Source) -> list[Doubt]:
    """Return the Doubts about a network and data that were opened, an empty list if all is well.

    `source` says where they come from: the activation and the chain are doubted only if bare weights were opened.
    """
    network, dataset, scoring = setup.network, setup.dataset, setup.scoring
    chain = all(layer.kind == "Linear" for layer in network.layers)  # as bare weights are opened
    bare = chain and not (source.factory or is_demo(source.model or PREFIX))
    found = [Doubt(one) for one in (*network.remarks, *dataset.remarks)]
    turned = doubt_of_class_order(network.name, dataset.class_names, scoring)
    if turned:
        return [*found, Doubt(turned)]  # what else seems wrong follows from it
    chance = doubt_of_chance(network, scoring)
    if chance:
        found.append(Doubt(f"{chance} {NO_CHAIN}" if bare else chance))
    if not bare:
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
    """Return a sentence if the original network is no better than one constant output for all test samples."""
    told = _chance_of_targets(scoring) if scoring.task in REAL else _chance_of_classes(scoring)
    return told and f"{network.name} {told}: are these its data and its labels, and is it a plain chain of layers?"


def _chance_of_classes(scoring: Scoring) -> str:
    """Return that a network is no better than the commonest class, as a str, if the samples show it."""
    if scoring.task not in (CLASSES, BINARY) or scoring.labels is None:
        return ""
    scored, counts = scoring.scored(scoring.original), np.bincount(scoring.labels)
    right, count, commonest = int(scored.each.sum()), len(scored.each), int(counts.argmax())
    share, interval = float(counts.max()) / count, wilson_interval(right, count)
    if share == 1 or interval is None or not _at_chance(*interval, share):
        return ""
    return (
        f"is right on {100 * right / count:.1f} % of the test samples, no better than always answering class "
        f"{commonest} ({100 * share:.1f} %)"
    )


def _chance_of_targets(scoring: Scoring) -> str:
    """Return that a network is no better than the mean of the targets, as a str, if the samples show it."""
    scored = scoring.scored(scoring.original)
    spreads = spread(scored.each)
    if scored.score is None or spreads is None:
        return ""
    error = 2 * spreads[1] / len(scored.each) ** 0.5
    if not _at_chance(scored.score - error, scored.score + error, 0.0):
        return ""
    return f"has an R2 of {scored.score:.3g} on the test samples, no better than always answering their mean (0)"


def _at_chance(low: float, high: float, chance: float) -> bool:
    """Return whether a score's interval includes the score without a network, and ends at most `CHANCE` above it."""
    return low <= chance and high <= chance + CHANCE


def doubt_of_names(network: Network) -> str:
    """Return a sentence if names of layers suggest branches, though the network was opened as a chain."""
    told = [layer.name for layer in network.layers if BRANCHES & set(words(layer.name))]
    if not told:
        return ""
    return (
        f"{network.name} was opened as a plain chain of layers, but the name {told[0]} speaks of a branch: "
        "if it has any, open it with a factory."
    )


@dataclass(frozen=True)
class BetterActivation:
    """An activation and its score on training samples (accuracy, or R2 if `task` is real), and the named one's."""

    name: str
    score: float
    named: str
    named_score: float
    task: str


def better_activation(network: Network, dataset: Dataset, named: str, scoring: Scoring) -> BetterActivation | None:
    """Return the BetterActivation with which `network` is clearly better on training samples than with `named`.

    On few samples some other activation is always better by chance. None if there is none, or no labels. `scoring`
    holds the task.
    """
    if dataset.y_train is None or scoring.task is None:
        return None
    tried = scored_activations(network, dataset, named, (named, *TRIED), scoring)
    finite = finite_scores(tried)
    own = finite.get(named)
    if own is None:
        return None
    best = next(iter(finite))
    if not is_clear(tried[best], tried[named]) or finite[best] < chance(dataset, scoring.task):
        return None
    return BetterActivation(best, finite[best], named, own, scoring.task)


def scored_activations(
    network: Network, dataset: Dataset, named: str, names: Iterable[str], scoring: Scoring, progress: Progress = silent
) -> dict[str, Scored]:
    """Return how `network` does on training samples with each of `names` in the place of the activation `named`.

    The data must have labels; `scoring` holds the task.
    """
    tried, scored = tuple(names), dict[str, Scored]()
    count = affordable_samples(network, len(tried))
    for name in tried:
        progress(0.5, f"trying {name}")
        scored[name] = training_score(with_activation(network, named, name), dataset, scoring.task, count)
    return scored


def doubt_of_activation(model: str, better: BetterActivation) -> str:
    """Return a sentence that asks whether `model` was trained with a better activation than the one that was named."""
    asked = f"is {better.named} what it was trained with?"
    if better.task in REAL:
        return (
            f"With activation {better.named}, as you said, {model} has an R2 of {better.named_score:.3g} on its "
            f"training samples, with {better.name} {better.score:.3g}: {asked}"
        )
    return (
        f"With activation {better.named}, as you said, {model} is right on {100 * better.named_score:.1f} % of its "
        f"training samples, with {better.name} on {100 * better.score:.1f} %: {asked}"
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
