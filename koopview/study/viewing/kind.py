"""The definition of a kind of view."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from koopview.progress import Progress
from koopview.study.fitter import Fitted
from koopview.study.settings import FitSettings

Keep = Callable[[Hashable, Callable[[], Any]], Any]
"""Called with a key and a function: returns the function's value, computed once and shared between views."""

Make = Callable[[Fitted, Keep, Progress], Any]


def all_settings(settings: FitSettings) -> FitSettings:
    """Return the settings unchanged, for a view that depends on all of them."""
    return settings


@dataclass(frozen=True)
class ViewKind:
    """A kind of view: ``make(fitted, keep, progress)`` returns a view, `depends_on` the settings that it depends on.

    Views with equal such settings are equal and made once. For a fit without such a view `make` returns a
    :class:`koopview.study.views.NoView` that says why. `make` may raise Cancelled by `progress`.
    """

    make: Make
    depends_on: Callable[[FitSettings], FitSettings] = all_settings
