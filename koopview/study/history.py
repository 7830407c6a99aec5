"""What a study found so far, the newest last."""

from dataclasses import dataclass, field

from koopview.study.result import FitResult
from koopview.study.saved import without_paths
from koopview.study.settings import FitSettings

LENGTH = 500
"""Results that are remembered."""


@dataclass
class History:
    """Results by their settings; the newest alone keeps its paths, and `cells` are what sweeps found.

    Equal settings give equal results, so one that is fitted again takes the place of the one before.
    """

    _fits: dict[FitSettings, FitResult] = field(default_factory=dict)
    cells: dict[FitSettings, FitResult] = field(default_factory=dict)

    @property
    def results(self) -> tuple[FitResult, ...]:
        """The results in the order in which they were found."""
        return tuple(self._fits.values())

    def remember(self, result: FitResult) -> None:
        """Add a result as the newest."""
        for settings in list(self._fits)[-1:]:
            self._fits[settings] = without_paths(self._fits[settings])
        self._fits.pop(result.settings, None)
        self._fits[result.settings] = result
        while len(self._fits) > LENGTH:
            del self._fits[next(iter(self._fits))]

    def found(self, settings: FitSettings) -> FitResult | None:
        """Return what a fit or a sweep found with these settings, None where nothing did."""
        return self._fits.get(settings) or self.cells.get(settings)
