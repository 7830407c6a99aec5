"""A view of a plot that can be zoomed, panned and reset."""

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt

Ends = tuple[float, float]
"""The least and the largest visible value in one direction."""
ViewRange = tuple[Ends, Ends]
"""The visible range of a plot, across and upwards."""


class HomeView(pg.ViewBox):
    """A view that a drag pans and the wheel zooms within its home range; a double click or the key Home resets it."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self._home: ViewRange | None = None
        self._free = False

    def set_home(self, across: Ends, upwards: Ends, padding: float = 0.0) -> None:
        """Set the home range, with a share `padding` around it, and show it, unless it is unchanged.

        Nothing beyond the home range is shown, unless the view must keep its proportions.
        """
        home, free = (_padded(across, padding), _padded(upwards, padding)), self.state["aspectLocked"] is not False
        if (home, free) != (self._home, self._free):
            self._home, self._free = home, free
            ends = (None,) * 4 if free else (*home[0], *home[1])
            self.setLimits(**dict(zip(("xMin", "xMax", "yMin", "yMax"), ends, strict=True)))
            self.go_home()

    def go_home(self) -> None:
        """Show the home range."""
        if self._home is not None:
            self.setRange(xRange=self._home[0], yRange=self._home[1], padding=0)

    def mouseClickEvent(self, ev: Any) -> None:  # noqa: N802 - pyqtgraph's name
        """Show the home range after a double click."""
        if ev.double() and ev.button() == Qt.MouseButton.LeftButton:
            ev.accept()
            self.go_home()

    def keyPressEvent(self, ev: Any) -> None:  # noqa: N802 - Qt's name
        """Show the home range after the key Home."""
        if ev.key() == Qt.Key.Key_Home:
            self.go_home()
        else:
            super().keyPressEvent(ev)


def _padded(ends: Ends, padding: float) -> Ends:
    room = padding * (ends[1] - ends[0])
    return ends[0] - room, ends[1] + room
