"""What every plot that paints itself has in common: the theme whose colours it takes."""

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
