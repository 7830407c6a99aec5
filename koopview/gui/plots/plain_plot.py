"""A view with axes, as pyqtgraph's plot is, without the parts of it that this window never shows.

Each of pyqtgraph's plots makes a menu of 43 widgets, a button, a title and two more axes: 15 ms, four times what the
rest takes, and the style sheet has to dress them all.
"""

from collections.abc import Mapping
from typing import Any

import pyqtgraph as pg
from PySide6.QtWidgets import QGraphicsGridLayout, QGraphicsItem, QSizePolicy

from koopview.gui.plots.axes import Axis
from koopview.gui.plots.home_view import HomeView

AXES = ("left", "bottom")
_PLACES = {"top": (1, 1), "left": (2, 0), "right": (2, 2), "bottom": (3, 1)}
"""Row and column of each axis; the view's are 2 and 1."""
_EXPANDING = QSizePolicy.Policy.Expanding
_OF_VIEW = frozenset(("setRange", "viewRange", "setMouseEnabled", "setAspectLocked", "setYLink", "invertY"))
_OF_PLOT = _OF_VIEW | {"getViewBox", "getAxis", "setLogMode", "setLabel", "showAxis"}
_BEHIND = QGraphicsItem.GraphicsItemFlag.ItemNegativeZStacksBehindParent


class PlainPlot(pg.GraphicsWidget):
    """A view between its axes, with the methods of pyqtgraph's PlotItem that are used here, under their names."""

    def __init__(self, axes: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.setSizePolicy(_EXPANDING, _EXPANDING)
        self.vb = HomeView()
        self._axes = {name: Axis(name) for name in AXES} if axes is None else dict(axes)
        self._log = [False, False]
        self._items: list[Any] = []
        self.layout = QGraphicsGridLayout()
        self.layout.setContentsMargins(1, 1, 1, 1)
        self.layout.setSpacing(0)
        self.layout.addItem(self.vb, 2, 1)
        for name, axis in self._axes.items():
            axis.linkToView(self.vb)
            axis.setFlag(_BEHIND)
            self.layout.addItem(axis, *_PLACES[name])
        self.layout.setRowStretchFactor(2, 100)
        self.layout.setColumnStretchFactor(1, 100)
        self.setLayout(self.layout)

    def getViewBox(self) -> HomeView:  # noqa: N802 - pyqtgraph's name
        """Return the view."""
        return self.vb

    def getAxis(self, name: str) -> Any:  # noqa: N802 - pyqtgraph's name
        """Return the axis of a side."""
        return self._axes[name]

    def addItem(self, item: Any, ignoreBounds: bool = False) -> None:  # noqa: N802 - pyqtgraph's names
        """Draw an item in the view, on logarithmic scales if they are."""
        self._items.append(item)
        self.vb.addItem(item, ignoreBounds=ignoreBounds)
        if hasattr(item, "setLogMode"):
            item.setLogMode(*self._log)

    def removeItem(self, item: Any) -> None:  # noqa: N802 - pyqtgraph's name
        """Remove an item from the view."""
        self._items.remove(item)
        self.vb.removeItem(item)

    def setLogMode(self, x: bool = False, y: bool = False) -> None:  # noqa: N802 - pyqtgraph's name
        """Make the scales logarithmic, of this plot and of the items in it."""
        self._log = [x, y]
        for part in (*self._axes.values(), *(item for item in self._items if hasattr(item, "setLogMode"))):
            part.setLogMode(x, y)

    def setLabel(self, name: str, text: str, **style: Any) -> None:  # noqa: N802 - pyqtgraph's name
        """Write a text along an axis."""
        self.getAxis(name).setLabel(text, **style)

    def showAxis(self, name: str, show: bool = True) -> None:  # noqa: N802 - pyqtgraph's name
        """Show or hide an axis."""
        self.getAxis(name).setVisible(show)

    def implements(self, interface: str) -> bool:
        """Tell pyqtgraph's links between views that this stands for one."""
        return interface == "ViewBoxWrapper"

    def __getattr__(self, name: str) -> Any:
        """Return a method of the view; no other: pyqtgraph asks what an item has before it sends it events."""
        if name in _OF_VIEW:
            return getattr(self.vb, name)
        raise AttributeError(name)


class PlainPlotWidget(pg.GraphicsView):
    """A widget that holds one plot, ``plot_item``, and has its methods."""

    def __init__(self, axes: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.setSizePolicy(_EXPANDING, _EXPANDING)
        self.enableMouse(False)
        self.plot_item = PlainPlot(axes)
        self.setCentralItem(self.plot_item)
        for name in ("addItem", "removeItem", "setRange", "setAspectLocked"):  # else those of the scene
            setattr(self, name, getattr(self.plot_item, name))

    def __getattr__(self, name: str) -> Any:
        """Return a method of the plot."""
        if name in _OF_PLOT:
            return getattr(self.plot_item, name)
        raise AttributeError(name)
