"""The keys of present mode: a lecturer's, and those of a presenter's remote control."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QSlider, QWidget

from koopview.gui.present.slow_sweep import SlowSweep

LINES = (
    "PgUp PgDn story · ← → layer · ↑ ↓ slider · H R sweep · L light · P pointer · B black · K hide · Esc leave",
    "PgUp PgDn story · ← → layer · H R sweep · L light · P pointer · B black · K hide · Esc leave",
    "PgUp PgDn story · ← → layer · H R sweep · K hide · Esc leave",
    "PgDn story · ← → layer · H R sweep · Esc leave",
    "PgDn story · ← → layer · Esc leave",
)
"""What the line at the foot says, the first that has room."""

_MODIFIERS = frozenset({Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr})


class PresentKeys(QObject):
    """Calls `calls` by their keys while the focus is in `page`.

    Left and Right are not taken while one of `own_arrows` has the focus: there they go from mark to mark.
    """

    def __init__(
        self, page: QWidget, calls: Mapping[str, Callable[[], object]], own_arrows: tuple[QWidget, ...]
    ) -> None:
        super().__init__(page)
        self._own_arrows = own_arrows
        within = Qt.ShortcutContext.WidgetWithChildrenShortcut
        self._arrows = []
        for keys, call in calls.items():
            shortcut = QShortcut(QKeySequence(keys), page, context=within)
            shortcut.activated.connect(call)
            if keys in ("Left", "Right"):
                self._arrows.append(shortcut)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._follow_focus)

    def _follow_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        taken = now is not None and any(part is now or part.isAncestorOf(now) for part in self._own_arrows)
        for shortcut in self._arrows:
            shortcut.setEnabled(not taken)


class Sweeper(QObject):
    """Starts slow sweeps of sliders by key, and ends them by any key at all, or a press of the mouse."""

    def __init__(self, page: QWidget, shown: Callable[[], bool]) -> None:
        super().__init__(page)
        self.sweep = SlowSweep(shown, self)
        self._ended_by: int | None = None

    def toggle(self, slider: QSlider, key: Qt.Key) -> None:
        """Begin a sweep of `slider`, unless this very press of `key` ended it."""
        ended = self._ended_by == key and self.sweep.slider is slider
        self._ended_by = None
        if not ended:
            self.sweep.begin(slider)
            self._listen(True)

    def _listen(self, wanted: bool) -> None:
        """See every event of the program, or no longer: each takes its time, so only while a sweep runs."""
        application = QApplication.instance()
        if application is not None:
            (application.installEventFilter if wanted else application.removeEventFilter)(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """End a sweep as soon as a key goes down, before the key does anything else."""
        kind = event.type()
        if kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) and isinstance(event, QKeyEvent):
            if self.sweep.running and event.key() not in _MODIFIERS:
                self.sweep.stop()
                self._ended_by = event.key()
        elif kind == QEvent.Type.MouseButtonPress and self.sweep.running:
            self.sweep.stop()
        elif kind == QEvent.Type.KeyRelease:
            self._ended_by = None
            if not self.sweep.running:
                self._listen(False)
        return False
