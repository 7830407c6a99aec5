"""The steps in which a saved study appears: each waits until what the one before changed is painted."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from koopview.gui.session.timers import PAINTED_MS, WARM_UP_MS, once


class SavedSteps(QObject):
    """Calls for reading a study, then for its views, then for its engine, which takes half of the machine."""

    def __init__(self, views: Callable[[], None], engine: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._read: Callable[[], None] = lambda: None
        self._soon = once(self, lambda: self._read(), PAINTED_MS)
        self._painting = once(self, self._count_from_now, 0)
        self._views, self._engine = once(self, views, PAINTED_MS), once(self, engine, WARM_UP_MS)

    @property
    def waits(self) -> bool:
        """Whether a study is still to be read."""
        return self._soon.isActive()

    def begin(self, read: Callable[[], None]) -> None:
        """Call `read` once what is on screen is painted, unless :meth:`stop` is called before."""
        self._read = read
        self._soon.start()

    def go_on(self) -> None:
        """Call for the views and the engine: the picture is there."""
        self._painting.start()

    def stop(self) -> None:
        """Call for nothing more but the views of what is there."""
        self._soon.stop()
        self._engine.stop()

    def _count_from_now(self) -> None:
        """Count from the event loop's first turn on, which paints the picture."""
        self._views.start()
        self._engine.start()
