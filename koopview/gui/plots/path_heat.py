"""A sample's path as a heat map: states from above to below, the share s of the path from left to right."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QLinearGradient, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip

from koopview.gui.looks.theme import SMALL, Theme, font
from koopview.gui.plots.painted import Painted
from koopview.gui.plots.path_grid import Paths, axis_words, pad_text
from koopview.gui.plots.plot import pen
from koopview.gui.plots.ticks import TICK, axis_number, ticks
from koopview.gui.text import short
from koopview.gui.widgets.copying import offer_copy

LEFT, STRIP, AXIS, BRACKET, BAR = 48, 12, 18, 86, 74
"""Room for the states' numbers, for what lies before the lift, for steps, for appended entries, for the colours."""

_STOPS = {
    "light": ("#762a83", "#b58bc3", "#f4f4f5", "#7fc28a", "#1b7837"),
    "dark": ("#d9aee4", "#8d4fa1", "#26292f", "#34905a", "#a4e3b3"),
}
"""From the lowest value over 0 to the highest: Brewer's purple and green, on a ground like the panel's."""

_SHADES = 256
_MANY = 64
"""Above so many states a few of the largest values do not set the scale."""
_MOST = 99.5
_LOWEST_ROW = 13
"""A row of so many logical pixels has room for its state's number."""
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignCenter


