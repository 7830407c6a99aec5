"""Names on the left, figures on the right, each figure selectable."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from koopview.gui.looks.theme import UNIT
from koopview.gui.widgets.card import label
from koopview.gui.widgets.save_menu import make_exportable
from koopview.words import MISSING


class Figures(QWidget):
    """A list of (name, tooltip); ``show_values`` fills in the figures in the same order."""

    def __init__(self, names: Sequence[tuple[str, str]], strong: int | None = None) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self._names = [label(name, "muted") for name, _ in names]
        self.values: list[QLabel] = []
        for row, (name, tip) in enumerate(names):
            value = label(MISSING, "strong" if row == strong else "")
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            value.setAccessibleName(name)
            line = QHBoxLayout()  # a line of its own: the longest name need not stand beside the longest figure
            line.setSpacing(UNIT)
            for widget, stretch in ((self._names[row], 0), (value, 1)):
                widget.setToolTip(tip)
                line.addWidget(widget, stretch)
            layout.addLayout(line)
            self.values.append(value)
        make_exportable(self, "Figures of the fit", lambda: [("figure", "value"), *self.rows()], picture=False)

    def show_values(self, values: Sequence[str]) -> None:
        """Write one figure a name."""
        for widget, value in zip(self.values, values, strict=True):
            widget.setText(value)

    def rows(self) -> list[tuple[str, str]]:
        """Return what is shown."""
        return [(name.text(), value.text()) for name, value in zip(self._names, self.values, strict=True)]
