"""The register of all kinds of views, and the cache that makes each view once."""

from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass, replace
from typing import Any

from koopview.errors import InputError
from koopview.progress import Progress, part
from koopview.study.cache import Cache
from koopview.study.fitter import Fitter
from koopview.study.settings import FitSettings
from koopview.study.viewing.boundary import BOUNDARY
from koopview.study.viewing.changed_paths import CHANGED_PATHS
from koopview.study.viewing.kind import ViewKind
from koopview.study.viewing.meaning import MEANING
from koopview.study.viewing.modes import MODES
from koopview.study.viewing.phase import PHASE
from koopview.study.viewing.pseudospectrum import PSEUDOSPECTRUM
from koopview.study.viewing.right_vectors import RIGHT_VECTORS
from koopview.study.viewing.samples import SAMPLES

VIEWS: dict[str, ViewKind] = {
    "phase": PHASE,
    "boundary": BOUNDARY,
    "meaning": MEANING,
    "changed_paths": CHANGED_PATHS,
    "modes": MODES,
    "right_vectors": RIGHT_VECTORS,
    "pseudospectrum": PSEUDOSPECTRUM,
    "samples": SAMPLES,
}

KEPT_BYTES = 1 << 28
"""Most bytes of cached views."""


class ViewMaker:
    """Makes the views of fits, each once while memory allows."""

    def __init__(self, fitter: Fitter) -> None:
        self._fitter = fitter
        self._kept: Cache[Any] = Cache(KEPT_BYTES)

    def view(self, settings: FitSettings, kind: str, progress: Progress) -> Any:
        """Return the view of `kind` of the fit of `settings`.

        Raises
        ------
        InputError
            If there is no such kind, and as :meth:`Fitter.fitted` does.
        Cancelled
            If `progress` raises it.
        """
        if kind not in VIEWS:
            raise InputError(f"view is {kind!r}, expected one of {', '.join(VIEWS)}")
        settings = replace(
            settings, replaced=self._fitter.of_stages(settings).setup.network.in_order(settings.replaced)
        )

        def make() -> Any:
            fitted = self._fitter.fitted(settings, part(progress, 0.0, 0.3), controls=False)
            return VIEWS[kind].make(fitted, self._keep, part(progress, 0.3, 1.0))

        return self._keep((kind, VIEWS[kind].depends_on(settings)), make)

    def _keep(self, key: Hashable, make: Callable[[], Any]) -> Any:
        known = self._kept.get(key)
        if known is None:
            known = make()
            self._kept.put(key, known, bytes_of(known))
        return known


def bytes_of(made: Any) -> int:
    """Return the bytes of an array or a tensor, or of all arrays in a view and in the views that it holds, an int."""
    if not is_dataclass(made):
        return int(getattr(made, "nbytes", 0))
    held = [getattr(made, field.name) for field in fields(made)]
    return sum(bytes_of(one) for value in held for one in (value if isinstance(value, tuple) else (value,)))
