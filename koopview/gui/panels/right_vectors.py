"""Right singular vectors of the delay snapshots over the delays (figure 5 of the paper)."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout

from koopview.gui.looks.theme import UNIT, Theme
from koopview.gui.plots.vector_grid import VectorGrid, Vectors
from koopview.gui.plots.vector_legend import VectorLegend
from koopview.gui.widgets.save_menu import make_exportable
from koopview.gui.widgets.view_panel import ViewPanel
from koopview.study.result import FitResult
from koopview.study.views import RightVectorsView
from koopview.trajectory.schedule import path_shares

_NARROW = 480


class RightVectorsPanel(ViewPanel):
    """One small plot per number of delays, and the vectors' legend."""

    kind = "right_vectors"

    def __init__(self) -> None:
        super().__init__("rightVectorsPanel", "Right singular vectors along the path, one plot a number of delays")
        self.vectors: tuple[Vectors, ...] = ()
        self.grid, self.legend = VectorGrid(), VectorLegend()
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self.picture)
        self._row.setContentsMargins(UNIT, 2, UNIT, 2)
        self._row.setSpacing(UNIT)
        self._row.addWidget(self.grid, 1)
        self._row.addWidget(self.legend, 0, Qt.AlignmentFlag.AlignTop)
        exportable = make_exportable(self.picture, "Right singular vectors", self.rows)
        exportable.fills, exportable.least_width = True, 600

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Put the legend in one line above the plots where it would take a third of their width."""
        super().resizeEvent(event)
        self.legend.flat = event.size().width() < _NARROW
        self.legend.updateGeometry()
        upwards, beside = QBoxLayout.Direction.BottomToTop, QBoxLayout.Direction.LeftToRight
        self._row.setDirection(upwards if self.legend.flat else beside)
        self._row.setSpacing(0 if self.legend.flat else UNIT)

    def rows(self) -> list[tuple[str, ...]]:
        """Return the mean of each vector at each window z[k], and its spread over the samples.

        "s" is the share of the path at the window's newest state.
        """
        rows: list[tuple[str, ...]] = [("delays", "vector", "step", "s", "mean", "standard deviation")]
        for shown in self.vectors:
            for index, vector in enumerate(np.asarray(shown.values, dtype=float)):
                figures = zip(shown.shares, vector.mean(axis=0), vector.std(axis=0), strict=True)
                rows += [
                    (str(shown.delays), str(index + 1), str(k), *(f"{value:.6g}" for value in row))
                    for k, row in enumerate(figures)
                ]
        return rows if self.vectors else []

    def show_result(self, result: FitResult | None) -> None:
        """Set the result whose views will arrive; for None there is nothing to copy either."""
        super().show_result(result)
        if result is None:
            self.vectors = ()

    def draw(self, view: RightVectorsView) -> None:
        """Draw the vectors at all delays."""
        assert self._result is not None  # a view always has a result
        settings = self._result.settings
        shares = path_shares(settings.schedule, settings.steps)
        self.vectors = tuple(
            Vectors(delays, values, shares[delays - 1 : -1], delays == settings.delays)
            for delays, values in zip(view.delays, view.vectors, strict=True)
        )
        self.grid.show_vectors(self.vectors)
        self.legend.show_vectors(max(len(values) for values in view.vectors), view.vectors[0].shape[1])

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        super().set_theme(theme)
        self.grid.set_theme(theme)
        self.legend.set_theme(theme)
