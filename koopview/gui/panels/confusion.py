"""The confusion panel: confusion matrices of the original network and the hybrid, side by side."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from koopview.gui.looks.theme import UNIT, Theme
from koopview.gui.plots.matrix import ConfusionMatrix
from koopview.gui.text import class_name
from koopview.gui.widgets.card import label, scrolled
from koopview.gui.widgets.save_menu import make_exportable
from koopview.gui.widgets.segmented import Segmented
from koopview.gui.widgets.veil import Veil
from koopview.study.result import FitResult
from koopview.words import percent

_INSTEAD = {
    None: "Confusion needs labels; these data have none.",
    "binary": "Confusion is drawn of networks with an output a class;\nthis one has a single output, told by its sign.",
    "regression": "Confusion needs classes; this network predicts real numbers.",
    "reconstruction": "Confusion needs classes; this network predicts its input.",
}
"""The sentence shown instead of a confusion matrix, by the task that has none."""


class ConfusionPanel(QStackedWidget):
    """Two matrices: rows are labels, columns are predictions, with each row's recall at its right.

    Where both have no room side by side one of them is shown, as `networks` says.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("confusionPanel")
        self.setAccessibleName("Confusion, original beside hybrid; rows are labels, columns predictions")
        self._result: FitResult | None = None
        self.original = ConfusionMatrix("Confusion of the original network", "original")
        self.hybrid = ConfusionMatrix("Confusion of the hybrid network", "hybrid", strong=True)
        self.words = label("", "hint")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setWordWrap(True)
        both, page = QWidget(), QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(UNIT, 0, UNIT, 2)
        row.setSpacing(2 * UNIT)
        row.addWidget(self.original)
        row.addWidget(self.hybrid)
        self.networks = Segmented(
            ("Original", "Hybrid"),
            ("Confusion of the original network", "Confusion of the hybrid network"),
            "Network whose confusion is shown",
        )
        self.networks.check(1)
        self.networks.chosen.connect(self._make_room)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.networks, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(scrolled(both), 1)
        self.addWidget(self.words)
        self.addWidget(page)
        self._veil = Veil(self)
        make_exportable(both, "Confusion", self.rows, self.original, self.hybrid)
        self.show_result(None)

    def rows(self) -> list[tuple[str, ...]]:
        """Return both matrices, one row per label."""
        result = self._result
        if result is None:
            return []
        names = self._names(result)
        rows = [("network", "label", *names, "recall")]
        for network in ("original", "hybrid"):
            recalls = result.per_class[network]
            for name, counts, recall in zip(names, result.confusion[network], recalls, strict=True):
                rows.append((network, name, *map(str, counts.tolist()), f"{recall:.6g}"))
        return rows

    def show_result(self, result: FitResult | None) -> None:
        """Draw the confusion of `result`, or a sentence if its task has no classes."""
        self._result = result if result is not None and result.confusion else None
        self.words.setText("" if result is None else words_instead(result))
        self.setCurrentIndex(int(self._result is not None))
        if self._result is not None:
            names = self._names(self._result)
            for network, matrix in (("original", self.original), ("hybrid", self.hybrid)):
                counts = np.asarray(self._result.confusion[network])
                title = f"{network} {percent(self._result.rows[network])}"
                matrix.show_counts(counts, names, title, "label ↓ predicted →")
            self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Show both matrices where they have room side by side."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Show both matrices, or where they have no room the chosen one."""
        needed = self.original.minimumSizeHint().width() + self.hybrid.minimumSizeHint().width() + 4 * UNIT
        narrow = self.width() < needed
        self.networks.setVisible(narrow)
        for index, matrix in enumerate((self.original, self.hybrid)):
            matrix.setVisible(not narrow or index == self.networks.index)

    def set_stale(self, stale: bool) -> None:
        """Dim the picture while it does not match the controls."""
        self._veil.drop(stale)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        for part in (self.original, self.hybrid, self._veil):
            part.set_theme(theme)

    def _names(self, result: FitResult) -> list[str]:
        return [class_name(result.class_names, index) for index in range(len(result.confusion["hybrid"]))]


def words_instead(result: FitResult) -> str:
    """Return why a result has no confusion matrix, empty if it has one."""
    return "" if result.confusion else _INSTEAD.get(result.task, "Confusion needs classes.")
