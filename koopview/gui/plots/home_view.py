"""A view of a plot that can be zoomed and panned, and that finds its way back."""

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt

Ends = tuple[float, float]
"""The least and the largest of what is seen in one direction."""
ViewRange = tuple[Ends, Ends]
"""What is seen of a plot, to the right and upwards."""


class HomeView(pg.ViewBox):
    """A view that a drag pans and the wheel zooms, within its home; a double click or the key Home leads back there."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self._home: ViewRange | None = None
        self._free = False

    def set_home(self, across: Ends, upwards: Ends, padding: float = 0.0) -> None:
        """Show `across` and `upwards`, with that share of each around it; what is seen stays where home stays.

        Nothing beyond home is shown, unless what is seen must keep its proportions.
        """
        home, free = (_padded(across, padding), _padded(upwards, padding)), self.state["aspectLocked"] is not False
        if (home, free) != (self._home, self._free):
            self._home, self._free = home, free
            ends = (None,) * 4 if free else (*home[0], *home[1])
            self.setLimits(**dict(zip(("xMin", "xMax", "yMin", "yMax"), ends, strict=True)))
            self.go_home()

    def go_home(self) -> None:
        """Show all that there is."""
        if self._home is not None:
            self.setRange(xRange=self._home[0], yRange=self._home[1], padding=0)

    def mouseClickEvent(self, ev: Any) -> None:  # noqa: N802 - pyqtgraph's name
        """Lead back home at a double click."""
        if ev.double() and ev.button() == Qt.MouseButton.LeftButton:
            ev.accept()
            self.go_home()

    def keyPressEvent(self, ev: Any) -> None:  # noqa: N802 - Qt's name
        """Lead back home at the key of that name."""
        if ev.key() == Qt.Key.Key_Home:
            self.go_home()
        else:
            super().keyPressEvent(ev)


def _padded(ends: Ends, padding: float) -> Ends:
    room = padding * (ends[1] - ends[0])
    return ends[0] - room, ends[1] + room
