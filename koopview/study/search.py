"""A fair search for settings: candidates are compared on training samples that none of them was fitted to.

The test samples take no part. The best settings are fitted again, and measured on the test samples once.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from koopview.errors import InputError
from koopview.hybrid.hybrid_logits import hybrid_logits
from koopview.koopman.decomposition import SMALL
from koopview.koopman.observables import feature_count
from koopview.network.data import Dataset
from koopview.progress import Progress, part, silent
from koopview.study.fitter import Fitter
from koopview.study.samples import first_samples
from koopview.study.settings import FitSettings
from koopview.study.setup import Setup, set_up

VALIDATION_SHARE = 0.2
"""Share of the training samples that candidates are compared on."""

CENTRES = (250, 500, 1000, 2000)
"""Centres of radial basis functions that are tried."""

SAMPLES_A_CENTRE = 10
"""Fitting samples per centre (or monomial): an operator of as many functions as samples overfits."""

LEAST_SAMPLES_A_CENTRE = 4
"""Least samples per centre, for few training samples."""

Candidates = Iterable[Mapping[str, Any]]
"""Settings of fits by name: those of :class:`FitSettings` except the layers."""


@dataclass(frozen=True)
class Trial:
    """One candidate and its hybrid's scores on the validation samples.

    Attributes
    ----------
    settings : FitSettings
    accuracy : float or None
        R2 of real targets; None without labels.
    agreement : float or None
        With the original network, None if outputs are no classes.
    output_error : float
        Relative to the original network's output.
    """

    settings: FitSettings
    accuracy: float | None
    agreement: float | None
    output_error: float

    @property
    def score(self) -> tuple[float, float]:
        """The sort key: accuracy (agreement without labels), then minus the output error."""
        measured = self.agreement if self.accuracy is None else self.accuracy
        return measured or 0.0, -self.output_error


@dataclass(frozen=True)
class Search:
    """The trials of a search, in order; `original` is the network's own score on the validation samples."""

    trials: tuple[Trial, ...]
    original: float | None
    validation_samples: int

    @property
    def best(self) -> Trial:
        """The trial of the highest score, the first of equal ones."""
        return max(self.trials, key=lambda trial: trial.score)

    @property
    def settings(self) -> FitSettings:
        """The best settings, to be fitted and measured on the test samples."""
        return self.best.settings


OnTrial = Callable[[Trial], None]


def search(
    setup: Setup,
    layers: str | Iterable[str],
    candidates: Candidates | None = None,
    *,
    progress: Progress = silent,
    on_trial: OnTrial | None = None,
) -> Search:
    """Compare candidates for one layer, or for several replaced at once, on samples for neither fit nor test.

    Neighbouring candidates that differ only in rank share a decomposition.

    Parameters
    ----------
    layers : name or names
    candidates : iterable of settings by name, optional
        See :func:`grid`; by default those that use only the layer's input, :func:`input_only`.
    progress : callback
        May raise Cancelled.
    on_trial : callback, optional
        Called with each trial as it is finished.

    Raises
    ------
    InputError
        For no layers, no candidates, an invalid candidate, or too few training samples.
    """
    names = (layers,) if isinstance(layers, str) else tuple(layers)
    if not names:
        raise InputError("no layers are given, expected the names of those to replace")
    replaced = setup.network.in_order(names)
    apart = validation_setup(setup)
    given = input_only(apart, replaced) if candidates is None else list(candidates)
    settings = [apart.settings(replaced[-1], replaced=replaced, **candidate) for candidate in given]
    if not settings:
        raise InputError("no candidates are given, expected at least one")
    trials, fitter = [], Fitter(apart)
    for i, one in enumerate(settings):
        trials.append(tried(fitter, one, part(progress, i / len(settings), (i + 1) / len(settings))))
        if on_trial is not None:
            on_trial(trials[-1])
    progress(1.0, "done")
    original = None if apart.task is None else apart.scoring.scored(apart.original).score
    return Search(tuple(trials), original, len(apart.dataset.x_test))


def tried(fitter: Fitter, settings: FitSettings, progress: Progress) -> Trial:
    """Fit one candidate and measure it on the validation samples."""
    fits = fitter.layer_fits(settings, part(progress, 0.0, 0.95))
    logits = hybrid_logits(fitter.setup.network, fits, part(progress, 0.95, 1.0))
    scoring = fitter.setup.scoring
    measured = None if scoring.task is None else scoring.scored(logits).score
    return Trial(settings, measured, scoring.agreement(logits), scoring.output_error(logits))


def validation_setup(setup: Setup) -> Setup:
    """Return a Setup of the same network that tests on some of the training samples, which it does not fit to.

    They are the last ones, since later fits use the first ones; for data sorted by class, evenly spaced ones.
    """
    data = setup.dataset
    count = round(VALIDATION_SHARE * len(data.x_train))
    if count == 0:
        raise InputError(
            f"{data.name} has {len(data.x_train)} training samples, expected 3 at least: one to compare settings on"
        )
    chosen = validation_samples(data, count)
    fitted = np.setdiff1d(np.arange(len(data.x_train)), chosen)
    labels = (None, None) if data.y_train is None else (data.y_train[fitted], data.y_train[chosen])
    apart = Dataset(data.x_train[fitted], labels[0], data.x_train[chosen], labels[1], name=data.name)
    return set_up(setup.network, apart, device=setup.device)


def validation_samples(dataset: Dataset, count: int) -> np.ndarray:
    """Return the indices of the training samples to compare settings on: like the fitting samples, but from the end."""
    total, labels = len(dataset.x_train), dataset.y_train
    return np.sort(total - 1 - first_samples(None if labels is None else labels[::-1], total, count))


def grid(**choices: Iterable[Any]) -> list[dict[str, Any]]:
    """Return all combinations of settings, the last name changing fastest: ``grid(centres=[200, 800], rank=[50])``."""
    return [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]


def input_only(setup: Setup, layers: Iterable[str]) -> list[dict[str, Any]]:
    """Return candidates of lift fraction 0: one step, with polynomials if these are few, or radial functions."""
    total = len(setup.dataset.x_train)
    widest = max(setup.network.layer(name).states for name in layers)
    monomials = feature_count("polynomial", widest, 0)
    each = {"observables": "polynomial", "samples": min(SAMPLES_A_CENTRE * monomials, total)}
    polynomials = [each] if monomials <= SMALL else []
    most = max(1, total // LEAST_SAMPLES_A_CENTRE)
    pairs = [(min(centres, most), min(SAMPLES_A_CENTRE * centres, total)) for centres in CENTRES]
    radial = [{"observables": "rbf", "centres": one, "samples": samples} for one, samples in dict.fromkeys(pairs)]
    return [{"steps": 1, "delays": 1, **candidate} for candidate in polynomials + radial]
