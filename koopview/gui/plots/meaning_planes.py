"""Decision boundaries, original above (or beside) hybrid, with the changed test samples ringed."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from koopview.gui.looks.theme import UNIT, Theme
from koopview.gui.plots.class_legend import BETWEEN, ROW, ClassLegend
from koopview.gui.plots.class_map import ClassMap, at_place
from koopview.gui.plots.meaning_map import ChangedMap
from koopview.gui.text import class_name, minus, spoken_class
from koopview.study.views import BoundaryView, ChangedView

_TALL = 1.15
"""Height over width from which the planes stand one above the other."""
_LEAST = 108
"""Least height of a plane with its caption; where two have not so much room, the hybrid's alone is drawn."""


class MeaningPlanes(QWidget):
    """Two planes and the names of classes; the original's border is drawn over the hybrid's answers too."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._plane: BoundaryView | None = None
        self.original = ClassMap("Answers of the original network over the inputs", self.reading, fills=True)
        self.hybrid = ChangedMap(
            "Answers of the hybrid over the inputs, the original's border, and changed test samples", self.reading
        )
        self.classes = ClassLegend(areas=True)
        self.row = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self.row.setSpacing(2)
        self.row.addWidget(self.original, 1)
        self.row.addWidget(self.hybrid, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(self.row, 1)
        layout.addWidget(self.classes)
        self.hybrid.chosen.connect(self.chosen)

    def show_changed(self, view: ChangedView, captions: tuple[str, str], chosen: int) -> None:
        """Draw a view that has a plane, below it `captions` of original and hybrid."""
        plane = self._plane = view.plane
        if plane is None:
            return
        self.original.show_classes(plane.original, plane.extent, captions[0])
        self.hybrid.show_classes(plane.hybrid, plane.extent, captions[1], plane.original)
        self.hybrid.show_changed(view, chosen)
        count = max(len(view.class_names), int(max(plane.original.max(), plane.hybrid.max())) + 1)
        self.classes.show_classes([class_name(view.class_names, index) for index in range(count)])
        self._fit_classes(count)

    def reading(self, x: float, y: float) -> str:
        """Return the answers at a point of the plane as text."""
        plane = self._plane
        if plane is None:
            return ""
        old, new = (
            spoken_class(plane.class_names, at_place(one, plane.extent, x, y)) for one in (plane.original, plane.hybrid)
        )
        return f"{minus(f'x {x:.2f}, y {y:.2f}')}<br>original: <b>{old}</b><br>hybrid: <b>{new}</b>"

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        for part in (self.original, self.hybrid, self.classes):
            part.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Put the planes above each other in a tall panel, side by side in a wide one."""
        super().resizeEvent(event)
        tall = self.height() > _TALL * self.width()
        directions = QBoxLayout.Direction
        self.row.setDirection(directions.TopToBottom if tall else directions.LeftToRight)
        self.row.setSpacing(2 if tall else 2 * UNIT)
        each = self.height() / 2 if tall else self.width() / 2
        self.original.setVisible(each >= _LEAST)
        self._fit_classes(len(self.classes.names))

    def _fit_classes(self, count: int) -> None:
        """Give the names of classes as many rows as they need at this width, if that leaves room for the planes."""
        width = self.classes.minimumSizeHint().width() + BETWEEN
        columns = max(1, (self.width() + BETWEEN) // width)
        rows = -(-count // columns)
        self.classes.setFixedHeight(ROW * max(1, rows))
        self.classes.setVisible(ROW * rows <= self.height() / 5)
