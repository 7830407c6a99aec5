"""Marks of groups of ill-conditioned modes in the complex plane: each is one thing, with the number of its modes."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg

from koopview.gui.looks.pens import plot_pen
from koopview.gui.looks.theme import LIGHT, SMALL, Theme, bold
from koopview.gui.plots.plain_plot import PlainPlotWidget
from koopview.gui.selection import larger_groups
from koopview.study.result import FitResult

_RADII, _TURNS = (24, 34, 46, 60, 78, 100, 130), (135, 180, 225, 110, 250, 90, 270, 45, 315, 0)
"""Where the number of a group may stand: pixels from its mark, and directions in degrees, the best first."""
_ROOM = 5
"""Pixels that stay free around it."""
_WORSE = 1000
"""How many covered eigenvalues are as bad as another text that is covered; that many of these as an edge that cuts."""
_FAR = 30
"""Pixels from which on a line joins it to its mark."""


class GroupMarks:
    """A ring with the number of modes at each group's mean eigenvalue, joined by lines to its members in `plot`."""

    def __init__(self, plot: PlainPlotWidget) -> None:
        self._plot = plot
        self._theme, self._zoom = LIGHT, 1.0
        self._values = np.zeros(0, complex)
        self._links, self._leads = pg.PlotCurveItem(connect="pairs"), pg.PlotCurveItem(connect="pairs")
        self._rings = pg.ScatterPlotItem(size=13, pxMode=True, symbol="d")
        self._numbers: list[pg.TextItem] = []
        self.means, self.firsts = np.zeros(0, complex), np.zeros(0, int)
        for item in (self._links, self._leads, self._rings):
            plot.addItem(item)
        plot.getViewBox().sigRangeChanged.connect(lambda *_: self._place())

    def show_result(self, result: FitResult | None, values: np.ndarray) -> None:
        """Mark the groups of `result`, whose eigenvalues are drawn at `values` (rank,)."""
        groups = [] if result is None else larger_groups(result)
        self._values = values
        if not groups and not len(self.means):
            return  # as most often while a slider moves
        self.firsts = np.array([members[0] for members in groups], int)
        self.means = np.array([values[members].mean() for members in groups], complex)
        ends = [
            np.stack([np.full(len(one), mean), values[one]], 1) for one, mean in zip(groups, self.means, strict=True)
        ]
        joined = np.concatenate(ends).ravel() if ends else np.zeros(0, complex)
        self._links.setData(joined.real, joined.imag)
        self._rings.setData(x=self.means.real, y=self.means.imag)
        while len(self._numbers) < len(groups):
            self._numbers.append(pg.TextItem(anchor=(0.5, 0.5)))
            self._plot.addItem(self._numbers[-1], ignoreBounds=True)
        for place, number in enumerate(self._numbers):
            number.setVisible(place < len(groups))
            if place < len(groups):
                number.setText(f"{len(groups[place])} modes")
        self._dress()
        self._place()

    def _place(self) -> None:
        """Put each number where it covers fewest eigenvalues, and join it to its mark by a line if it is far away."""
        across, upwards = self._plot.getViewBox().viewPixelSize()
        if not len(self.means) or not across or not upwards:
            self._leads.setData([], [])
            return
        ends, taken = [], list[tuple[complex, complex]]()
        (left, right), (low, high) = self._plot.getViewBox().viewRange()
        for mean, number in zip(self.means, self._numbers, strict=False):
            box = number.boundingRect()
            half = complex(box.width() / 2 + _ROOM, box.height() / 2 + _ROOM)
            away = np.concatenate([self._values, self.means]) - mean
            pixels = lambda there, mean=mean: complex((there - mean).real / across, (there - mean).imag / upwards)  # noqa: E731
            edges = pixels(complex(left, low)), pixels(complex(right, high))
            others = [(pixels(one), size) for one, size in taken]
            step = free_place(away.real / across + 1j * away.imag / upwards, half, self._zoom, others, edges)
            at = mean + complex(step.real * across, step.imag * upwards)
            taken.append((at, half))
            number.setPos(at.real, at.imag)
            ends += [mean, at] if abs(step) > _FAR * self._zoom else []
        self._leads.setData(np.real(ends), np.imag(ends))

    def set_zoom(self, zoom: float) -> None:
        """Enlarge marks and numbers `zoom` times."""
        self._zoom = zoom
        self._dress()
        self._place()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self._dress()

    def _dress(self) -> None:
        for lines in (self._links, self._leads):
            lines.setPen(plot_pen(self._theme.muted, 1.0))
        self._rings.setPen(plot_pen(self._theme.ink, 1.4))
        self._rings.setBrush(pg.mkBrush(self._theme.panel))
        self._rings.setSize(13 * self._zoom)
        for number in self._numbers:
            number.setColor(self._theme.ink)
            number.fill = pg.mkBrush(self._theme.panel)  # hides the line to its mark, and the grid
            number.setFont(bold(round(SMALL * self._zoom)))


def free_place(
    points: np.ndarray,
    half: complex,
    zoom: float = 1.0,
    others: Sequence[tuple[complex, complex]] = (),
    edges: tuple[complex, complex] | None = None,
) -> complex:
    """Return the step, in pixels from a mark at 0, at which a text of half size `half` covers fewest of `points`.

    It stays clear of `others`, texts with their centre and half size, and within the lower left and upper right of
    `edges`, as far as it can. Of places that are as good, the nearest and then the first of _TURNS is taken; y points
    upwards.
    """
    turns = np.exp(1j * np.deg2rad(_TURNS))
    reach = np.hypot(half.real * np.abs(turns.real), half.imag * np.abs(turns.imag))
    steps = np.concatenate([turns * (zoom * radius - 24 * zoom + 8 * zoom + reach) for radius in _RADII])
    apart = points[None, :] - steps[:, None]
    covered = ((np.abs(apart.real) < half.real) & (np.abs(apart.imag) < half.imag)).sum(1)
    for at, size in others:
        away, room = steps - at, half + size
        covered += _WORSE * ((np.abs(away.real) < room.real) & (np.abs(away.imag) < room.imag))
    if edges is not None:
        inner, outer = edges[0] + half, edges[1] - half
        within = (steps.real > inner.real) & (steps.imag > inner.imag)
        covered += _WORSE**2 * ~(within & (steps.real < outer.real) & (steps.imag < outer.imag))
    return complex(steps[covered.argmin()])
