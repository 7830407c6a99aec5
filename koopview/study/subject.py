"""What a figure is drawn of: a fit, the other results of its study, and views made on demand; no torch here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from koopview.errors import InputError
from koopview.network.info import LayerInfo
from koopview.progress import silent
from koopview.study.result import FitResult

_EXPECTED = "expected a Study with a fit, a Fit, a Sweep or results"


@dataclass(frozen=True, eq=False)
class Subject:
    """One fit's `result`, the `others` of its study (for a curve, for a sweep), and the network's `layers`.

    ``view(kind)`` returns a view of the fit, see ``koopview.study.viewing.register``.
    """

    result: FitResult
    others: tuple[FitResult, ...]
    layers: tuple[LayerInfo, ...]
    view: Callable[[str], Any]


def subject_of(what: Any) -> Subject:
    """Return the Subject of a Study (its newest result), a Fit, a Sweep or results; raises InputError for others."""
    if isinstance(what, FitResult):
        return of_results((what,))
    if isinstance(what, Iterable):
        found = tuple(what)
        if not found or not all(isinstance(one, FitResult) for one in found):
            raise InputError(f"there is nothing to draw in a {type(what).__name__}, {_EXPECTED}")
        return of_results(found)
    from koopview.study.fit import Fit  # imports torch, as whoever has a fit or a study has done
    from koopview.study.study import Study

    if isinstance(what, Fit):
        return of_fit(what)
    if isinstance(what, Study) and what.results:
        return of_study(what, what.results[-1])
    said = "a study without a fit" if isinstance(what, Study) else f"a {type(what).__name__}"
    raise InputError(f"there is nothing to draw in {said}, {_EXPECTED}")


def of_results(results: tuple[FitResult, ...]) -> Subject:
    """Return the Subject of results alone, whose last one is drawn; there are no views."""
    return Subject(results[-1], results, (), _no_view)


def of_study(study: Any, result: FitResult) -> Subject:
    """Return the Subject of one of the results of a Study."""
    state = study.state
    return Subject(
        result, (*state.cells, *state.results, result), state.layers, lambda kind: study.view(result.settings, kind)
    )


def of_fit(fit: Any) -> Subject:
    """Return the Subject of a Fit."""
    from koopview.study.viewing.register import VIEWS

    fitted = fit.fitted
    layers = tuple(layer.info() for layer in fitted.setup.network.layers)

    def view(kind: str) -> Any:
        return VIEWS[kind].make(fitted, lambda key, make: make(), silent)

    return Subject(fit.result, (*fit.known(), fit.result), layers, view)


def _no_view(kind: str) -> Any:
    raise InputError("this figure needs network and data, expected a Study or a Fit instead of results alone")
