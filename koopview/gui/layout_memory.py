"""Store the sizes of a window and its panels, and lasting choices in them, between two starts."""

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QAbstractButton, QMainWindow

from koopview.gui.preferences import forget, recall_bytes, remember
from koopview.gui.widgets.workspace import Workspace

_CHOICES = ("allStatesButton",)
_GEOMETRY = "layout/geometry"


def remember_layout(window: QMainWindow, workspace: Workspace) -> None:
    """Store the sizes of a window and of its panels."""
    remember({f"layout/{name}": state for name, state in workspace.states().items()})
    remember({_GEOMETRY: window.saveGeometry()})
    remember({f"choices/{button.objectName()}": _kept(button.isChecked()) for button in _choices(window)})


def restore_layout(window: QMainWindow, workspace: Workspace) -> None:
    """Give a window and its panels the stored sizes, if there are any."""
    workspace.restore({name: recall_bytes(f"layout/{name}") for name in workspace.states()})
    geometry = recall_bytes(_GEOMETRY)
    if not geometry.isEmpty():
        window.restoreGeometry(geometry)
    for button in _choices(window):
        button.setChecked(not recall_bytes(f"choices/{button.objectName()}").isEmpty())


def _choices(window: QMainWindow) -> list[QAbstractButton]:
    """Return the buttons whose state is a person's lasting choice."""
    found = [window.findChild(QAbstractButton, name) for name in _CHOICES]
    return [button for button in found if button is not None]


def _kept(checked: bool) -> QByteArray:
    return QByteArray(b"yes" if checked else b"")


def reset_layout(workspace: Workspace, layout: str = "analysis") -> None:
    """Arrange the panels as a layout says, each at its default size, and delete the stored sizes."""
    forget("layout")
    workspace.arrange(layout)
