"""Isolines of a pseudospectrum in a plot: an error of the operator of that size can move eigenvalues within each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QPainter, QTransform

from koopview.gui.looks.pens import plot_pen
from koopview.gui.looks.theme import LIGHT, SMALL, Theme, font

if TYPE_CHECKING:  # it imports the decomposition's modules
    from koopview.koopman.pseudospectrum import Pseudospectrum

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_ROOM, _OFF = np.array([32.0, 16.0]), np.array([18.0, 12.0])
"""Least distance, in pixels across and upwards, of a label's centre from other labels, and from eigenvalues."""
_TRIED = 72
"""Points of a line that are tried for its label, the highest first."""


class _Isoline(pg.IsocurveItem):
    """pyqtgraph's isoline, drawn smoothly also in saved pictures."""

    def paint(self, painter: QPainter, *arguments: Any) -> None:
        """Draw the line."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        super().paint(painter, *arguments)


@dataclass(frozen=True, eq=False)
class _Line:
    epsilon: float
    curve: Any
    label: Any
    points: np.ndarray


class Contours:
    """Owns one isoline and one label per level of the Pseudospectrum shown in `widget`."""

    def __init__(self, widget: Any) -> None:
        self._widget, self._theme, self._zoom = widget, LIGHT, 1.0
        self._found: Pseudospectrum | None = None
        self._lines: list[_Line] = []
        self._values = np.zeros(0, complex)
        widget.getViewBox().sigRangeChanged.connect(self._place_labels)

    def show_contours(self, found: "Pseudospectrum | None") -> None:
        """Draw the contours of `found`, none for None."""
        for line in self._lines:
            for item in (line.curve, line.label):
                self._widget.removeItem(item)
        self._found = found
        self._lines = [] if found is None else [self._line(found, level) for level in found.levels]
        self.set_theme(self._theme)
        self._place_labels()

    @property
    def drawn(self) -> bool:
        """Whether any contour is drawn."""
        return bool(self._lines)

    def rows(self) -> list[Sequence[object]]:
        """Return one row per grid point z of the contours: its parts, and the size of error that reaches it."""
        rows: list[Sequence[object]] = [("Re z", "Im z", "epsilon")]
        if self._found is not None:
            real, imag = np.meshgrid(self._found.real, self._found.imag)
            points = zip(real.ravel(), imag.ravel(), self._found.values.ravel(), strict=True)
            rows += [tuple(f"{number:.9g}" for number in point) for point in points]
        return rows

    def show_values(self, values: np.ndarray) -> None:
        """Keep labels away from these eigenvalues, and from the old places of edited ones."""
        self._values = values
        self._place_labels()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        for line in self._lines:
            line.curve.setPen(plot_pen(theme.muted, 0.8))
            line.label.setColor(theme.muted)
            line.label.fill.setColor(pg.mkColor(theme.panel))

    def set_zoom(self, zoom: float) -> None:
        """Enlarge the labels `zoom` times, for a projector."""
        self._zoom = zoom
        for line in self._lines:
            line.label.setFont(self._font())
        self._place_labels()

    def _font(self) -> QFont:
        return font(round(SMALL * self._zoom))

    def _line(self, found: "Pseudospectrum", level: float) -> _Line:
        heights = np.log10(np.maximum(found.values.T, np.finfo(float).tiny))  # decades lie evenly between grid points
        curve, transform = _Isoline(heights, np.log10(level)), to_plane(found)
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
        """Place each label on a visible point of its line, away from other labels and, if possible, the unit circle.

        A label without such a point is hidden.
        """
        if not self._lines:
            return
        view = self._widget.getViewBox()
        (left, right), (low, high) = view.viewRange()
        width, height = (size * self._zoom for size in view.viewPixelSize())
        labels = np.zeros(0, complex)
        for line in sorted(self._lines, key=lambda one: -one.epsilon):
            x, y = line.points.real, line.points.imag
            seen = line.points[
                (np.minimum(x - left, right - x) > _OFF[0] * width) & (np.minimum(y - low, high - y) > _OFF[1] * height)
            ]
            tried, pixel = from_above(seen), np.array([width, height])
            free = tried[~(near(tried, labels, _ROOM * pixel) | near(tried, self._values, _OFF * pixel))]
            line.label.setVisible(len(free) > 0)
            if len(free):
                free = free[np.argsort(np.abs(np.abs(free) - 1) < _OFF[1] * width, kind="stable")]
                labels = np.append(labels, free[0])
                line.label.setPos(free[0].real, free[0].imag)


def near(points: np.ndarray, others: np.ndarray, room: np.ndarray) -> np.ndarray:
    """Return which complex `points` (n,) are closer than `room`, across and upwards, to any of `others`, bool (n,)."""
    gaps = points[:, None] - others
    return ((np.abs(gaps.real) < room[0]) & (np.abs(gaps.imag) < room[1])).any(1)


def from_above(points: np.ndarray) -> np.ndarray:
    """Return some of complex `points`, evenly spread, the highest first."""
    some = points[:: max(1, len(points) // _TRIED)]
    return some[np.argsort(-some.imag, kind="stable")]


def to_plane(found: "Pseudospectrum") -> QTransform:
    """Return the QTransform from pyqtgraph's grid, with points centred in unit squares, to the plane."""
    across, upwards = (float(axis[1] - axis[0]) for axis in (found.real, found.imag))
    transform = QTransform.fromTranslate(float(found.real[0]), float(found.imag[0]))
    return transform.scale(across, upwards).translate(-0.5, -0.5)


def epsilon_text(level: float) -> str:
    """Return a power of ten as "10⁻²"."""
    return f"10{str(round(np.log10(level))).translate(_RAISED)}"
