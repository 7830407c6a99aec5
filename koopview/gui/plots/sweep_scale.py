"""The colours of a sweep: the hybrid's gain over the best affine control of the same cell.

Blue, deeper for a larger gain: better than both affine maps, of the layer's input and of the operator's input. Grey and
hatched: worse than an affine map, which has no dynamics. So a grid without a gain shows no blue, however much its cells
differ.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QRegion

from koopview.gui.history import gain_of
from koopview.gui.looks.pens import pen
from koopview.gui.looks.theme import Theme
from koopview.gui.plots.classes import mixed
from koopview.gui.plots.ticks import apart
from koopview.study.comparison import Scores
from koopview.study.result import FitResult

LEAST_GAIN = 0.01
"""Least gain with the deepest blue, a point of accuracy (0.01 of R2), for controls that leave almost no room."""

MOST = 1.0
"""Largest range on either side: R2 has no lower end."""

HATCH, HATCH_GAP = 0.12, 6
"""Ink share of the hatching lines over cells below the best control, and their distance in logical pixels."""

_LEVEL_AT = 0.36
"""Position of the best control in the legend: losses need less room than gains."""

_LINE = 13
"""Least distance of two labels of the legend, in logical pixels."""


@dataclass(frozen=True)
class SweepScale:
    """The range of the colours, as gains over the best affine control: from `low`, below 0, up to `top`.

    The ends are set by the controls, not by the cells: `top` is the original's lead over the lowest best control, `low`
    how far the mean output is behind the highest.
    """

    low: float
    top: float
    measure: str

    def below(self, gain: float | None) -> bool:
        """Return whether a hybrid is worse than its best control."""
        return gain is not None and gain < 0

    def place(self, gain: float) -> float:
        """Return the position of a gain in the legend, from 0 (bottom) to 1 (top)."""
        if self.below(gain):
            return _LEVEL_AT * _share(gain, self.low, 0.0)
        return _LEVEL_AT + (1 - _LEVEL_AT) * _share(gain, 0.0, self.top)

    def colour(self, gain: float | None, theme: Theme) -> QColor:
        """Return the colour of a gain; a larger gain has more contrast to the panel's background.

        A gain of exactly 0, or one without known controls, has the colour of a bar's empty track.
        """
        return self._colour_at(self.place(gain), self.below(gain), theme) if gain else QColor(theme.track)

    def labels(self) -> list[tuple[float, str]]:
        """Return the gains that the legend names, from above, and what it says of each.

        Its ends bear no numbers: none of the cells need come near them, and they were read as what the best one gains.
        """
        return [(self.top, "most to gain"), (0.0, "best control"), (self.low, "most to lose")]

    def draw_legend(self, painter: QPainter, bar: QRectF, theme: Theme) -> None:
        """Draw the colours upwards into `bar`, hatched like the cells, and the labels to its right."""
        for row in range(round(bar.height())):
            place = (row + 0.5) / bar.height()
            strip = QRectF(bar.left(), bar.bottom() - row - 1, bar.width(), 1)
            painter.fillRect(strip, self._colour_at(place, place < _LEVEL_AT, theme))
        draw_hatch(painter, [QRectF(bar).adjusted(0, (1 - _LEVEL_AT) * bar.height(), 0, 0)], theme)
        exact = [bar.bottom() - self.place(gain) * bar.height() for gain, _ in self.labels()]
        heights = apart(exact, _LINE, bar.top() + _LINE / 2, bar.bottom() - _LINE / 2)
        for height, level, (_, words) in zip(heights, exact, self.labels(), strict=True):
            painter.setPen(pen(theme.ink))
            painter.drawLine(QPointF(bar.left() - 2, level), QPointF(bar.right() + 2, level))
            painter.setPen(QColor(theme.muted))
            text = QRectF(bar.right() + 8, height - 8, 120, 16)
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, words)

    def _colour_at(self, place: float, below: bool, theme: Theme) -> QColor:
        panel = QColor(theme.panel)
        if below:
            return mixed(mixed(panel, QColor(theme.lost), 0.6), QColor(theme.lost), place / _LEVEL_AT)
        deepest = mixed(QColor(theme.hybrid), QColor(theme.ink), 0.2)
        return mixed(mixed(panel, QColor(theme.hybrid), 0.5), deepest, (place - _LEVEL_AT) / (1 - _LEVEL_AT))


def scale_of_sweep(results: Iterable[FitResult]) -> SweepScale:
    """Return the SweepScale of the cells of one map, from the gains and losses that their controls allow."""
    results = tuple(results)
    levels = [level for result in results if (level := control_level(result)) is not None]
    return scale_of(levels, [result.rows for result in results], results[0].measure)


def scale_of(levels: Sequence[float], rows: Sequence[Scores], measure: str) -> SweepScale:
    """Return the SweepScale of cells with these scores, whose best controls have the scores `levels`."""
    if not levels:
        return SweepScale(-LEAST_GAIN, LEAST_GAIN, measure)
    original = _known(rows, "original", max, 1.0)
    mean = _known(rows, "mean", min, 0.0)
    top, low = max(LEAST_GAIN, original - min(levels)), max(LEAST_GAIN, max(levels) - mean)
    return SweepScale(-min(low, MOST), min(top, MOST), measure)


def control_level(result: FitResult) -> float | None:
    """Return the score of the hybrid's best affine control, None if it is not known."""
    gain = gain_of(result)
    return None if gain is None or result.hybrid is None else result.hybrid - gain


def draw_hatch(painter: QPainter, boxes: Sequence[QRectF], theme: Theme) -> None:
    """Draw thin aligned lines over `boxes`: they mark cells below their control without the need for colour."""
    if not boxes:
        return
    region, around = QRegion(), QRectF()
    for box in boxes:
        region, around = region.united(box.toAlignedRect()), around.united(box)
    ink = QColor(theme.ink)
    ink.setAlphaF(HATCH)
    painter.save()
    painter.setClipRegion(region)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(ink)
    height = around.height()
    for x in range(int(around.left()), int(around.right() + height), HATCH_GAP):
        painter.drawLine(QPointF(x, around.top()), QPointF(x - height, around.bottom()))
    painter.restore()


def _share(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _known(rows: Sequence[Scores], name: str, choose: Callable[[list[float]], float], otherwise: float) -> float:
    """Return the greatest or least score of the networks called `name`, `otherwise` if none is known."""
    return choose([score for scores in rows if (score := scores[name]) is not None] or [otherwise])
