"""A context menu that copies and saves a widget's content."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from koopview.gui.exportable import Exportable, Rows


def make_exportable(
    widget: QWidget, title: str, rows: Callable[[], Rows], *parts: QWidget, picture: bool = True
) -> Exportable:
    """Give `widget` a context menu that copies and saves the result of `rows`, and its picture; return the Exportable.

    The picture, if wanted, shows `parts` one below the other, by default `widget` itself. The parts may be changed
    later.
    """
    exportable = Exportable(widget, title, rows, (parts or (widget,)) if picture else ())
    add_actions(widget, exportable)
    widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    widget.customContextMenuRequested.connect(lambda point: _show_menu(widget, point))
    return exportable


def add_actions(widget: QWidget, exportable: Exportable, copies: bool = True) -> None:
    """Add to the actions of `widget` those that copy and save `exportable`."""
    calls: list[tuple[str, Callable[[], object]]] = [("Copy numbers", exportable.copy)] if copies else []
    calls.append(("Save numbers as CSV…", lambda: _ask_numbers(exportable)))
    if exportable.parts:
        calls.append(("Save picture…", lambda: _ask_picture(exportable)))
    for text, call in calls:
        action = QAction(text, widget)
        action.triggered.connect(lambda checked=False, call=call: call())
        widget.addAction(action)


def _ask_numbers(exportable: Exportable) -> None:
    from koopview.gui.saving.saving import ask_numbers  # dialogs are not needed for the first picture

    ask_numbers(exportable)


def _ask_picture(exportable: Exportable) -> None:
    from koopview.gui.saving.saving import ask_picture  # as above

    ask_picture(exportable)


def _show_menu(widget: QWidget, point: QPoint) -> None:
    menu = QMenu(widget)
    menu.addActions(widget.actions())
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(widget.mapToGlobal(point))
