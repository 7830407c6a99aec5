"""Marks of groups of ill-conditioned modes in the complex plane: each is one thing, with the number of its modes."""

import numpy as np
import pyqtgraph as pg

from koopview.gui.looks.pens import plot_pen
from koopview.gui.looks.theme import LIGHT, SMALL, Theme, bold
from koopview.gui.selection import larger_groups
from koopview.study.result import FitResult

_ANCHOR = (0.9, 1.5)
"""Where the number stands: above its mark and to the left, as eigenvalues crowd at the right edge of the circle."""


class GroupMarks:
    """A ring with the number of modes at each group's mean eigenvalue, joined by lines to its members in `plot`."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        self._plot = plot
        self._theme, self._zoom = LIGHT, 1.0
        self._links = pg.PlotCurveItem(connect="pairs")
        self._rings = pg.ScatterPlotItem(size=13, pxMode=True, symbol="d")
        self._numbers: list[pg.TextItem] = []
        self.means, self.firsts = np.zeros(0, complex), np.zeros(0, int)
        for item in (self._links, self._rings):
            plot.addItem(item)

    def show_result(self, result: FitResult | None, values: np.ndarray) -> None:
        """Mark the groups of `result`, whose eigenvalues are drawn at `values` (rank,)."""
        groups = [] if result is None else larger_groups(result)
        self.firsts = np.array([members[0] for members in groups], int)
        self.means = np.array([values[members].mean() for members in groups], complex)
        ends = [
            np.stack([np.full(len(one), mean), values[one]], 1) for one, mean in zip(groups, self.means, strict=True)
        ]
        joined = np.concatenate(ends).ravel() if ends else np.zeros(0, complex)
        self._links.setData(joined.real, joined.imag)
        self._rings.setData(x=self.means.real, y=self.means.imag)
        while len(self._numbers) < len(groups):
            self._numbers.append(pg.TextItem(anchor=_ANCHOR))
            self._plot.addItem(self._numbers[-1], ignoreBounds=True)
        for place, number in enumerate(self._numbers):
            number.setVisible(place < len(groups))
            if place < len(groups):
                number.setText(f"{len(groups[place])} modes")
                number.setPos(self.means[place].real, self.means[place].imag)
        self._dress()

    def set_zoom(self, zoom: float) -> None:
        """Enlarge marks and numbers `zoom` times."""
        self._zoom = zoom
        self._dress()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self._dress()

    def _dress(self) -> None:
        self._links.setPen(plot_pen(self._theme.muted, 1.0))
        self._rings.setPen(plot_pen(self._theme.ink, 1.4))
        self._rings.setBrush(pg.mkBrush(self._theme.panel))
        self._rings.setSize(13 * self._zoom)
        for number in self._numbers:
            number.setColor(self._theme.ink)
            number.setFont(bold(round(SMALL * self._zoom)))
