"""What is on screen can be copied and saved: its numbers as rows, its picture as the widgets that show it."""

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

Rows = Iterable[Sequence[object]]


class Shown(QObject):
    """A plot or a table on screen: its `title`, the `rows` behind it, and the `parts` that its picture is made of.

    A child of its widget, so that whoever has the window finds all that can be saved (:func:`all_shown`). `about` tells
    by names of columns what the rows are of beside the fit: a sample, a mode. A picture of it is laid out at a
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


def offer_copy(widget: QWidget, title: str, rows: Callable[[], Rows], *parts: QWidget, picture: bool = True) -> Shown:
    """Give `widget` a context menu that copies and saves what `rows` returns then, and its picture.

    The picture (where there is to be one) shows `parts` one below the other, `widget` itself where none are named.
    What is returned may be given other parts later.
    """
    shown = Shown(widget, title, rows, (parts or (widget,)) if picture else ())
    add_actions(widget, shown)
    widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    widget.customContextMenuRequested.connect(lambda point: _show_menu(widget, point))
    return shown


def add_actions(widget: QWidget, shown: Shown, copies: bool = True) -> None:
    """Add to the actions of `widget` those that copy and save what is `shown`."""
    calls: list[tuple[str, Callable[[], object]]] = [("Copy numbers", shown.copy)] if copies else []
    calls.append(("Save numbers as CSV…", lambda: _ask_numbers(shown)))
    if shown.parts:
        calls.append(("Save picture…", lambda: _ask_picture(shown)))
    for text, call in calls:
        action = QAction(text, widget)
        action.triggered.connect(lambda checked=False, call=call: call())
        widget.addAction(action)


def all_shown(window: QWidget) -> list[Shown]:
    """Return all that is to be seen of what can be saved, from above to below and left to right."""
    visible = [shown for shown in window.findChildren(Shown) if shown.widget.isVisible() and shown.drawn()]
    return sorted(visible, key=lambda shown: _place(shown.widget, window))


def tab_separated(rows: Rows) -> str:
    """Return `rows` as text, one line a row, columns set apart by tabs, with a minus sign that programs read."""
    return "\n".join("\t".join(str(cell) for cell in row) for row in rows).replace("−", "-")


def copy_text(text: str) -> None:
    """Put `text` on the clipboard."""
    QGuiApplication.clipboard().setText(text)


def _place(widget: QWidget, window: QWidget) -> tuple[int, int]:
    corner = widget.mapTo(window, QPoint(0, 0))
    return corner.y() // 50, corner.x()


def _ask_numbers(shown: Shown) -> None:
    from koopview.gui.files.saving import ask_numbers  # from above, once it is wanted: that room is built of this one

    ask_numbers(shown)


def _ask_picture(shown: Shown) -> None:
    from koopview.gui.files.saving import ask_picture  # as above

    ask_picture(shown)


def _show_menu(widget: QWidget, point: QPoint) -> None:
    menu = QMenu(widget)
    menu.addActions(widget.actions())
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(widget.mapToGlobal(point))
