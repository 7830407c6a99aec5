"""A slider that moves by itself, one step at a time, so slowly that a room can follow."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QSlider

STEP_MS = 500
"""Time from step to step: two in a second."""


class SlowSweep(QObject):
    """Moves one slider to its end, a step each STEP_MS, as soon as `shown` says that the step before is on screen."""

    def __init__(self, shown: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._shown = shown
        self.slider: QSlider | None = None
        self.timer = QTimer(self, interval=STEP_MS)
        self.timer.timeout.connect(self._step)

    @property
    def running(self) -> bool:
        """Whether a slider moves."""
        return self.timer.isActive()

    def begin(self, slider: QSlider) -> None:
        """Move `slider` from where it stands, from its start if it stands at its end."""
        self.slider = slider
        if slider.value() >= slider.maximum():
            slider.setValue(slider.minimum())
        self.timer.start()

    def stop(self) -> None:
        """Leave the slider where it is."""
        self.timer.stop()

    def _step(self) -> None:
        slider = self.slider
        if slider is None or not self._shown():
            return
        if slider.value() >= slider.maximum():
            self.stop()
        else:
            slider.setValue(slider.value() + 1)
