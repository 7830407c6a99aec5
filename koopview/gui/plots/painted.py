"""The base class of plots that paint themselves: it stores the theme."""

from PySide6.QtWidgets import QWidget

from koopview.gui.looks.theme import LIGHT, Theme


class Painted(QWidget):
    """A widget that is painted in the colours of ``_theme``."""

    def __init__(self) -> None:
        super().__init__()
        self._theme: Theme = LIGHT

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self.update()
