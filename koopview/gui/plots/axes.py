"""Axes of pyqtgraph's plots: the choice and format of their numbers."""

from collections.abc import Callable, Sequence
from typing import Any

import pyqtgraph as pg

from koopview.gui.plots.ticks import TICK, share_text, share_ticks, ticks
from koopview.gui.text import minus

WIDE = 190
"""Least length of an axis, in logical pixels, with room for its long name."""

Levels = list[tuple[float, list[float]]]
"""pyqtgraph's format of an axis's ticks: pairs (distance between ticks, their values)."""


def plain(value: float) -> str:
    """Return a number in its shortest form, with a typographic minus sign."""
    return minus(f"{value:g}")


class Axis(pg.AxisItem):
    """An axis with pyqtgraph's ticks, or, after a call of :meth:`number`, those of :func:`ticks`.

    It lays out its label only after a change.
    """

    _label = ""
    _room = 0.0

    def number(
        self, room: float, written: Callable[[float], str] = plain, landmarks: Sequence[float] = (), whole: bool = False
    ) -> None:
        """Show landmarks and round numbers, each with `room` logical pixels, in the format of `written`."""
        self._room, self._write, self._landmarks, self._whole = room, written, landmarks, whole
        self.picture = None
        self.update()

    def tickValues(self, minVal: float, maxVal: float, size: float) -> Levels:  # noqa: N802 - pyqtgraph's name
        """Return pyqtgraph's levels of ticks: here only one."""
        if not self._room:
            levels: Levels = super().tickValues(minVal, maxVal, size)
            return levels
        low, high = sorted((minVal, maxVal))
        apart = max(self._room * (high - low) / max(size, 1.0), 1e-300)
        return [(apart, list(ticks(low, high, apart, self._landmarks, self._whole)))]

    def tickStrings(self, values: Any, scale: Any, spacing: Any) -> list[str]:  # noqa: N802 - pyqtgraph's name
        """Return the tick labels."""
        if self._room:
            return [self._write(value) for value in values]
        return [minus(text) for text in super().tickStrings(values, scale, spacing)]

    def _updateLabel(self) -> None:  # noqa: N802 - pyqtgraph's name
        """Write the label; pyqtgraph asks for it at every change of range, pen or size."""
        before, self._label = self._label, self.labelString()
        if self._label != before:
            super()._updateLabel()
        else:
            self.picture = None
            self.update()


class ShareAxis(Axis):
    """An axis of the share s of the path: its ends, a share between and its name, or round shares in a close-up."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.setStyle(hideOverlappingLabels=False)  # labels of the ends reach beyond the axis
        self._shares: tuple[float, ...] = (0.0, 1.0)
        self._long_name = "s"
        self._named: dict[float, str] = {}
        self.number(TICK, lambda share: self._named.get(share) or share_text(share))

    def show_shares(self, first: float, last: float, *between: float, long_name: str = "s") -> None:
        """Show these shares, and in the widest gap between them the axis's name, or `long_name` if it fits."""
        self._shares, self._long_name = (first, last, *between), long_name
        self.picture = None
        self.update()

    def tickValues(self, minVal: float, maxVal: float, size: float) -> Levels:  # noqa: N802 - pyqtgraph's name
        """Return the positions of the shares and of the name."""
        self._named = {}
        first, last = self._shares[:2]
        if max(minVal - first, last - maxVal) > 1e-6 * (maxVal - minVal):
            return super().tickValues(minVal, maxVal, size)
        shares, name_at = share_ticks(self._shares, size * (last - first) / (maxVal - minVal))
        if name_at is not None:
            self._named = {name_at: self._long_name if size > WIDE else "s"}
        return [(1.0, [*shares, *self._named])]
