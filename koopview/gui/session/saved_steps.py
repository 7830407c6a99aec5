"""The steps in which a saved study appears: each waits until what the one before changed is painted."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from koopview.gui.session.timers import PAINTED_MS, WARM_UP_MS, once


class SavedSteps(QObject):
    """Calls for a study's picture, then for its views, then for its engine, which takes half of the machine."""

    def __init__(self, views: Callable[[], None], engine: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._picture: Callable[[], None] = lambda: None
        self._soon = once(self, lambda: self._picture(), PAINTED_MS)
        self._painting = once(self, self._count_from_now, 0)
        self._views, self._engine = once(self, views, PAINTED_MS), once(self, engine, WARM_UP_MS)

    def begin(self, picture: Callable[[], None]) -> None:
        """Call for the picture once what is on screen is painted, unless :meth:`stop` is called before."""
        self._picture = picture
        self._soon.start()

    def go_on(self) -> None:
        """Call for the views and the engine: the picture is there."""
        self._painting.start()

    def stop(self) -> None:
        """Call for no picture and no engine."""
        self._soon.stop()
        self._engine.stop()

    def _count_from_now(self) -> None:
        """Count from the event loop's first turn on, which paints the picture."""
        self._views.start()
        self._engine.start()
