"""A widget that holds parts of a panel one below the other, as they stand on paper."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget


def staged(parts: Sequence[QWidget], *, fills: bool = True) -> QWidget:
    """Return a QWidget nobody sees, with `parts` one below the other.

    Pictures share its height, lines of words take a line each. Without `fills` the parts take the height that they ask
    for, and room is left below.
    """
    stage = QWidget()
    stage.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    column = QVBoxLayout(stage)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    for part in parts:
        narrow = part.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Maximum
        grows = fills and not is_line(part)
        column.addWidget(part, int(grows), Qt.AlignmentFlag.AlignLeft if narrow else Qt.AlignmentFlag(0))
        part.show()
    if not fills:
        column.addStretch(1)
    return stage


def is_line(part: QWidget) -> bool:
    """Return whether a part is a line of words."""
    return isinstance(part, QLabel) or part.sizePolicy().verticalPolicy() == QSizePolicy.Policy.Fixed
