"""The status bar: the running work, its progress, a Stop button; device and memory."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QProgressBar, QStatusBar, QToolButton

from koopview.gui.looks.theme import UNIT
from koopview.gui.machine import device, memory
from koopview.gui.text import time_left

_FULL = 1000
_REFRESH_MS = 2000
_BUSY_AFTER_MS = 120
"""Shorter work shows no progress bar, so that the status bar does not flicker while a slider moves."""


class Status(QStatusBar):
    """Progress at the left, device and memory at the right."""

    def __init__(self, stop: QAction) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self.text, self.left, self.machine = QLabel("Ready"), QLabel(), QLabel()
        self.progress = QProgressBar()
        self.progress.setObjectName("progressBar")
        self.progress.setAccessibleName("Progress of the running work")
        self.progress.setToolTip("How far the running work is")
        self.progress.setRange(0, _FULL)
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(170)
        self.stop = QToolButton()
        self.stop.setDefaultAction(stop)
        for widget in (self.text, self.progress, self.left, self.stop):
            self.addWidget(widget)
        self.filled = QLabel()
        self.filled.setContentsMargins(0, 0, 2 * UNIT, 0)
        self.filled.setMinimumWidth(1)  # these words never widen the window
        self.filled.hide()
        self.addPermanentWidget(self.filled)
        self.addPermanentWidget(self.machine)
        self.setContentsMargins(UNIT, 2, UNIT + 4, 2)
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._show_machine)
        self._clock.start(_REFRESH_MS)
        self._show_machine()
        self._busy = QTimer(self, singleShot=True, interval=_BUSY_AFTER_MS)
        self._busy.timeout.connect(lambda: self._show_bar(True))
        self._show_bar(False)

    def show_busy(self, busy: bool) -> None:
        """Show the progress bar, the time left and Stop while something runs, soon after its start."""
        if busy:
            self.progress.setValue(0)
            self.left.clear()
            self._busy.start()
        else:
            self._busy.stop()
            self._show_bar(False)

    def show_progress(self, fraction: float, text: str, seconds_left: float) -> None:
        """Show the share done, the current step, and the time left."""
        self.progress.setValue(round(_FULL * min(1.0, max(0.0, fraction))))
        self.text.setText(text)
        self.left.setText(time_left(seconds_left))

    def say(self, text: str) -> None:
        """Show what has been done."""
        self.text.setText(text)

    def show_filled(self, text: str, tip: str) -> None:
        """Show quietly what is filled in while nothing else runs, with a tooltip."""
        self.filled.setText(text)
        self.filled.setToolTip(tip)
        self.filled.setVisible(bool(text))

    def _show_bar(self, shown: bool) -> None:
        for widget in (self.progress, self.left, self.stop):
            widget.setVisible(shown)

    def _show_machine(self) -> None:
        self.machine.setText("     ".join(part for part in (device(), memory()) if part))
