"""The colours of a sweep: what the hybrid gains over the affine map, on the way up to the original.

Blue, deeper towards the original: better than the affine map. Grey and hatched: no better than what needs no lift. So a
grid that found nothing looks like nothing, whatever lies between its best cell and its worst.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QRegion

from koopview.gui.history import has_labels
from koopview.gui.looks.theme import Theme
from koopview.gui.plots.bars import draw_marker
from koopview.gui.plots.classes import mixed
from koopview.gui.plots.plot import pen
from koopview.gui.text import percent
from koopview.study.result import FitResult

LEAST_GAIN = 0.01
"""Where the affine map keeps nearly all, a point of accuracy is as deep a blue as there is: less is no discovery."""

HATCH, HATCH_GAP = 0.12, 6
"""Share of ink in the lines over what is below the affine map, and their distance in logical pixels."""

_AFFINE_AT = 0.36
"""Where the affine map stands in the key: what is below it needs less room than what is above."""

_LINE = 13
"""Least distance of two labels of the key, in logical pixels."""

_MARKS = {"original": ("circle", "original"), "affine": ("up", "muted"), "mean": ("down", "muted")}
"""Marker and colour of what the key names, as the bars of the accuracies have them."""


@dataclass(frozen=True)
class SweepScale:
    """What the colours stand for, in fractions of 1: `levels` by their names, `low` and `top` the key's two ends.

    `affine` is None without labels: agreement with the original is then coloured from 0 to 1.
    """

    levels: dict[str, float]
    low: float
    top: float
    affine: float | None

    def below(self, measure: float) -> bool:
        """Return whether a hybrid is worse than the affine map."""
        return self.affine is not None and measure < self.affine

    def place(self, measure: float) -> float:
        """Return where in the key a measure stands, from 0 (below) to 1 (above)."""
        if self.affine is None:
            return _share(measure, self.low, self.top)
        if self.below(measure):
            return _AFFINE_AT * _share(measure, self.low, self.affine)
        return _AFFINE_AT + (1 - _AFFINE_AT) * _share(measure, self.affine, self.top)

    def colour(self, measure: float, theme: Theme) -> QColor:
        """Return the colour of a measure; it stands off the panel's ground, the more the better it is."""
        return self._colour_at(self.place(measure), self.below(measure), theme)

    def draw_key(self, painter: QPainter, bar: QRectF, theme: Theme) -> None:
        """Draw the colours from below to above into `bar`, hatched as the cells are, and to its right the levels."""
        for row in range(round(bar.height())):
            place = (row + 0.5) / bar.height()
            strip = QRectF(bar.left(), bar.bottom() - row - 1, bar.width(), 1)
            painter.fillRect(strip, self._colour_at(place, self._hatched(place), theme))
        if self.affine is not None:
            draw_hatch(painter, [QRectF(bar).adjusted(0, (1 - _AFFINE_AT) * bar.height(), 0, 0)], theme)
        wanted = sorted((bar.bottom() - self.place(value) * bar.height(), name) for name, value in self.levels.items())
        heights = apart([height for height, _ in wanted], _LINE, bar.top() + _LINE / 2, bar.bottom() - _LINE / 2)
        for height, (exact, name) in zip(heights, wanted, strict=True):
            painter.setPen(pen(theme.ink))
            painter.drawLine(QPointF(bar.left() - 2, exact), QPointF(bar.right() + 2, exact))
            marker, colour = _MARKS[name]
            draw_marker(painter, marker, QPointF(bar.right() + 11, height), QColor(getattr(theme, colour)))
            painter.setPen(QColor(theme.muted))
            text = QRectF(bar.right() + 19, height - 8, 120, 16)
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, f"{name} {percent(self.levels[name])}")

    def _hatched(self, place: float) -> bool:
        return self.affine is not None and place < _AFFINE_AT

    def _colour_at(self, place: float, below: bool, theme: Theme) -> QColor:
        panel = QColor(theme.panel)
        if below:
            return mixed(mixed(panel, QColor(theme.baseline), 0.6), QColor(theme.baseline), place / _AFFINE_AT)
        share = place if self.affine is None else (place - _AFFINE_AT) / (1 - _AFFINE_AT)
        deepest = mixed(QColor(theme.hybrid), QColor(theme.ink), 0.2)
        return mixed(mixed(panel, QColor(theme.hybrid), 0.5), deepest, share)


def scale_of_sweep(results: Iterable[FitResult]) -> SweepScale:
    """Return the scale of the cells of one map.

    They are of one layer, and so have one affine map; where they do not (cells of another version of KoopView), the
    best is the one to beat.
    """
    results = tuple(results)
    if not all(has_labels(result) for result in results):
        return SweepScale({"original": 1.0}, 0.0, 1.0, None)
    levels = {name: max(result.rows[name] or 0.0 for result in results) for name in _MARKS}
    affine = levels["affine"]
    top = max(levels["original"], affine + LEAST_GAIN)
    return SweepScale(levels, min(levels["mean"], affine - LEAST_GAIN), top, affine)


def draw_hatch(painter: QPainter, boxes: Sequence[QRectF], theme: Theme) -> None:
    """Draw thin lines over `boxes`, in step with each other: what is below the affine map, for whoever sees no hue."""
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


def apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return rising heights near those `wanted` (rising), at least `gap` from each other, from `low` to `high`."""
    placed: list[float] = []
    for height in wanted:
        placed.append(max(height, placed[-1] + gap if placed else low))
    for index in reversed(range(len(placed))):
        placed[index] = min(placed[index], placed[index + 1] - gap if index + 1 < len(placed) else high)
    return placed


def _share(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))
