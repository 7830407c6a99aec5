"""Choose by training samples between networks that the same weights may be of, if one is right beyond doubt."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import torch

from koopview.hybrid.accuracy import in_batches
from koopview.hybrid.scoring import Scored, Scoring, gain
from koopview.network.data import Dataset
from koopview.network.modelfiles.interpretations import Choice, Chooser, Interpretation
from koopview.network.network import Network
from koopview.network.task import REAL, checked_task, decision_threshold
from koopview.study.setup import original_outputs

CLEARLY = 0.01
"""Least gain of accuracy or R2 on training samples that counts."""

ERRORS, LIKELY = 3, 2
"""Least gain in paired standard errors too, since several networks are tried: for certain, and to be likely."""

SAMPLES, FEWEST = 2000, 200
"""Training samples that are run; of large networks fewer, so that a choice takes seconds."""

_WORK = 4e11
"""Multiplications that a choice may take."""

Named = TypeVar("Named")

_TWINS = {"leaky_relu": "relu"}
"""Activations so alike another, more common one that the latter is taken where samples do not tell them apart."""


def chooser(data: Callable[[], Dataset]) -> Chooser:
    """Return a function that chooses between interpretations of weights by the training samples of `data()`."""

    def choose(candidates: Sequence[Interpretation], make: Callable[[Interpretation], Network]) -> Choice:
        dataset = data()
        if dataset.y_train is None:
            return Choice(None, f"{dataset.name} has no labels to choose it by")
        first = make(candidates[0])
        count = affordable_samples(first, len(candidates))
        outputs = original_outputs(first, dataset, torch.from_numpy(dataset.x_train[:count]))
        task = checked_task(outputs.shape[1], dataset, first.name)
        scored = {one: training_score(make(one), dataset, task, count) for one in candidates}
        return _chosen(scored, dataset, task)

    return choose


def affordable_samples(network: Network, networks: int) -> int:
    """Return on how many training samples to compare some networks of this size."""
    numbers = sum(part.numel() for layer in network.layers for part in layer.affine.parameters())
    return int(min(SAMPLES, max(FEWEST, _WORK / (2 * max(numbers, 1) * networks))))


def training_score(network: Network, dataset: Dataset, task: str | None, count: int) -> Scored:
    """Return the Scored outputs of a network on the first `count` training samples."""
    device = next((part.device for part in network.layers[0].affine.parameters()), None)
    outputs = in_batches(network.run, torch.from_numpy(dataset.x_train[:count]).to(device))
    labels = None if dataset.y_train is None else dataset.y_train[:count]
    return Scoring(task, labels, outputs, decision_threshold(network)).scored(outputs)


def is_clear(better: Scored, other: Scored, errors: int = ERRORS) -> bool:
    """Return whether a score is better than another on the same samples by CLEARLY and by more than some errors."""
    gained = gain(better, other)
    return gained is not None and gained[0] >= CLEARLY and gained[0] > errors * gained[1]


def finite_scores(scored: Mapping[Named, Scored]) -> dict[Named, float]:
    """Return the scores that are finite numbers, the best first."""
    known = {one: found.score for one, found in scored.items() if found.score is not None}
    finite = {one: score for one, score in known.items() if math.isfinite(score)}
    return dict(sorted(finite.items(), key=lambda pair: -pair[1]))


def _chosen(scored: Mapping[Interpretation, Scored], dataset: Dataset, task: str | None) -> Choice:
    """Return the choice of the one interpretation that is clearly better than all others and than chance.

    Where the order is certain, an activation that is only likely is chosen too, and told as such.
    """
    scores = finite_scores(scored)
    if not scores:
        return Choice(None, "none of the networks that it may be gives finite outputs")
    best = next(iter(scores))
    twin = best._replace(activation=_TWINS.get(best.activation, best.activation))
    if twin in scores and not is_clear(scored[best], scored[twin]):
        best = twin
    alike = {best, *(best._replace(activation=one) for one, other in _TWINS.items() if other == best.activation)}
    rivals = [one for one in scores if one != best]
    listed = _listed({one: scores[one] for one in [best, *rivals][:4]}, task)
    if scores[best] < chance(dataset, task) + CLEARLY:
        return Choice(None, f"by the data no activation and order does better than chance ({listed})")
    unsure = [one for one in rivals if one not in alike and not is_clear(scored[best], scored[one])]
    if any(one.order != best.order or not is_clear(scored[best], scored[one], LIKELY) for one in unsure):
        return Choice(None, f"the data do not say it for certain ({listed})")
    return Choice(best, f"{listed}; likely, not certain: --activation names another" if unsure else listed)


def chance(dataset: Dataset, task: str | None) -> float:
    """Return the score of the best constant answer on training samples: the commonest class's share, or an R2 of 0."""
    labels = dataset.y_train
    if task in REAL or labels is None:
        return 0.0
    _, counts = torch.unique(torch.as_tensor(labels), return_counts=True)
    return float(counts.max() / counts.sum())


def _listed(scores: Mapping[Interpretation, float], task: str | None) -> str:
    """Return interpretations with their scores in words, by what tells them apart."""
    orders = len({one.order for one in scores}) > 1
    several = len({one.activation for one in scores}) > 1
    parts = []
    for one, score in scores.items():
        named = " with ".join([*([", ".join(one.order)] if orders else []), *([one.activation] if several else [])])
        parts.append(f"{named or one.activation} {scored_text(score, task)}")
    what = "R2 on training samples" if task in REAL else "training samples right"
    return f"{what}: {'; '.join(parts)}"


def scored_text(score: float, task: str | None) -> str:
    """Return a score in words: "98.4 %", or R2 as a number."""
    return f"{score:.3g}" if task in REAL else f"{100 * score:.1f} %"
