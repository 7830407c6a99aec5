"""Horizontal bars, each with a name, a marker, its number and interval, so that nothing depends on colour alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPolygonF

from koopview.gui.looks.pens import pen
from koopview.gui.looks.theme import SMALL, TEXT, bold, font
from koopview.gui.plots.painted import Painted
from koopview.gui.text import score
from koopview.gui.widgets.save_menu import make_exportable
from koopview.words import percent_figure

NAME, MARKER, FIGURE, BESIDE = 62, 18, 60, 66
ROW, LOWEST_ROW, HIGHEST_ROW, GROUP_GAP = 23, 13, 26, 0.3
SHORTEST = 64
"""Where bars would be shorter, what stands beside the figures gives its room away; the whiskers still show it."""
BELOW_ZERO = 0.25
"""Lower end of the axis if scores can be negative, as a distance below 0; a lower bar ends in an arrow."""

_WHISKER = 3.0
"""Half the height of a whisker's ends, in logical pixels."""

_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | _MIDDLE


@dataclass(frozen=True)
class Bar:
    """One bar: `value`, up to 1, in the format of its `measure`, or None if not known; `colour` names a theme colour.

    The `interval` is drawn as a whisker and written beside the number; without one, `beside` is written there. The
    `strong` bar is compared with the `best` one. `words` replace a bar whose value is not known. `further` numbers, by
    name, are copied with it. A value `about` that of all samples is one of a few: "~" stands before it.
    """

    name: str
    value: float | None
    colour: str
    marker: str
    strong: bool = False
    tip: str = ""
    interval: tuple[float, float] | None = None
    measure: str = "accuracy"
    beside: str = ""
    best: bool = False
    words: str = ""
    further: Mapping[str, float | None] = field(default_factory=dict)
    about: bool = False

    @property
    def figure(self) -> str:
        """The number as text."""
        return f"{'~ ' if self.about and self.value is not None else ''}{score(self.value, self.measure)}"

    @property
    def said(self) -> str:
        """Name, number and the text beside it, or the words that replace them."""
        if self.value is None and self.words:
            return f"{self.name} {self.words}"
        return " ".join(part for part in (self.name, self.figure, self.margin) if part)

    @property
    def margin(self) -> str:
        """The text beside the number: the interval in per cent, or `beside`."""
        return self.beside if self.interval is None else "–".join(map(percent_figure, self.interval))


