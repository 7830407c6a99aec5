"""One small plot per state: the original step against the scaled path (the paper's figure 2)."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QToolTip

from koopview.gui.looks.pens import pen
from koopview.gui.looks.theme import SMALL, Theme, bold, font
from koopview.gui.plots.painted import Painted
from koopview.gui.plots.state_names import numbered
from koopview.gui.plots.ticks import TICK, apart, axis_number, share_text, share_ticks
from koopview.gui.text import minus
from koopview.gui.widgets.save_menu import make_exportable
from koopview.study.result import FitResult
from koopview.trajectory.schedule import path_shares

LABEL_WIDTH, TITLE, AXIS, GAP, INSET = 48, 18, 16, 10, 6
_LINE = 11
"""Least distance of two numbers beside a plot, in logical pixels."""

_TEXT_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Paths:
    """The data drawn for one sample.

    Attributes
    ----------
    path : array (steps + 1, states)
    states : tuple of int
        Indices of the states to show.
    inputs, outputs : int
        Number of real states at each end; the others are appended.
    delays : int
    shares : array (steps + 1,)
        The share s of the path at which each step stands, from 0 to 1.
    pad : float
        Value of appended entries.
    name : callable from index to str
        The name of a state.
    """

    path: np.ndarray
    states: tuple[int, ...]
    inputs: int
    outputs: int
    delays: int
    shares: np.ndarray
    pad: float
    name: Callable[[int], str] = numbered

    @classmethod
    def of(
        cls, result: FitResult, sample: int, states: tuple[int, ...], name: Callable[[int], str] = numbered
    ) -> "Paths":
        """Return the Paths of some states of one sample of a result."""
        settings = result.settings
        shares = path_shares(settings.schedule, settings.steps)
        return cls(result.paths[sample], states, *result.path_ends, settings.delays, shares, settings.pad, name)

    @property
    def steps(self) -> int:
        """N."""
        return len(self.path) - 1

    @property
    def lift(self) -> float:
        """The share s_{h-1} of the path at which the operator takes over."""
        return float(self.shares[self.delays - 1])

    def nearest(self, share: float) -> int:
        """Return the step nearest to a share of the path."""
        return int(np.abs(self.shares - share).argmin())

    def told(self, state: int, step: int) -> str:
        """Return the value of a state at a step as text: "S3 at s = 0.32 (step 5): 0.1234"."""
        value = minus(f"{self.path[step, state]:.4f}")
        return f"{self.name(state)} at s = {self.shares[step]:.2f} (step {step}): {value}"


class PathGrid(Painted):
    """Draws :class:`Paths`, at most two rows of four plots, with a reading line under the mouse."""

    def __init__(self) -> None:
        super().__init__()
        self._paths: Paths | None = None
        self._step: int | None = None
        self._zoom = 1.0
        self.setMouseTracking(True)
        self.setMinimumHeight(104)
        self.exportable = make_exportable(self, "Trajectory", self.rows)
        self.exportable.fills, self.exportable.least_width = True, 560

    def show_paths(self, paths: Paths | None) -> None:
        """Draw `paths`, nothing for None."""
        self._paths, self._step = paths, None
        self.update()

    def set_zoom(self, zoom: float) -> None:
        """Draw everything `zoom` times larger, for a projector."""
        self._zoom = zoom
        self.update()

    def _room(self) -> QRectF:
        return QRectF(0, 0, self.width() / self._zoom, self.height() / self._zoom)

    def rows(self) -> list[list[str]]:
        """Return the states shown as rows: step, its share s of the path, then one column per state."""
        if self._paths is None:
            return []
        head = ["step", "s", *map(self._paths.name, self._paths.states)]
        values = np.column_stack([self._paths.shares, self._paths.path[:, list(self._paths.states)]])
        return [head, *([str(step), *(f"{value:.6g}" for value in row)] for step, row in enumerate(values))]

    def cells(self) -> list[QRectF]:
        """Return the frame of every plot, in the order of the states."""
        if self._paths is None:
            return []
        count = len(self._paths.states)
        rows = 1 if count <= 4 else 2
        columns = math.ceil(count / rows)
        room = self._room()
        width, height = room.width() / columns, (room.height() - AXIS) / rows
        return [
            QRectF(
                (index % columns) * width + LABEL_WIDTH,
                (index // columns) * height + TITLE,
                width - LABEL_WIDTH - GAP,
                height - TITLE - GAP / 2,
            )
            for index in range(count)
        ]

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw every cell, and the axis of s below the lowest row."""
        if self._paths is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self._zoom, self._zoom)
        cells = self.cells()
        for state, cell in zip(self._paths.states, cells, strict=True):
            _Cell(painter, self._theme, self._paths, state, cell).draw(self._step)
        for index, cell in enumerate(cells):
            if not any(other.left() == cell.left() for other in cells[index + 1 :]):
                self._draw_axis(painter, cell, self._paths.lift)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Show the value under the mouse."""
        found = self._reading(event.position() / self._zoom)
        step = found[1] if found else None
        if step != self._step:
            self._step = step
            self.update()
        if found and self._paths is not None:
            state, step = found
            QToolTip.showText(event.globalPosition().toPoint(), self._paths.told(state, step), self)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Hide the reading line."""
        self._step = None
        self.update()

    def _reading(self, point: QPointF) -> tuple[int, int] | None:
        if self._paths is None:
            return None
        for state, cell in zip(self._paths.states, self.cells(), strict=True):
            if cell.adjusted(-4, 0, 4, 0).contains(point):
                return state, self._paths.nearest((point.x() - cell.left()) / cell.width())
        return None

    def _draw_axis(self, painter: QPainter, cell: QRectF, lift: float) -> None:
        painter.setFont(font(SMALL))
        for text, share, colour in axis_words(lift, cell.width(), self._theme):
            painter.setPen(colour)
            middle = cell.left() + cell.width() * share
            box = QRectF(middle - TICK / 2, cell.bottom() + 2, TICK, AXIS)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


