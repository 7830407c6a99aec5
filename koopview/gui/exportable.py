"""What is on screen can be copied and saved: its numbers as rows, its picture as the widgets that show it."""

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

Rows = Iterable[Sequence[object]]


class Exportable(QObject):
    """A plot or a table on screen: its `title`, the `rows` behind it, and the `parts` that its picture is made of.

    A child of its widget, so that whoever has the window finds all that can be saved (:func:`exportables`). `about`
    tells by names of columns what the rows are of beside the fit: a sample, a mode. A picture of it is laid out at a
    `least_width` in logical pixels, where words would lie over each other in less; one that `fills` is no flat band.
    It can be saved while it is `drawn`.
    """

    def __init__(self, widget: QWidget, title: str, rows: Callable[[], Rows], parts: Sequence[QWidget]) -> None:
        super().__init__(widget)
        self.widget, self.title, self.rows, self.parts = widget, title, rows, tuple(parts)
        self.about: Callable[[], dict[str, object]] = dict
        self.drawn: Callable[[], bool] = lambda: True
        self.least_width, self.fills = 0, False

    def copy(self) -> None:
        """Put the numbers on the clipboard, as lines of tab-separated columns that a spreadsheet takes."""
        copy_text(tab_separated(self.rows()))


def exportables(window: QWidget) -> list[Exportable]:
    """Return all that is to be seen of what can be saved, from above to below and left to right."""
    visible = [one for one in window.findChildren(Exportable) if one.widget.isVisible() and one.drawn()]
    return sorted(visible, key=lambda one: _corner(one.widget, window))


def tab_separated(rows: Rows) -> str:
    """Return `rows` as text, one line a row, columns set apart by tabs, with a minus sign that programs read."""
    return "\n".join("\t".join(str(cell) for cell in row) for row in rows).replace("−", "-")


def copy_text(text: str) -> None:
    """Put `text` on the clipboard."""
    QGuiApplication.clipboard().setText(text)


def _corner(widget: QWidget, window: QWidget) -> tuple[int, int]:
    corner = widget.mapTo(window, QPoint(0, 0))
    return corner.y() // 50, corner.x()
