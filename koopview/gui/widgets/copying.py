"""Put numbers on the clipboard, as lines of tab-separated columns that a spreadsheet takes."""

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

Rows = Iterable[Sequence[object]]


def tab_separated(rows: Rows) -> str:
    """Return `rows` as text, one line a row, columns set apart by tabs, with a minus sign that programs read."""
    return "\n".join("\t".join(str(cell) for cell in row) for row in rows).replace("−", "-")


def copy_text(text: str) -> None:
    """Put `text` on the clipboard."""
    QGuiApplication.clipboard().setText(text)


def offer_copy(widget: QWidget, name: str, rows: Callable[[], Rows]) -> QAction:
    """Give `widget` a context menu with one entry `name` that copies what `rows` returns then."""
    action = QAction(name, widget)
    action.triggered.connect(lambda: copy_text(tab_separated(rows())))
    widget.addAction(action)
    widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    widget.customContextMenuRequested.connect(lambda point: _show_menu(widget, point))
    return action


def _show_menu(widget: QWidget, point: QPoint) -> None:
    menu = QMenu(widget)
    menu.addActions(widget.actions())
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(widget.mapToGlobal(point))
