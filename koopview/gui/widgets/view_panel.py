"""A panel whose view follows the result: words if there is none, dimmed while it is an older one."""

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QStackedWidget, QWidget

from koopview.gui.looks.theme import Theme
from koopview.gui.widgets.card import label
from koopview.gui.widgets.veil import Veil
from koopview.study.result import FitResult
from koopview.study.views import NoView

WAITING = "This picture is on its way…"
_DIM_AFTER_MS = 120
"""A view that arrives sooner replaces the old one without dimming it."""
_WORDS, _PICTURE = range(2)


class ViewPanel(QStackedWidget):
    """Base class of panels that show views of one `kind`; subclasses draw them and set colours."""

    kind = ""

    def __init__(self, name: str, accessible: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.words = label(WAITING, "hint")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setWordWrap(True)
        self.picture = QWidget()
        self.addWidget(self.words)
        self.addWidget(self.picture)
        self._result: FitResult | None = None
        self._view: Any = None
        self._stale = self._late = False
        self._veil = Veil(self)
        self._dim_timer = QTimer(self, singleShot=True, interval=_DIM_AFTER_MS)
        self._dim_timer.timeout.connect(self._dim)

    def show_result(self, result: FitResult | None) -> None:
        """Set the result whose views will arrive; for None show words."""
        self._result = result
        if result is None:
            self._view = None
            self._say(WAITING)

    def show_view(self, view: Any) -> None:
        """Draw a view; None means that it is not made yet, a NoView says why there is none."""
        self._late = view is None
        if view is None:
            self._dim_timer.start()
            return
        self._dim_timer.stop()
        self._dim()
        self._view = None if isinstance(view, NoView) else view
        if isinstance(view, NoView):
            self._say(view.reason)
        else:
            self.draw(view)
            self.setCurrentIndex(_PICTURE)

    def set_stale(self, stale: bool) -> None:
        """Dim the picture while it does not match the controls."""
        self._stale = stale
        self._dim()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._veil.set_theme(theme)

    def draw(self, view: Any) -> None:
        """Draw `view`."""
        raise NotImplementedError

    def _say(self, words: str) -> None:
        self.words.setText(words)
        self.setCurrentIndex(_WORDS)

    def _dim(self) -> None:
        self._veil.drop((self._stale or self._late) and self.currentIndex() == _PICTURE)
