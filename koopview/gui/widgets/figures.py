"""A list of names on the left and numbers on the right, which can be selected."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from koopview.gui.looks.theme import UNIT
from koopview.gui.widgets.card import label
from koopview.gui.widgets.save_menu import make_exportable
from koopview.words import MISSING


class Figures(QWidget):
    """Made from a list of (name, tooltip); ``show_values`` fills in the numbers in the same order."""

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
            line = QHBoxLayout()  # one layout per line: the longest name may be beside a short number
            line.setSpacing(UNIT)
            for widget, stretch in ((self._names[row], 0), (value, 1)):
                widget.setToolTip(tip)
                line.addWidget(widget, stretch)
            layout.addLayout(line)
            self.values.append(value)
        make_exportable(self, "Figures of the fit", lambda: [("figure", "value"), *self.rows()], picture=False)

    def show_values(self, values: Sequence[str]) -> None:
        """Show one number per name."""
        for widget, value in zip(self.values, values, strict=True):
            widget.setText(value)

    def rows(self) -> list[tuple[str, str]]:
        """Return the names and numbers shown."""
        return [(name.text(), value.text()) for name, value in zip(self._names, self.values, strict=True)]
