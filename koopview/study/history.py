"""The results of a study so far, the newest last."""

from dataclasses import dataclass, field
from typing import Any

from koopview import __version__
from koopview.study.depth_result import DepthResult, DepthSettings
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings

LENGTH = 500
"""Most results that are kept."""

CELLS = 5000
"""Most cells of sweeps that are kept."""


@dataclass
class History:
    """Results by their settings; only the newest keeps its paths.

    `cells` are the results of sweeps, `depth` cells of the table over blocks.
    Equal settings give equal results, so a result that is fitted again replaces the earlier one.
    """

    _fits: dict[FitSettings, FitResult] = field(default_factory=dict)
    cells: dict[FitSettings, FitResult] = field(default_factory=dict)
    depth: dict[DepthSettings, DepthResult] = field(default_factory=dict)
    _foreign: set[FitSettings] = field(default_factory=set)  # results of another network, data or version

    @property
    def results(self) -> tuple[FitResult, ...]:
        """The results in the order in which they were found."""
        return tuple(self._fits.values())

    def remember(self, result: FitResult) -> None:
        """Add a result as the newest."""
        for settings in list(self._fits)[-1:]:
            self._fits[settings] = self._fits[settings].without_paths()
        self._foreign.discard(result.settings)
        self._fits.pop(result.settings, None)
        self._fits[result.settings] = result
        _forget(self._fits, LENGTH)

    def keep_cell(self, cell: FitResult) -> None:
        """Add the result of a sweep, without paths."""
        self._foreign.discard(cell.settings)
        self.cells[cell.settings] = cell
        _forget(self.cells, CELLS)

    def keep_depth(self, cell: DepthResult) -> DepthResult:
        """Add a cell of the table over blocks, and return it."""
        self.depth[cell.settings] = cell
        _forget(self.depth, CELLS)
        return cell

    def restore(self, state: StudyState, same: bool) -> None:
        """Add the content of a file; `same` says whether it has the same network and data."""
        for result in state.results:
            self.remember(result)
        for cell in state.cells:
            self.keep_cell(cell)
        if same:
            self.depth.update({cell.settings: cell for cell in state.depth})
        known = (*state.results, *state.cells)
        self._foreign = {one.settings for one in known if not same or one.versions.get("koopview") != __version__}

    def found(self, settings: FitSettings) -> FitResult | None:
        """Return the FitResult of these settings from a fit or a sweep of this study, with its controls, else None."""
        known = self._fits.get(settings), self.cells.get(settings)
        whole = [result for result in known if result is not None and result.controls_known]
        return None if settings in self._foreign else next(iter(whole), None)


def _forget(results: dict[Any, Any], most: int) -> None:
    """Drop the oldest results above `most`."""
    for settings in list(results)[: max(0, len(results) - most)]:  # a copy: another thread may keep cells too
        results.pop(settings, None)
