"""A screen that nobody watches over: present mode alone, and back to the start once nobody touched it for a while."""

import sys
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, QPointF, QTimer, Signal
from PySide6.QtGui import QKeySequence, QMouseEvent, QShortcut
from PySide6.QtWidgets import QApplication, QMainWindow

from koopview.arguments import KIOSK_QUIT
from koopview.gui.looks.appearance import Appearance
from koopview.gui.present.presenting import Presenting
from koopview.gui.session.port import SessionPort
from koopview.gui.widgets.message_bar import MessageBar
from koopview.study.result import StudyState

REACHABLE = ("undoAction", "redoAction", "removeModesAction", "resetModesAction", "nextThemeAction")
"""Actions that ask nothing, open nothing and write nothing: all others are out of a visitor's reach."""

_KINDS = QEvent.Type
_TOUCHES = frozenset(
    {
        *(_KINDS.KeyPress, _KINDS.KeyRelease, _KINDS.MouseButtonPress, _KINDS.MouseButtonRelease),
        *(_KINDS.MouseButtonDblClick, _KINDS.MouseMove, _KINDS.Wheel, _KINDS.NativeGesture),
        *(_KINDS.TouchBegin, _KINDS.TouchUpdate, _KINDS.TouchEnd, _KINDS.TabletPress, _KINDS.TabletMove),
    }
)
"""What a person does. What Qt does of itself (painting, timers, layouts) is none of them."""


class KioskPort(Protocol):
    """What a kiosk holds of a window, and sets back."""

    session: SessionPort
    appearance: Appearance
    presenting: Presenting
    message: MessageBar


class Kiosk(QObject):
    """Holds `window` in present mode, and sets all back once nobody touched it while `idle` ran.

    What a visitor can do is choose a layer, move delays and rank, take modes out and undo; nothing of it is kept.
    ``failed`` carries the sentence of what could not be opened at the start.
    """

    failed = Signal(str)

    def __init__(self, window: QMainWindow, port: KioskPort, seconds: float, idle: QTimer | None = None) -> None:
        super().__init__(window)
        self._window, self._port = window, port
        self._start: StudyState | None = None
        self._theme = port.appearance.choice
        self._pointer = QPointF()
        self._ends = False
        self.idle = idle or QTimer()
        self.idle.setParent(self)
        self.idle.setSingleShot(True)
        self.idle.setInterval(round(1000 * seconds))
        self.idle.timeout.connect(self.start_over)
        self._close_off()
        self._quit = QShortcut(QKeySequence(quit_keys()), window, self.end)
        port.session.settled.connect(self._note_start)
        port.session.failed.connect(self._on_failed)
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)

    @property
    def ready(self) -> bool:
        """Whether there is a start to go back to."""
        return self._start is not None

    def end(self) -> None:
        """Close the window, which nothing else does."""
        self._ends = True
        self._window.close()

    def start_over(self) -> None:
        """Show the start again: its settings, its page, its colours, no undo; what runs is cancelled."""
        self.idle.stop()
        if self._start is None:
            return
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
        self._port.message.forget()
        self._port.session.start_over(self._start)
        self._port.appearance.choose(self._theme)
        self._port.presenting.start_over()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Note that somebody is there; let no menu open on a plot, and no key of the desktop close the window."""
        kind = event.type()
        if kind in _TOUCHES and self._is_touched(event):
            self.idle.start()
        if kind == _KINDS.ContextMenu:
            return True
        if kind == _KINDS.Close and watched is self._window and not self._ends:
            event.ignore()
            return True
        return False

    def _is_touched(self, event: QEvent) -> bool:
        """Return whether an event is a person's: systems tell of a mouse that rests where something moves below it."""
        if event.type() != _KINDS.MouseMove or not isinstance(event, QMouseEvent):
            return True
        before, self._pointer = self._pointer, event.globalPosition()
        return self._pointer != before

    def _close_off(self) -> None:
        """Put out of reach what asks, opens or writes: an action that is not to be seen has no keys either."""
        for action in self._window.actions():
            action.setVisible(action.objectName() in REACHABLE)
        self._window.menuBar().clear()
        self._window.setAcceptDrops(False)
        self._port.message.offers = False
        self._port.presenting.hold()

    def _note_start(self) -> None:
        """Take what is shown first as the start, once all of it is there."""
        if self._start is None and self._port.session.result is not None:
            self._start = self._port.session.drawn_state()
            self._port.presenting.let_choose(True)

    def _on_failed(self, sentence: str, details: str) -> None:
        if self._start is None:
            self.failed.emit(sentence)


def quit_keys() -> str:
    """Return the keys that end a kiosk; with macOS's Command key they would log the person out."""
    return KIOSK_QUIT.replace("Ctrl", "Meta") if sys.platform == "darwin" else KIOSK_QUIT