class PathHeat(Painted):
    """Draws :class:`Paths`, all states of them; appended entries are hatched and named at the right.

    Each step has a column around its share of the path, half-way to its neighbours'.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("heatMap")
        self.setAccessibleName("Trajectory: all states of one sample over the share s of the path, as colours")
        self.setMouseTracking(True)
        self.setMinimumHeight(104)
        self._paths: Paths | None = None
        self._reach = 1.0
        self.shown = offer_copy(self, "Heat map", self.rows)

    def show_paths(self, paths: Paths | None) -> None:
        """Draw all states of `paths`, nothing for None."""
        self._paths = paths
        if paths is not None:
            self._reach = reach_of(paths.path)
        self.update()

    def rows(self) -> list[list[str]]:
        """Return the path as rows: state, then one column a step."""
        if self._paths is None:
            return []
        head = ["state", *(f"step {step}" for step in range(self._paths.steps + 1))]
        values = self._paths.path.T
        return [head, *([f"S{i + 1}", *(f"{value:.6g}" for value in row)] for i, row in enumerate(values))]

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room of a small map."""
        return QSize(560, 180)

    def frame(self) -> QRectF:
        """Return where the map lies."""
        right = BAR + (BRACKET if self._appended() else 8)
        return QRectF(LEFT, STRIP + 2, max(10, self.width() - LEFT - right), max(10, self.height() - STRIP - AXIS - 2))

    def at(self, point: QPointF) -> tuple[int, int] | None:
        """Return the state and the step of the cell under `point`."""
        frame = self.frame()
        if self._paths is None or not frame.contains(point):
            return None
        length, states = self._paths.path.shape
        state = int((point.y() - frame.top()) / frame.height() * states)
        column = np.searchsorted(column_edges(self._paths.shares), (point.x() - frame.left()) / frame.width(), "right")
        return min(states - 1, state), min(length - 1, max(0, int(column) - 1))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Read the value under the mouse."""
        found = self.at(event.position())
        if found and self._paths is not None:
            state, step = found
            QToolTip.showText(event.globalPosition().toPoint(), self._paths.told(state, step), self)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the map and what explains it."""
        if self._paths is None:
            return
        painter, frame = QPainter(self), self.frame()
        painter.setFont(font(SMALL))
        painter.drawImage(frame, self._image(frame, self._paths))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for last, first, place, words in self._appended():
            self._draw_appended(painter, frame, (last, first), place, words)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen(self._theme.line))
        painter.drawRect(frame)
        self._draw_lift(painter, frame, self._paths)
        self._draw_axes(painter, frame, self._paths)
        self._draw_bar(painter, frame)

    def _image(self, frame: QRectF, paths: Paths) -> QImage:
        """Return the path's colours: where states are more than pixels, each pixel their mean."""
        shares = np.clip(paths.path.T / self._reach, -1, 1) / 2 + 0.5
        pixels = np.ascontiguousarray(colours(self._theme)[np.round(shares * (_SHADES - 1)).astype(int)])
        rows, columns = shares.shape
        image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888).copy()
        ratio = self.devicePixelRatioF()
        width, height = round(frame.width() * ratio), round(frame.height() * ratio)
        stretch, modes = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode
        image = image.scaled(
            columns, height, stretch, modes.SmoothTransformation if rows > height else modes.FastTransformation
        )
        found = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())[:, : 4 * columns]
        spread = np.ascontiguousarray(found.reshape(height, columns, 4)[:, columns_of(paths.shares, width)])
        return QImage(spread.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()

    def _appended(self) -> list[tuple[int, int, int, str]]:
        """Return where entries are appended: last row + 1, first row, step, and what to say of them."""
        paths = self._paths
        if paths is None:
            return []
        states = paths.path.shape[1]
        ends = ((0, paths.inputs), (paths.steps, paths.outputs))
        return [
            (states, real, step, f"appended\n{pad_text(paths.pad)} at s = {1 if step else 0}")
            for step, real in ends
            if real < states
        ]

    def _draw_appended(self, painter: QPainter, frame: QRectF, rows: tuple[int, int], step: int, words: str) -> None:
        assert self._paths is not None
        states, edges = self._paths.path.shape[1], column_edges(self._paths.shares)
        last, first = rows
        top, height = frame.top() + frame.height() * first / states, frame.height() * (last - first) / states
        left, width = frame.width() * edges[step], frame.width() * (edges[step + 1] - edges[step])
        cells = QRectF(frame.left() + left, top, width, height)
        painter.setPen(pen(self._theme.ink, 1.2))
        painter.setBrush(QBrush(QColor(self._theme.ink), Qt.BrushStyle.BDiagPattern))
        painter.drawRect(cells)
        x = frame.right() + 5
        painter.setPen(pen(self._theme.muted, 1.4))
        painter.drawLine(QPointF(x, top + 1), QPointF(x, top + height - 1))
        painter.setPen(QColor(self._theme.muted))
        middle = min(max(top + height / 2, frame.top() + 14), frame.bottom() - 14)
        painter.drawText(QRectF(x + 6, middle - 15, BRACKET - 14, 30), _LEFT, words)

    def _draw_lift(self, painter: QPainter, frame: QRectF, paths: Paths) -> None:
        """Mark above the map the part of the path that the lift evaluates, up to s_{h-1}."""
        strip = QRectF(QPointF(self._across(frame, 0.0), 0), QPointF(self._across(frame, paths.lift), STRIP))
        painter.fillRect(strip, QColor(self._theme.shade))
        painter.setPen(pen(self._theme.hybrid, 1.4))
        painter.drawLine(QPointF(strip.right(), 0), QPointF(strip.right(), frame.top()))

    def _draw_axes(self, painter: QPainter, frame: QRectF, paths: Paths) -> None:
        painter.setPen(QColor(self._theme.muted))
        states = paths.path.shape[1]
        height = frame.height() / states
        for state in ticks(1, states, _LOWEST_ROW / height, landmarks=(1,), whole=True):
            middle = frame.top() + height * (state - 0.5)
            painter.drawText(QRectF(0, middle - 8, LEFT - 7, 16), _RIGHT, f"S{state:.0f}")
        start, end = self._across(frame, 0.0), self._across(frame, 1.0)
        for text, share, colour in axis_words(paths.lift, end - start, self._theme):
            painter.setPen(colour)
            box = QRectF(start + (end - start) * share - TICK / 2, frame.bottom() + 2, TICK, AXIS - 2)
            painter.drawText(box, _CENTRE, text)

    def _across(self, frame: QRectF, share: float) -> float:
        """Return where a share of the path lies: a step's in its column, not always in the middle."""
        assert self._paths is not None
        first, last = padded_ends(self._paths.shares)
        return frame.left() + frame.width() * (share - first) / (last - first)

    def _draw_bar(self, painter: QPainter, frame: QRectF) -> None:
        bar = QRectF(self.width() - 20, frame.top() + 16, 8, max(20.0, frame.height() - 22))
        gradient, table = QLinearGradient(bar.bottomLeft(), bar.topLeft()), colours(self._theme)
        for index in range(0, _SHADES, 15):
            gradient.setColorAt(index / (_SHADES - 1), QColor(*(int(value) for value in table[index, :3])))
        painter.setPen(pen(self._theme.line))
        painter.setBrush(gradient)
        painter.drawRoundedRect(bar, 2, 2)
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(QRectF(self.width() - BAR, frame.top() - 3, BAR - 10, 14), _RIGHT, "state")
        beyond = "≥ " if self._paths is not None and float(np.abs(self._paths.path).max()) > self._reach else ""
        for value, y in ((self._reach, bar.top()), (0.0, bar.center().y()), (-self._reach, bar.bottom())):
            sign = beyond if value > 0 else beyond.replace("≥", "≤") if value < 0 else ""
            box = QRectF(self.width() - BAR, y - 8, BAR - 25, 16)
            painter.drawText(box, _RIGHT, sign + axis_number(value, self._reach) if self._reach < 1e4 else short(value))


def reach_of(path: np.ndarray) -> float:
    """Return the modulus of the deepest colours: the largest value's, of many states that which few values pass."""
    sizes = np.abs(path)
    largest = float(sizes.max(initial=0.0))
    most = float(np.percentile(sizes, _MOST)) if path.shape[1] > _MANY else largest
    return most or largest or 1.0


def colours(theme: Theme) -> np.ndarray:
    """Return the map's colours from the lowest to the highest value, uint8 (shades, 4)."""
    stops = [QColor(name) for name in _STOPS["dark" if theme.name == "dark" else "light"]]
    places, shades = np.linspace(0, 1, len(stops)), np.linspace(0, 1, _SHADES)
    parts = [[stop.red() for stop in stops], [stop.green() for stop in stops], [stop.blue() for stop in stops]]
    columns = [np.interp(shades, places, part) for part in parts]
    return np.column_stack([*columns, np.full(_SHADES, 255.0)]).round().astype(np.uint8)


def padded_ends(shares: np.ndarray) -> tuple[float, float]:
    """Return where the first column begins and the last one ends: as far from their steps as on the other side."""
    return float(shares[0] - (shares[1] - shares[0]) / 2), float(shares[-1] + (shares[-1] - shares[-2]) / 2)


def column_edges(shares: np.ndarray) -> np.ndarray:
    """Return the edges (steps + 2,) of the steps' columns, as shares of the map's width: half-way between steps."""
    first, last = padded_ends(shares)
    edges = np.concatenate([[first], (shares[1:] + shares[:-1]) / 2, [last]])
    return (edges - first) / (last - first)


def columns_of(shares: np.ndarray, width: int) -> np.ndarray:
    """Return which step's column each of `width` pixels lies in."""
    middles = (np.arange(width) + 0.5) / width
    return np.clip(np.searchsorted(column_edges(shares), middles, "right") - 1, 0, len(shares) - 1)
