"""The confusion panel: confusion matrices of the original network and the hybrid, side by side."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QStackedWidget, QWidget

from koopview.gui.looks.theme import UNIT, Theme
from koopview.gui.plots.matrix import ConfusionMatrix
from koopview.gui.text import class_name
from koopview.gui.widgets.card import label, scrolled
from koopview.gui.widgets.save_menu import make_exportable
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
    """Two matrices: rows are labels, columns are predictions, with each row's recall at its right."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("confusionPanel")
        self.setAccessibleName("Confusion, original beside hybrid; rows are labels, columns predictions")
        self._result: FitResult | None = None
        self.original = ConfusionMatrix("Confusion of the original network", "original")
        self.hybrid = ConfusionMatrix("Confusion of the hybrid network", "hybrid", strong=True)
        self.words = label("", "hint")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        both = _Pair(self.original, self.hybrid)
        self.addWidget(self.words)
        self.addWidget(scrolled(both))
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
                title = f"{network} {percent(self._result.rows[network])}: label ↓ predicted →"
                matrix.show_counts(counts, names, title)

    def set_stale(self, stale: bool) -> None:
        """Dim the picture while it does not match the controls."""
        self._veil.drop(stale)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        for part in (self.original, self.hybrid, self._veil):
            part.set_theme(theme)

    def _names(self, result: FitResult) -> list[str]:
        return [class_name(result.class_names, index) for index in range(len(result.confusion["hybrid"]))]


class _Pair(QWidget):
    """Two matrices side by side, or one below the other where that alone leaves room for all of their numbers."""

    def __init__(self, *matrices: ConfusionMatrix) -> None:
        super().__init__()
        self._matrices = matrices
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(UNIT, 0, UNIT, 2)
        self._row.setSpacing(2 * UNIT)
        for matrix in matrices:
            self._row.addWidget(matrix)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Choose how the matrices stand."""
        super().resizeEvent(event)
        room, wanted = event.size(), [matrix.sizeHint() for matrix in self._matrices]
        narrow = room.width() < sum(size.width() for size in wanted) + 4 * UNIT
        high = room.height() >= sum(size.height() for size in wanted) + UNIT
        below = narrow and high
        self._row.setDirection(QBoxLayout.Direction.TopToBottom if below else QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(UNIT if below else 2 * UNIT)


def words_instead(result: FitResult) -> str:
    """Return why a result has no confusion matrix, empty if it has one."""
    return "" if result.confusion else _INSTEAD.get(result.task, "Confusion needs classes.")
