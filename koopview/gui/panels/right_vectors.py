"""Right singular vectors of the delay snapshots over the delays (figure 5 of the paper)."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout

from koopview.gui.looks.theme import UNIT, Theme
from koopview.gui.plots.vector_grid import VectorGrid, Vectors
from koopview.gui.plots.vector_key import VectorKey
from koopview.gui.widgets.copying import offer_copy
from koopview.gui.widgets.view_panel import ViewPanel
from koopview.study.views import RightVectorsView


class RightVectorsPanel(ViewPanel):
    """One small plot a number of delays, and the vectors' key."""

    kind = "right_vectors"

    def __init__(self) -> None:
        super().__init__("rightVectorsPanel", "Right singular vectors along the path, one plot a number of delays")
        self._view: RightVectorsView | None = None
        self.grid, self.key = VectorGrid(), VectorKey()
        row = QHBoxLayout(self.picture)
        row.setContentsMargins(UNIT, 2, UNIT, 2)
        row.setSpacing(UNIT)
        row.addWidget(self.grid, 1)
        row.addWidget(self.key, 0, Qt.AlignmentFlag.AlignTop)
        shown = offer_copy(self.picture, "Right singular vectors", self.rows)
        shown.fills, shown.least_width = True, 600

    def rows(self) -> list[tuple[str, ...]]:
        """Return the mean of each vector at each step, and its spread over the samples."""
        view = self._view
        if view is None:
            return []
        rows: list[tuple[str, ...]] = [("delays", "vector", "step", "mean", "standard deviation")]
        for delays, values in zip(view.delays, view.vectors, strict=True):
            for index, vector in enumerate(np.asarray(values, dtype=float)):
                pairs = zip(vector.mean(axis=0), vector.std(axis=0), strict=True)
                rows += [
                    (str(delays), str(index + 1), str(k), f"{m:.6g}", f"{s:.6g}") for k, (m, s) in enumerate(pairs)
                ]
        return rows

    def draw(self, view: RightVectorsView) -> None:
        """Draw the vectors at all delays."""
        self._view = view
        shown = None if self._result is None else self._result.settings.delays
        pairs = zip(view.delays, view.vectors, strict=True)
        self.grid.show_vectors(tuple(Vectors(delays, values, delays == shown) for delays, values in pairs))
        self.key.show_vectors(max(len(values) for values in view.vectors), view.vectors[0].shape[1])

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        super().set_theme(theme)
        self.grid.set_theme(theme)
        self.key.set_theme(theme)
