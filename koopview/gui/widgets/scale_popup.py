"""A small popup with one slider: a factor between 0 and 2."""

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from koopview.gui.looks.theme import UNIT
from koopview.gui.widgets.fields import slider

_WHOLE = 100


class ScalePopup(QFrame):
    """``scaled`` carries the factor while the slider moves; ``opened`` is emitted when it is reset to 1."""

    scaled = Signal(float)
    opened = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("scalePopup")
        self.setProperty("role", "popup")
        self.slider = slider("scaleSlider", "Factor", "Factor that the selected eigenvalues are multiplied by, 0 to 2")
        self.slider.setRange(0, 2 * _WHOLE)
        self.slider.setFixedWidth(160)
        self.factor = QLabel()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, UNIT, 12, UNIT)
        layout.setSpacing(UNIT)
        for part in (QLabel("λ ×"), self.slider, self.factor):
            layout.addWidget(part)
        self.slider.valueChanged.connect(self._tell)

    def open_below(self, widget: QWidget) -> None:
        """Open below `widget`, at factor 1."""
        with QSignalBlocker(self.slider):
            self.slider.setValue(_WHOLE)
        self._write(1.0)
        self.opened.emit()
        self.adjustSize()
        self.move(widget.mapToGlobal(QPoint(widget.width() - self.width(), widget.height() + 2)))
        self.show()
        self.slider.setFocus()

    def _tell(self, value: int) -> None:
        self._write(value / _WHOLE)
        self.scaled.emit(value / _WHOLE)

    def _write(self, factor: float) -> None:
        self.factor.setText(f"{factor:.2f}")