class _Cell:
    """Draws one state into one frame."""

    def __init__(self, painter: QPainter, theme: Theme, paths: Paths, state: int, frame: QRectF) -> None:
        self._painter, self._theme, self._paths, self._state, self._frame = painter, theme, paths, state, frame
        self._values = paths.path[:, state].astype(float)
        self._low, self._high = float(self._values.min()), float(self._values.max())

    def draw(self, step: int | None) -> None:
        self._draw_ground()
        self._draw_labels()
        self._painter.save()
        self._painter.setClipRect(self._frame.adjusted(-INSET, -2, INSET, 2))
        self._draw_lines()
        if step is not None:
            self._draw_reading(step)
        self._painter.restore()

    def _point(self, step: int, value: float) -> QPointF:
        inner = self._frame.adjusted(0, INSET, 0, -INSET)
        spread = self._high - self._low
        share = (value - self._low) / spread if spread > 0 else 0.5
        across = inner.left() + inner.width() * float(self._paths.shares[step])
        return QPointF(across, inner.bottom() - inner.height() * share)

    def _draw_ground(self) -> None:
        lifted = QRectF(self._frame)
        lifted.setWidth(self._frame.width() * self._paths.lift)
        self._painter.fillRect(lifted, QColor(self._theme.shade))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.setPen(pen(self._theme.line))
        self._painter.drawRect(self._frame)
        if self._low < 0 < self._high:
            zero = self._point(0, 0.0).y()
            self._painter.drawLine(QPointF(self._frame.left(), zero), QPointF(self._frame.right(), zero))

    def _draw_labels(self) -> None:
        painter, frame = self._painter, self._frame
        above = QRectF(frame.left(), frame.top() - TITLE, frame.width(), TITLE - 1)
        painter.setFont(bold(SMALL))
        painter.setPen(QColor(self._theme.ink))
        painter.drawText(
            above, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._paths.name(self._state)
        )
        painter.setFont(font(SMALL))
        painter.setPen(QColor(self._theme.muted))
        appended = self._appended()
        room = frame.width() - QFontMetrics(bold(SMALL)).horizontalAdvance(self._paths.name(self._state)) - 6
        if QFontMetrics(font(SMALL)).horizontalAdvance(appended) <= room:  # else the open circle and the tip say it
            painter.drawText(above, _TEXT_RIGHT, appended)
        values = sorted({self._low, self._high}, reverse=True)
        at = [self._point(0, value).y() for value in values]
        for value, middle in zip(values, apart(at, _LINE, frame.top() + 3, frame.bottom() - 1), strict=True):
            box = QRectF(frame.left() - LABEL_WIDTH, middle - 8, LABEL_WIDTH - 7, 16)
            painter.drawText(box, _TEXT_RIGHT, axis_number(value, self._high - self._low))

    def _draw_lines(self) -> None:
        painter, last = self._painter, self._paths.steps
        points = [self._point(step, value) for step, value in enumerate(self._values)]
        painter.setPen(pen(self._theme.scaled, 2.0))
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(pen(self._theme.original, 2.0, Qt.PenStyle.DashLine))
        painter.drawLine(points[0], points[-1])
        for step, real in ((0, self._paths.inputs), (last, self._paths.outputs)):
            self._draw_end(points[step], self._state >= real)

    def _draw_end(self, point: QPointF, appended: bool) -> None:
        self._painter.setPen(pen(self._theme.original, 1.6))
        self._painter.setBrush(QColor(self._theme.panel if appended else self._theme.original))
        self._painter.drawEllipse(point, 3.2, 3.2)

    def _draw_reading(self, step: int) -> None:
        point = self._point(step, self._values[step])
        self._painter.setPen(pen(self._theme.muted))
        self._painter.drawLine(QPointF(point.x(), self._frame.top()), QPointF(point.x(), self._frame.bottom()))
        self._painter.setPen(pen(self._theme.panel, 1.4))
        self._painter.setBrush(QColor(self._theme.scaled))
        self._painter.drawEllipse(point, 3.6, 3.6)

    def _appended(self) -> str:
        real = {1: self._paths.outputs, 0: self._paths.inputs}
        end = next((end for end, count in real.items() if self._state >= count), None)
        if end is None:
            return ""
        return f"{'appended ' if self._frame.width() > 128 else ''}{pad_text(self._paths.pad)} at s = {end}"


def pad_text(pad: float) -> str:
    """Return the value of appended entries as text: "−1"."""
    return minus(f"{pad:g}")


def axis_words(lift: float, width: float, theme: Theme) -> list[tuple[str, float, QColor]]:
    """Return the texts below an axis of s of `width` pixels, as (text, share, colour): ends, lift and name."""
    shares, name_at = share_ticks((0.0, 1.0, lift), width)
    words = [(share_text(share), share, QColor(theme.muted)) for share in shares]
    return [*words, *([] if name_at is None else [("s", name_at, QColor(theme.ink))])]
