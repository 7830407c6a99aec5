"""Names and figures in two columns, each figure selectable."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from koopview.gui.widgets.card import label
from koopview.gui.widgets.save_menu import make_exportable
from koopview.words import MISSING


class Figures(QWidget):
    """A list of (name, tooltip); ``show_values`` fills in the figures in the same order."""

    def __init__(self, names: Sequence[tuple[str, str]], strong: int | None = None) -> None:
        super().__init__()
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setVerticalSpacing(4)
        layout.setColumnStretch(1, 1)
        self._names = [label(name, "muted") for name, _ in names]
        self.values: list[QLabel] = []
        for row, (name, tip) in enumerate(names):
            value = label(MISSING, "strong" if row == strong else "")
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            value.setAccessibleName(name)
            for widget, column in ((self._names[row], 0), (value, 1)):
                widget.setToolTip(tip)
                layout.addWidget(widget, row, column)
            self.values.append(value)
        make_exportable(self, "Figures of the fit", lambda: [("figure", "value"), *self.rows()], picture=False)

    def show_values(self, values: Sequence[str]) -> None:
        """Write one figure a name."""
        for widget, value in zip(self.values, values, strict=True):
            widget.setText(value)

    def rows(self) -> list[tuple[str, str]]:
        """Return what is shown."""
        return [(name.text(), value.text()) for name, value in zip(self._names, self.values, strict=True)]
