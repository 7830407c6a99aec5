"""A setting that a file does not hold, proposed by how well the network does on the data that are given."""

import math
from dataclasses import dataclass, replace
from functools import cache

from koopview.errors import InputError
from koopview.hybrid.scoring import Scored
from koopview.network.data import Dataset
from koopview.network.modelfiles.interpretations import TRIED
from koopview.network.network import Network
from koopview.network.task import BINARY, CLASSES, REAL
from koopview.progress import Progress, silent
from koopview.study.choosing import chance, is_clear, scored_text
from koopview.study.doubts import scored_activations
from koopview.study.held import open_dataset, open_network
from koopview.study.setup import set_up
from koopview.study.source import Source

ABOVE_CHANCE = 0.05
"""Least accuracy above the commonest class's share, or R2 above 0, with which an activation is proposed."""

BUDGET = 256 * 2**20
"""Most bytes of samples that are read for a proposal: of more, some are drawn."""


@dataclass(frozen=True)
class Proposal:
    """An activation, empty if none is better than chance, and how well it does, in one sentence."""

    activation: str
    sentence: str


def proposed_activation(source: Source, progress: Progress = silent) -> Proposal | None:
    """Return the Proposal of an activation for the bare weights and the data of a source, None without labels.

    Raises
    ------
    FileError, InputError
        If model or data cannot be opened, or do not fit each other.
    """
    if source.data is None:
        return None
    read = cache(lambda: _some_samples(source, progress))
    try:
        network = open_network(replace(source, activation=None), dataset=read)  # the data choose, if they are sure
    except InputError:
        network = open_network(replace(source, activation=TRIED[0]), dataset=read)
    named = next((layer.activation_name for layer in network.layers if layer.activation_name in TRIED), None)
    return None if named is None else activation_of(network, read(), named, progress)


def _some_samples(source: Source, progress: Progress) -> Dataset:
    """Return the data of a source, of which no more are read than a proposal needs."""
    progress(0.3, "reading the data")
    return open_dataset(source, progress=progress, budget=BUDGET)


def activation_of(network: Network, dataset: Dataset, named: str, progress: Progress = silent) -> Proposal | None:
    """Return the Proposal of what stands in the place of the activation `named`, None without labels."""
    scoring = set_up(network, dataset).scoring
    if dataset.y_train is None or scoring.task not in (CLASSES, BINARY, *REAL):
        return None
    scored = scored_activations(network, dataset, named, TRIED, scoring, progress)
    finite = [name for name, one in scored.items() if one.score is not None and math.isfinite(one.score)]
    if not finite:
        return None
    best = max(finite, key=lambda name: scored[name].score or 0.0)
    alike = [name for name in finite if not is_clear(scored[best], scored[name])]
    chosen, count = alike[0], len(scored[best].each)
    if (scored[chosen].score or 0.0) <= chance(dataset, scoring.task) + ABOVE_CHANCE:
        return Proposal("", f"No activation does better than chance on {count:,} training samples: are these its data?")
    others = [name for name in finite if name != chosen]
    next_best = max(others, key=lambda name: scored[name].score or 0.0, default="")
    told = f" ({next_best} {_told(scored[next_best], scoring.task)})" if next_best else ""
    how = "fits best" if len(alike) == 1 else "fits as well as any"
    return Proposal(chosen, f"{chosen} {how}: {_said(scored[chosen], scoring.task, count)}{told}")


def _told(scored: Scored, task: str) -> str:
    return scored_text(scored.score or 0.0, task)


def _said(scored: Scored, task: str, count: int) -> str:
    if task in REAL:
        return f"R² {_told(scored, task)} on {count:,} training samples"
    return f"{_told(scored, task)} of {count:,} training samples right"