class Bars(Painted):
    """Draws bars one below the other; the context menu copies names, scores and their intervals."""

    def __init__(self, accessible: str, group: int = 1) -> None:
        super().__init__()
        self._group = group
        self._bars: tuple[Bar, ...] = ()
        self._tip = ""
        self._accessible = accessible
        self._widest, self._beside, self._low = NAME, 0, 0.0
        self._zoom = 1.0
        make_exportable(self, accessible, self.table)

    def show_bars(self, bars: Sequence[Bar], tip: str = "") -> None:
        """Draw `bars`; `tip` is the tooltip for all of them."""
        self._bars, self._tip = tuple(bars), tip
        measure = QFontMetrics(bold())
        widths = [measure.horizontalAdvance(bar.name) for bar in bars]
        self._widest = max([NAME, *(width + 10 for width in widths)])
        self._beside = BESIDE if any(bar.margin for bar in bars) else 0
        self._low = -BELOW_ZERO if any(bar.measure == "r2" for bar in bars) else 0.0
        self.setAccessibleName(self._accessible)
        self.setAccessibleDescription(", ".join(bar.said for bar in bars))
        tips = [f"<b>{bar.said}</b> {bar.tip}" for bar in bars if bar.tip]
        self.setToolTip("<br>".join([*tips, *([tip] if tip else [])]))
        self.setMinimumHeight(round(LOWEST_ROW * self._zoom * self._units()))
        self.setMaximumHeight(round(HIGHEST_ROW * self._zoom * self._units()))
        self.updateGeometry()
        self.update()

    def set_zoom(self, zoom: float) -> None:
        """Draw everything `zoom` times larger, for a projector."""
        self._zoom = zoom
        self.show_bars(self._bars, self._tip)

    def rows(self) -> list[tuple[str, ...]]:
        """Return names, scores, the ends of their intervals and further numbers, empty if not known."""
        return [
            (
                bar.name,
                _number(bar.value),
                *(_number(end) for end in bar.interval or (None, None)),
                *(_number(number) for number in bar.further.values()),
            )
            for bar in self._bars
        ]

    def table(self) -> list[tuple[str, ...]]:
        """Return the rows below column names."""
        further = self._bars[0].further if self._bars else ()
        return [("name", "score", "interval from", "interval to", *further), *self.rows()]

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room that the bars want."""
        return QSize(round(280 * self._zoom), round(ROW * self._zoom * self._units()))

    def track(self, row: int) -> QRectF:
        """Return the rectangle of a bar of full length in `row`."""
        width, height = self.width() / self._zoom, self.height() / self._zoom / max(1.0, self._units())
        thick = min(14.0, height - 7)
        left = self._name_width + MARKER + 6
        above = row + (GROUP_GAP * (row // self._group) if self._group > 1 else 0)
        length = width - left - FIGURE - (self._beside if self._has_room_beside() else 0)
        return QRectF(left, (above + 0.5) * height - thick / 2, max(10, length), thick)

    @property
    def _name_width(self) -> float:
        """The room of names: that of the longest, unless bars would be shorter than SHORTEST then."""
        room = self.width() / self._zoom - (MARKER + 6) - FIGURE - SHORTEST
        return min(self._widest, max(NAME, room))

    def _has_room_beside(self) -> bool:
        """Return whether the bars are long enough beside what stands next to the figures."""
        return self.width() / self._zoom - (self._name_width + MARKER + 6) - FIGURE - self._beside >= SHORTEST

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
        self._draw_level(painter)

    def _draw(self, painter: QPainter, bar: Bar, track: QRectF) -> None:
        theme, middle, height = self._theme, track.center().y(), track.height() + 8
        colour = QColor(getattr(theme, bar.colour))
        known = bar.value is not None or not bar.words
        size = min(TEXT, max(SMALL, int(height) - 3))  # low rows have smaller words, which do not touch
        painter.setFont(bold(size) if bar.strong or bar.best else font(size))
        painter.setPen(QColor(theme.muted if bar.colour == "baseline" and not bar.best else theme.ink))
        name = elided_row(bar.name, painter.fontMetrics(), int(self._name_width) - 2)
        painter.drawText(QRectF(0, middle - height / 2, self._name_width, height), _RIGHT, name)
        painter.setPen(QColor(theme.ink))
        if known:
            figure = QRectF(track.right(), middle - height / 2, FIGURE - 6, height)
            painter.drawText(figure, _RIGHT, bar.figure)
        painter.setFont(font(SMALL))
        painter.setPen(QColor(theme.muted))
        words = QRectF(track.right() + FIGURE - 3, middle - height / 2, BESIDE, height)
        if not known:
            words = QRectF(track.left(), middle - height / 2, self.width(), height)
        beside = bar.margin if self._has_room_beside() else ""
        painter.drawText(words, _MIDDLE, beside if known else bar.words)
        draw_marker(painter, bar.marker, QPointF(self._name_width + MARKER / 2 + 2, middle), colour)
        if known:
            self._draw_bar(painter, bar, track, colour)

    def _draw_bar(self, painter: QPainter, bar: Bar, track: QRectF, colour: QColor) -> None:
        """Draw the track, the value from 0 on, and the interval as a whisker over it."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.track))
        painter.drawRoundedRect(track, 3, 3)
        if bar.value is None:
            return
        zero, end = self.across(track, 0.0), self.across(track, bar.value)
        if bar.value:
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(QPointF(zero, track.top()), QPointF(end, track.bottom())).normalized(), 3, 3)
        if self._low:
            painter.setPen(pen(self._theme.muted))
            painter.drawLine(QPointF(zero, track.top() - 2), QPointF(zero, track.bottom() + 2))
        if bar.value < self._low:
            draw_marker(painter, "left", QPointF(track.left() + 6, track.center().y()), QColor(self._theme.ink))
        if bar.interval is not None:
            self._draw_whisker(painter, track, bar.interval)

    def _draw_whisker(self, painter: QPainter, track: QRectF, interval: tuple[float, float]) -> None:
        """Draw an interval over a bar, with an outline in the background colour, so that it is visible on any bar."""
        low, high = (self.across(track, end) for end in interval)
        y = track.center().y()
        lines = [
            (QPointF(low, y), QPointF(high, y)),
            *((QPointF(x, y - _WHISKER), QPointF(x, y + _WHISKER)) for x in (low, high)),
        ]
        for colour, width in ((self._theme.panel, 2.6), (self._theme.ink, 1.1)):
            painter.setPen(pen(colour, width))
            for start, end in lines:
                painter.drawLine(start, end)

    def _draw_level(self, painter: QPainter) -> None:
        """Draw the level of the best control from its bar to the hybrid's."""
        found = [row for row, bar in enumerate(self._bars) if (bar.best or bar.strong) and bar.value is not None]
        best = next((row for row in found if self._bars[row].best), None)
        if best is None or len(found) != 2:
            return
        x = self.across(self.track(best), self._bars[best].value or 0.0)
        painter.setPen(pen(self._theme.ink, 1.2, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(x, self.track(found[0]).top() - 3), QPointF(x, self.track(found[1]).bottom() + 3))

    def across(self, track: QRectF, value: float) -> float:
        """Return the x position of `value` on a track, clipped to its ends."""
        return track.left() + track.width() * (min(1.0, max(self._low, value)) - self._low) / (1.0 - self._low)


def elided_row(name: str, metrics: QFontMetrics, room: int) -> str:
    """Return a name that fits into `room` pixels; its last word, which says what the bar is, stays."""
    if metrics.horizontalAdvance(name) <= room or " " not in name:
        return metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
    first, last = name.rsplit(" ", 1)
    left = room - metrics.horizontalAdvance(f" {last}")
    return f"{metrics.elidedText(first, Qt.TextElideMode.ElideRight, left)} {last}"


def _number(fraction: float | None) -> str:
    return "" if fraction is None else f"{fraction:.6g}"


def draw_marker(painter: QPainter, marker: str, at: QPointF, colour: QColor) -> None:
    """Draw a marker by its name around `at`: circle, ring, square, diamond, up, down, left, right or cross."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    if marker == "circle":
        painter.drawEllipse(at, 4.2, 4.2)
    elif marker == "ring":
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen(colour.name(), 1.8))
        painter.drawEllipse(at, 3.4, 3.4)
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
    "right": ((4.6, 0), (-3.6, 4.6), (-3.6, -4.6)),
    "left": ((-4.6, 0), (3.6, 4.6), (3.6, -4.6)),
    "down": ((0, 4.6), (4.6, -3.6), (-4.6, -3.6)),
}
