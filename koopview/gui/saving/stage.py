"""A widget that holds parts of a panel one below the other, as they stand on paper."""

from collections.abc import Callable, Sequence

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QLabel, QSizePolicy, QVBoxLayout, QWidget

from koopview.gui.looks.theme import Theme


class Stage(QWidget):
    """Holds `parts` of a panel one below the other; nobody sees it. Its theme is the panel's, set by `dress`.

    Pictures share its height, a line of words takes a line. Without `fills` the parts take the height that they ask
    for, and room is left below.
    """

    def __init__(self, parts: Sequence[QWidget], dress: Callable[[Theme], object], *, fills: bool = True) -> None:
        super().__init__()
        self.set_theme = dress
        self.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for part in parts:
            narrow = part.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Maximum
            column.addWidget(part, int(fills and not _is_line(part)), _LEFT if narrow else Qt.AlignmentFlag(0))
            part.show()
        if not fills:
            column.addStretch(1)
        for area in self.findChildren(QAbstractScrollArea):
            area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)


_LEFT = Qt.AlignmentFlag.AlignLeft


def end_widgets(*widgets: QWidget) -> None:
    """Delete widgets that no window owns, now, while Python still refers to all that is in them.

    Where Python frees them, it frees what refers to their children in any order, and the program can end by that.
    """
    for widget in widgets:
        if shiboken6.isValid(widget):
            shiboken6.delete(widget)


def _is_line(part: QWidget) -> bool:
    """Return whether a part is a line of words or a legend."""
    return isinstance(part, QLabel) or part.sizePolicy().verticalPolicy() == QSizePolicy.Policy.Fixed
