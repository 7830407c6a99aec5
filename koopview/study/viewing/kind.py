"""What a kind of view is."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from koopview.progress import Progress
from koopview.study.fitter import Fitted
from koopview.study.settings import FitSettings

Keep = Callable[[Hashable, Callable[[], Any]], Any]
"""Called with a key and what makes a value: returns the value, made the first time and kept: what views share."""

Make = Callable[[Fitted, Keep, Progress], Any]


def all_settings(settings: FitSettings) -> FitSettings:
    """Return the settings as they are: a view that depends on each of them."""
    return settings


@dataclass(frozen=True)
class ViewKind:
    """A kind of view: ``make(fitted, keep, progress)`` returns it, `depends_on` the settings that it depends on.

    Views of equal such settings are equal, and are made once. A fit that has no such view gets a
    :class:`koopview.study.views.NoView` that says why. `make` may raise Cancelled by `progress`.
    """

    make: Make
    depends_on: Callable[[FitSettings], FitSettings] = all_settings
