"""Horizontal bars, each with a name, a marker and its figure, so that nothing is told by colour alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPolygonF

from koopview.gui.looks.theme import SMALL, bold, font
from koopview.gui.plots.painted import Painted
from koopview.gui.plots.plot import pen
from koopview.gui.text import percent, percent_figure
from koopview.gui.widgets.copying import offer_copy

NAME, MARKER, FIGURE, ERROR = 62, 18, 60, 62
ROW, LOWEST_ROW, HIGHEST_ROW, GROUP_GAP = 23, 17, 26, 0.5
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | _MIDDLE


@dataclass(frozen=True)
class Bar:
    """One bar: `fraction` of 1, or None where it is not known; `colour` by its name in the theme.

    `interval` is that of the fraction, written beside it where it is given.
    """

    name: str
    fraction: float | None
    colour: str
    marker: str
    strong: bool = False
    tip: str = ""
    interval: tuple[float, float] | None = None


class Bars(Painted):
    """Draws bars one below the other; the context menu copies names and fractions."""

    def __init__(self, accessible: str, group: int = 1) -> None:
        super().__init__()
        self._group = group
        self._bars: tuple[Bar, ...] = ()
        self._tip = ""
        self._accessible = accessible
        self._name_width, self._figure_width = NAME, FIGURE
        self._zoom = 1.0
        offer_copy(self, accessible, lambda: [("name", "score", "interval from", "interval to"), *self.rows()])

    def show_bars(self, bars: Sequence[Bar], tip: str = "") -> None:
        """Draw `bars`; `tip` says what they have in common."""
        self._bars, self._tip = tuple(bars), tip
        measure = QFontMetrics(bold())
        widths = [measure.horizontalAdvance(bar.name) for bar in bars]
        self._name_width = max([NAME, *(width + 10 for width in widths)])
        self._figure_width = FIGURE + (ERROR if any(bar.interval is not None for bar in bars) else 0)
        figures = ", ".join(" ".join((bar.name, percent(bar.fraction), *_error_words(bar))) for bar in bars)
        self.setAccessibleName(self._accessible)
        self.setAccessibleDescription(figures)
        tips = [f"<b>{bar.name}</b> {bar.tip}" for bar in bars if bar.tip]
        self.setToolTip("<br>".join([*tips, *([tip] if tip else [])]))
        self.setMinimumHeight(round(LOWEST_ROW * self._zoom * self._units()))
        self.setMaximumHeight(round(HIGHEST_ROW * self._zoom * self._units()))
        self.updateGeometry()
        self.update()

    def set_zoom(self, zoom: float) -> None:
        """Draw everything so many times larger, for a projector."""
        self._zoom = zoom
        self.show_bars(self._bars, self._tip)

    def rows(self) -> list[tuple[str, ...]]:
        """Return names, fractions and their standard errors, empty where they are not known or not shown."""
        return [
            (bar.name, _number(bar.fraction), *(_number(end) for end in bar.interval or (None, None)))
            for bar in self._bars
        ]

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room that the bars want."""
        return QSize(round(280 * self._zoom), round(ROW * self._zoom * self._units()))

    def track(self, row: int) -> QRectF:
        """Return where a bar of 100 % lies."""
        width, height = self.width() / self._zoom, self.height() / self._zoom / max(1.0, self._units())
        thick = min(14.0, height - 7)
        left = self._name_width + MARKER + 6
        above = row + (GROUP_GAP * (row // self._group) if self._group > 1 else 0)
        return QRectF(left, (above + 0.5) * height - thick / 2, max(10, width - left - self._figure_width), thick)

    def _units(self) -> float:
        """Return the bars' height in rows, with the gaps between groups."""
        gaps = len(self._bars) // self._group - 1 if self._group > 1 else 0
        return len(self._bars) + GROUP_GAP * max(0, gaps)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw every bar."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self._zoom, self._zoom)
        for row, bar in enumerate(self._bars):
            self._draw(painter, bar, self.track(row))

    def _draw(self, painter: QPainter, bar: Bar, track: QRectF) -> None:
        theme = self._theme
        middle, height = track.center().y(), track.height() + 8
        painter.setFont(bold() if bar.strong else font())
        painter.setPen(QColor(theme.ink if bar.colour != "baseline" else theme.muted))
        painter.drawText(QRectF(0, middle - height / 2, self._name_width, height), _RIGHT, bar.name)
        painter.setPen(QColor(theme.ink))
        painter.drawText(QRectF(track.right(), middle - height / 2, FIGURE - 6, height), _RIGHT, percent(bar.fraction))
        painter.setFont(font(SMALL))
        painter.setPen(QColor(theme.muted))
        beside = QRectF(track.right() + FIGURE - 3, middle - height / 2, ERROR, height)
        painter.drawText(beside, _MIDDLE, "".join(_error_words(bar)))
        colour = QColor(getattr(theme, bar.colour))
        draw_marker(painter, bar.marker, QPointF(self._name_width + MARKER / 2 + 2, middle), colour)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.track))
        painter.drawRoundedRect(track, 3, 3)
        if bar.fraction:
            filled = QRectF(track)
            filled.setWidth(track.width() * min(1.0, bar.fraction))
            painter.setBrush(colour)
            painter.drawRoundedRect(filled, 3, 3)


def _error_words(bar: Bar) -> tuple[str, ...]:
    """Return the interval of a bar in per cent, no word where there is none."""
    return () if bar.interval is None else ("–".join(map(percent_figure, bar.interval)),)


def _number(fraction: float | None) -> str:
    return "" if fraction is None else f"{fraction:.6g}"


def draw_marker(painter: QPainter, marker: str, at: QPointF, colour: QColor) -> None:
    """Draw a marker by its name around `at`: circle, square, diamond, up, down or cross."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    if marker == "circle":
        painter.drawEllipse(at, 4.2, 4.2)
    elif marker == "cross":
        painter.setPen(pen(colour.name(), 1.6))
        for side in (-1, 1):
            painter.drawLine(at + QPointF(-3.2, -3.2 * side), at + QPointF(3.2, 3.2 * side))
    else:
        painter.drawPolygon(QPolygonF([at + QPointF(x, y) for x, y in _CORNERS[marker]]))


_CORNERS = {
    "square": ((-3.8, -3.8), (3.8, -3.8), (3.8, 3.8), (-3.8, 3.8)),
    "diamond": ((0, -5.2), (5.2, 0), (0, 5.2), (-5.2, 0)),
    "up": ((0, -4.6), (4.6, 3.6), (-4.6, 3.6)),
    "down": ((0, 4.6), (4.6, -3.6), (-4.6, -3.6)),
}
