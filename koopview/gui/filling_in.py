"""The switch of filling in curves while idle: a person's choice, and the windows and modes in which nothing is."""

from typing import Protocol

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow

from koopview.gui.preferences import preferences, remember
from koopview.gui.present.presenting import Presenting
from koopview.gui.session.port import SessionPort
from koopview.gui.widgets.status import Status
from koopview.gui.words import filled_words

_KEY = "fillIn"


class FillingPort(Protocol):
    """The interface of a window for this switch: the parts that it follows, and the bar that tells of it."""

    session: SessionPort
    presenting: Presenting
    status: Status


class FillingIn(QObject):
    """Has a window's session fill in curves and sweeps, if `action` is ticked, once the window is a person's.

    Before :meth:`begin` is called nothing is filled in: a picture, a kiosk or a script wants no more than it asks for.
    In present mode only the curve is filled in: the sweep is not on the page.
    """

    def __init__(self, window: QMainWindow, port: FillingPort, action: QAction) -> None:
        super().__init__(window)
        self._port, self._action = port, action
        self._begun = False
        self._told = (False, False)
        action.setCheckable(True)
        action.setChecked(bool(preferences().value(_KEY, True, type=bool)))
        action.toggled.connect(self._choose)
        port.presenting.changed.connect(self._tell)
        port.session.filled.connect(lambda told: port.status.show_filled(*filled_words(told)))

    def begin(self) -> None:
        """Fill in from now on, if that is chosen."""
        self._begun = True
        self._tell()

    def _choose(self, chosen: bool) -> None:
        remember({_KEY: chosen})
        self._tell()

    def _tell(self) -> None:
        told = self._begun and self._action.isChecked(), self._port.presenting.active
        if told != self._told:
            self._told = told
            self._port.session.fill(*told)
