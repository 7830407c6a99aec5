"""Store the sizes of a window and its panels between two starts."""

from PySide6.QtWidgets import QMainWindow

from koopview.gui.preferences import forget, recall_bytes, remember
from koopview.gui.widgets.workspace import Workspace

_GEOMETRY = "layout/geometry"


def remember_layout(window: QMainWindow, workspace: Workspace) -> None:
    """Store the sizes of a window and of its panels."""
    remember({f"layout/{name}": state for name, state in workspace.states().items()})
    remember({_GEOMETRY: window.saveGeometry()})


def restore_layout(window: QMainWindow, workspace: Workspace) -> None:
    """Give a window and its panels the stored sizes, if there are any."""
    workspace.restore({name: recall_bytes(f"layout/{name}") for name in workspace.states()})
    geometry = recall_bytes(_GEOMETRY)
    if not geometry.isEmpty():
        window.restoreGeometry(geometry)


def reset_layout(workspace: Workspace, layout: str = "analysis") -> None:
    """Arrange the panels as a layout says, each at its default size, and delete the stored sizes."""
    forget("layout")
    workspace.arrange(layout)
