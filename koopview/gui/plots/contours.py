"""Isolines of a pseudospectrum in a plot: within each, an error of the operator's of that size moves eigenvalues."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QTransform

from koopview.gui.looks.theme import LIGHT, SMALL, Theme, font
from koopview.gui.plots.plot import plot_pen
from koopview.koopman.pseudospectrum import Pseudospectrum

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_ROOM = (40.0, 15.0)
"""Pixels that a label needs, across and upwards."""
_ANGLES = np.pi * np.array([0.5, 0.42, 0.58, 0.3, 0.7, -0.5, -0.42, -0.58, 0.15, 0.85, -0.3, -0.7, 0, 1])
"""Directions in which a line's farthest point is tried for its label, the best first."""


@dataclass(frozen=True, eq=False)
class _Line:
    epsilon: float
    curve: Any
    label: Any
    points: np.ndarray


class Contours:
    """Owns one isoline and one label a level of the Pseudospectrum shown, in `widget`."""

    def __init__(self, widget: Any) -> None:
        self._widget, self._theme, self._zoom = widget, LIGHT, 1.0
        self._lines: list[_Line] = []
        widget.getViewBox().sigRangeChanged.connect(self._place_labels)

    def show_contours(self, found: Pseudospectrum | None) -> None:
        """Draw the contours of `found`, none for None."""
        for line in self._lines:
            for item in (line.curve, line.label):
                self._widget.removeItem(item)
        self._lines = [] if found is None else [self._line(found, level) for level in found.levels]
        self.set_theme(self._theme)
        self._place_labels()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        for line in self._lines:
            line.curve.setPen(plot_pen(theme.muted, 0.8))
            line.label.setColor(theme.muted)
            line.label.fill.setColor(pg.mkColor(theme.panel))

    def set_zoom(self, zoom: float) -> None:
        """Write so many times larger, for a projector."""
        self._zoom = zoom
        for line in self._lines:
            line.label.setFont(self._font())
        self._place_labels()

    def _font(self) -> QFont:
        return font(round(SMALL * self._zoom))

    def _line(self, found: Pseudospectrum, level: float) -> _Line:
        heights = np.log10(np.maximum(found.values.T, np.finfo(float).tiny))  # decades lie evenly between grid points
        curve, transform = pg.IsocurveItem(heights, np.log10(level)), to_plane(found)
        curve.setTransform(transform)
        label = pg.TextItem(epsilon_text(level), anchor=(0.5, 0.5), fill="w")
        label.setFont(self._font())
        for item in (curve, label):
            item.setZValue(-10)
            self._widget.addItem(item, ignoreBounds=True)
        runs = pg.isocurve(heights, np.log10(level), connected=True)
        points = [transform.map(QPointF(*point)) for run in runs for point in run]
        return _Line(level, curve, label, np.array([complex(point.x(), point.y()) for point in points]))

    def _place_labels(self) -> None:
        """Put each label where its line is in view and no other label is; hide one that finds no such point."""
        if not self._lines:
            return
        view = self._widget.getViewBox()
        (left, right), (low, high) = view.viewRange()
        width, height = (size * self._zoom for size in view.viewPixelSize())
        taken: list[complex] = []
        for line in sorted(self._lines, key=lambda one: -one.epsilon):
            x, y = line.points.real, line.points.imag
            seen = line.points[
                (np.minimum(x - left, right - x) > _ROOM[0] / 2 * width)
                & (np.minimum(y - low, high - y) > _ROOM[1] / 2 * height)
            ]
            ends = [seen[np.argmax((seen * np.exp(-1j * angle)).real)] for angle in _ANGLES if len(seen)]
            free = [end for end in ends if not any(_touch(end - other, width, height) for other in taken)]
            line.label.setVisible(bool(free))
            if free:
                taken.append(free[0])
                line.label.setPos(free[0].real, free[0].imag)


def _touch(gap: complex, width: float, height: float) -> bool:
    return abs(gap.real) < _ROOM[0] * width and abs(gap.imag) < _ROOM[1] * height


def to_plane(found: Pseudospectrum) -> QTransform:
    """Return the map from where pyqtgraph draws the grid, points in the middle of unit squares, to the plane."""
    across, upwards = (float(axis[1] - axis[0]) for axis in (found.real, found.imag))
    transform = QTransform.fromTranslate(float(found.real[0]), float(found.imag[0]))
    return transform.scale(across, upwards).translate(-0.5, -0.5)


def epsilon_text(level: float) -> str:
    """Return a power of ten as "10⁻²"."""
    return f"10{str(round(np.log10(level))).translate(_RAISED)}"
