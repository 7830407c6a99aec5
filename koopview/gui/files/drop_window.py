"""A window onto which files can be dropped."""

from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QMainWindow

from koopview.gui.files.opening import Opening, dropped_files


class DropWindow(QMainWindow):
    """Hands dropped files to its ``opening``."""

    opening: Opening

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Accept dragged files."""
        if dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Open dropped files."""
        event.acceptProposedAction()
        self.opening.open_files(dropped_files(event.mimeData()))
