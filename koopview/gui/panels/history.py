"""The fits so far, below the network: what was changed, and what it did to the hybrid's score."""

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from koopview.gui.looks.theme import Theme
from koopview.gui.text import unit_of
from koopview.gui.widgets.card import label, rule
from koopview.gui.widgets.history_list import HistoryList
from koopview.study.result import FitResult


class HistorySection(QWidget):
    """``historyList`` below a title."""

    def __init__(self) -> None:
        super().__init__()
        self.list, self.note = HistoryList(), label("", "small")
        head = QHBoxLayout()
        head.setContentsMargins(12, 4, 12, 0)
        head.addWidget(label("History", "title"))
        head.addWidget(label("what changed", "small"))
        head.addStretch(1)
        head.addWidget(self.note)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(rule())
        layout.addLayout(head)
        layout.addWidget(self.list, 1)

    def show_results(self, results: Sequence[FitResult], shown: FitResult | None) -> None:
        """List `results`, which come oldest first, and mark the one `shown`."""
        self.setVisible(bool(results))
        self.note.setText(unit_of(results[-1].measure) if results else "")
        self.list.show_results(results, shown)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self.list.set_theme(theme)
