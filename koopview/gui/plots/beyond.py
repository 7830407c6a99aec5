"""How many eigenvalues lie beyond the view of the complex plane, in its corner."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from koopview.gui.looks.theme import LIGHT, SMALL, UNIT, Theme


class Beyond(QLabel):
    """Words in the upper right corner of `plot`: what is drawn there is not all, however narrow the panel is."""

    def __init__(self, plot: QWidget) -> None:
        super().__init__(plot)
        self._theme, self._zoom = LIGHT, 1.0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        corner = QVBoxLayout(plot)
        corner.setContentsMargins(0, 0, UNIT, 0)
        corner.addWidget(self, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
        self.say(0, 0.0)

    def say(self, count: int, farthest: float) -> None:
        """Say how many eigenvalues have a modulus above `farthest`; nothing if none has."""
        self.setText(f"{count} beyond |λ| = {farthest:g}" if count else "")
        self.setVisible(bool(count))

    def set_zoom(self, zoom: float) -> None:
        """Write `zoom` times larger."""
        self._zoom = zoom
        self._dress()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self._dress()

    def _dress(self) -> None:
        size = round(SMALL * self._zoom)
        self.setStyleSheet(f"color: {self._theme.muted}; background: {self._theme.panel}; font-size: {size}px")
