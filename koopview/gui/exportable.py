"""Copy and save plots and tables on screen: the numbers as rows, the picture from the widgets that show it."""

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

Rows = Iterable[Sequence[object]]


class Exportable(QObject):
    """A plot or a table on screen: its `title`, the `rows` of its numbers, and the widgets `parts` of its picture.

    It is a child of its widget, so that :func:`exportables` finds it from the window. `about` returns further columns
    that identify the rows, by name: a sample, a mode. A picture is laid out at `least_width` logical pixels or more, so
    that texts do not overlap; one that `fills` is higher than a flat band. It can be saved while it is `drawn`.
    """

    def __init__(self, widget: QWidget, title: str, rows: Callable[[], Rows], parts: Sequence[QWidget]) -> None:
        super().__init__(widget)
        self.widget, self.title, self.rows, self.parts = widget, title, rows, tuple(parts)
        self.about: Callable[[], dict[str, object]] = dict
        self.drawn: Callable[[], bool] = lambda: True
        self.least_width, self.fills = 0, False

    def copy(self) -> None:
        """Put the numbers on the clipboard, as lines of tab-separated columns for a spreadsheet."""
        copy_text(tab_separated(self.rows()))


def exportables(window: QWidget) -> list[Exportable]:
    """Return the visible Exportables, from top to bottom and left to right."""
    visible = [one for one in window.findChildren(Exportable) if one.widget.isVisible() and one.drawn()]
    return sorted(visible, key=lambda one: _corner(one.widget, window))


def tab_separated(rows: Rows) -> str:
    """Return `rows` as text, one line per row, columns separated by tabs, with ASCII minus signs."""
    return "\n".join("\t".join(str(cell) for cell in row) for row in rows).replace("−", "-")


def copy_text(text: str) -> None:
    """Put `text` on the clipboard."""
    QGuiApplication.clipboard().setText(text)


def _corner(widget: QWidget, window: QWidget) -> tuple[int, int]:
    corner = widget.mapTo(window, QPoint(0, 0))
    return corner.y() // 50, corner.x()
