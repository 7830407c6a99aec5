"""Read code ahead of its first use, while nobody asks for anything."""

from importlib import import_module

from PySide6.QtCore import QObject, QTimer

from koopview.gui.session.port import SessionPort

_LATER = (
    "koopview.gui.present.tour",
    "koopview.gui.present.page",
    "koopview.gui.present.lecturing",
    "koopview.gui.compare.window",
    "koopview.gui.dialogs.open_source",
)
"""Modules that a start does not need, in the order in which a lecture does: each takes 10 to 30 ms."""

_PAUSE_MS = 300


class Ahead(QObject):
    """Imports one module after another while a session is not busy: the first tour then opens as quickly as others."""

    def __init__(self, session: SessionPort, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._left = session, list(_LATER)
        self._timer = QTimer(self, interval=_PAUSE_MS)
        self._timer.timeout.connect(self._read_one)

    def begin(self) -> None:
        """Begin to read."""
        self._timer.start()

    def _read_one(self) -> None:
        if not self._session.busy:
            import_module(self._left.pop(0))
        if not self._left:
            self._timer.stop()
