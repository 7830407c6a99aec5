"""Compare two fits: measure both, and fit other draws of their samples for the yardstick."""

from dataclasses import replace
from typing import Any

import numpy as np

from koopview.errors import InputError
from koopview.network.fingerprint import fingerprint_of_tests
from koopview.progress import Progress, part, silent
from koopview.study.comparing import Comparison
from koopview.study.fit import Fit
from koopview.study.fitter import Fitter
from koopview.study.settings import FitSettings
from koopview.study.sides import DRAWS, MOST_SHARED, Side
from koopview.study.study import Study

CARRIED = ("scaling", "schedule", "steps", "observables", "delays", "rank", "pad", "centres", "seed")
"""Settings that the second fit takes from the first unless it has its own: so only what is compared differs."""


def compare(
    one: Fit | Study,
    other: Fit | Study,
    *,
    layer: str | None = None,
    layer_b: str | None = None,
    draws: int = DRAWS,
    order: float = 1.0,
    progress: Progress = silent,
    **settings: Any,
) -> Comparison:
    """Return the Comparison of two fits; a study is fitted with its last settings, or the other's, or those given.

    No study remembers these fits.

    Parameters
    ----------
    one, other : Fit or Study
        A and B.
    layer, layer_b : str, optional
        Of studies: the layer of A and that of B (by default A's); by default that of a study's last result.
    draws : int
        Draws of the fitting samples for the yardstick, 1 for none.
    order : float
        Of the Wasserstein distance, see :func:`koopview.koopman.spectra.spectral_transport`.
    **settings
        Of both, if they are studies: those of :class:`koopview.FitSettings`.

    Raises
    ------
    InputError
        If no layer is known, settings are given for a Fit, or one does not fit.
    Cancelled
        By `progress`.

    Examples
    --------
    >>> found = koopview.compare(study, study, layer="2", layer_b="4")  # doctest: +SKIP
    >>> found.distances["step"].transport.distance  # doctest: +SKIP
    """
    check_draws(draws)
    given = {name: value for name, value in settings.items() if value is not None}
    layer_b = layer_b or (layer if isinstance(other, Study) else None)
    a = _fit(one, layer, None, given, part(progress, 0.0, 0.3))
    b = _fit(other, layer_b, a.settings, given, part(progress, 0.3, 0.6))
    return Comparison(
        side_of(a, draws, part(progress, 0.6, 0.8), _fitter_of(one)),
        side_of(b, draws, part(progress, 0.8, 1.0), _fitter_of(other)),
        order,
    )


def check_draws(draws: int) -> None:
    """Raise InputError unless `draws` is a whole number of 1 or more."""
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 1:
        raise InputError(f"draws is {draws!r}, expected a whole number of 1 or more", "--repeats")


def settings_of(study: Study, layer: str | None, beside: FitSettings | None, given: dict[str, Any]) -> FitSettings:
    """Return the FitSettings to compare a study with: those it was last fitted with, changed by those given.

    A layer that it has no result of takes the other side's settings, `beside`.
    """
    saved = [one.settings for one in study.results if layer in (None, one.settings.layer)]
    if saved:
        own = saved[-1].with_edits(()) if given else saved[-1]  # edits belong to one operator
        return replace(own, **given)
    named = layer or (beside.layer if beside is not None else None)
    if named is None:
        known = ", ".join(one.name for one in study.layers if one.supported)
        raise InputError(f"no layer of {study.network.name} is named, expected one of {known}", "--layer L")
    carried: dict[str, Any] = {} if beside is None else {name: getattr(beside, name) for name in CARRIED}
    if beside is not None and beside.samples is not None:
        carried["samples"] = min(beside.samples, len(study.dataset.x_train))
    return study.settings(named, **(carried | given))


def side_of(fit: Fit, draws: int = DRAWS, progress: Progress = silent, fitter: Fitter | None = None) -> Side:
    """Return a fit as one Side of a comparison, with the spectra of other draws of its samples.

    Where more than MOST_SHARED of the training samples are fitted to, draws are too alike and none are made. A study's
    `fitter` keeps their decompositions for other ranks.
    """
    fitted, dataset = fit.fitted, fit.fitted.setup.dataset
    each = {name: row.each for name, row in fitted.rows.items()}
    shared = fitted.result.fit_samples / len(dataset.x_train)
    makes = fitter or Fitter(fitted.setup)
    others = other_draws(makes, fitted.settings, draws - 1, progress) if shared <= MOST_SHARED else ()
    return Side(fitted.result, each, fingerprint_of_tests(dataset), others, shared)


def other_draws(
    fitter: Fitter, settings: FitSettings, count: int, progress: Progress = silent
) -> tuple[np.ndarray, ...]:
    """Return the eigenvalues (rank,) of the same settings for each of `count` other draws of the fitting samples."""
    found = []
    for i in range(count):
        drawn = replace(settings, draw=settings.draw + i + 1, edits=())
        fits = fitter.layer_fits(drawn, part(progress, i / count, (i + 1) / count))
        found.append(fits[settings.layer].dmd.pairs.values)
    return tuple(found)


def _fitter_of(given: Fit | Study) -> Fitter | None:
    """Return the Fitter of a study."""
    return given.fitter if isinstance(given, Study) else None


def _fit(
    given: Fit | Study, layer: str | None, beside: FitSettings | None, settings: dict[str, Any], progress: Progress
) -> Fit:
    """Return the Fit to compare."""
    if isinstance(given, Study):
        return given.fitted(settings_of(given, layer, beside, settings), progress)
    if settings or layer is not None:
        named = ", ".join([*settings, *(["layer"] if layer is not None else [])])
        raise InputError(f"{named} is given for a fit that is made already, expected a Study to fit")
    return given
