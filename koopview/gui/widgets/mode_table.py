"""The eigenvalues as a table that is sorted by any of its columns; its rows select modes."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent

from koopview.gui.selection import ModeSelection, group_mean, larger_groups
from koopview.gui.text import minus, short
from koopview.gui.widgets.tables import NumbersTable
from koopview.study.result import FitResult

EXACT = ".9g"
"""The number format of copies."""
HEADS = ("#", "Re λ", "Im λ", "|λ|", "angle °", "residual", "cond. κ", "a step")
POINTS, R2 = "points", "R² lost"
"""Names of the importance column: a share in points, or R2 unchanged."""
_TIPS = (
    "Number of the mode, in Python and on the command line too: 0 has the largest modulus as fitted; * is edited; "
    "9 +5 is a group of 6 ill-conditioned modes, which are one thing: its mean eigenvalue, its largest other numbers",
    "Real part, per step",
    "Imaginary part, per step",
    "Modulus, per step",
    "Angle in degrees, per step",
    "Residual over the whole layer, on samples that took no part in the fit",
    "Condition number of the eigenvalue: far above 100 it says nothing alone",
    "Residual of one small step, on the same samples",
    "Importance: what is lost of the score when the mode alone is removed, with its group",
)
_NARROWEST = 50
"""Least width of a column: with less room the table scrolls sideways, so that numbers are not cut."""
_FIRST = (0, 1, 2, 5, 6, 8)
"""Columns visible in a narrow panel, from the left: the value, its reliability, and its importance."""
Rows = list[tuple[str, ...]]


class ModeTable(NumbersTable):
    """One row per eigenvalue, or per group of more than a pair; ``remove_asked`` is emitted for the Delete key.

    The row of a group, "9 +5" in the first column, has the mean of its eigenvalues, and of the other numbers the
    largest.
    """

    remove_asked = Signal()

    def __init__(self, selection: ModeSelection) -> None:
        super().__init__((*HEADS, POINTS), _TIPS, "Eigenvalues as a table")
        self.setObjectName("eigenvalueTable")
        self._selection = selection
        self._result: FitResult | None = None
        self._importance: np.ndarray | None = None
        self.indices = np.zeros(0, int)
        header = self.horizontalHeader()
        header.setMinimumSectionSize(_NARROWEST)
        header.setSortIndicatorShown(True)
        header.setSectionsClickable(True)
        header.setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        for shown, column in enumerate(_FIRST):
            header.moveSection(header.visualIndex(column), shown)
        header.sortIndicatorChanged.connect(lambda column, order: self._fill())
        self.selectionModel().selectionChanged.connect(self._choose)
        selection.changed.connect(self._show_selection)

    def show_modes(self, result: FitResult | None, importance: np.ndarray | None) -> None:
        """Show the eigenvalues of `result`, with their importance (r,) if it is known."""
        self._result, self._importance = result, importance
        self.numbers.heads = (*HEADS, R2 if result is not None and result.measure == "r2" else POINTS)
        self.setColumnHidden(len(HEADS), importance is None)
        self._fill()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Request the removal of the selected modes for Delete; handle other keys like any table."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_asked.emit()
        else:
            super().keyPressEvent(event)

    def _fill(self) -> None:
        """Fill in all rows, sorted by the column that a person chose."""
        result = self._result
        column, order = self.horizontalHeader().sortIndicatorSection(), self.horizontalHeader().sortIndicatorOrder()
        columns = [] if result is None else grouped_columns(result, eigenvalue_columns(result, self._importance))
        kept = np.zeros(0, int) if result is None else rows_of_groups(result)
        falling = order == Qt.SortOrder.DescendingOrder
        if column < len(columns):
            keys = -columns[column] if falling else columns[column]
            self.indices = kept[np.argsort(keys[kept], kind="stable")]
        else:
            self.indices = kept
        shown = ".4f" if self._importance is None else ".3f"  # nine columns in a narrow panel
        rows, exact = (eigenvalue_rows(result, digits, self._importance, grouped=True) for digits in (shown, EXACT))
        rows = starred(rows, () if result is None else result.edited)
        with QSignalBlocker(self.selectionModel()):
            self.numbers.show([rows[index] for index in self.indices], [exact[index] for index in self.indices])
        self._show_selection()

    def _choose(self) -> None:
        rows = {index.row() for index in self.selectionModel().selectedRows()}
        self._selection.select(int(self.indices[row]) for row in rows)

    def _show_selection(self) -> None:
        """Select the rows of the selected modes, without choosing anything."""
        model, chosen = self.selectionModel(), QItemSelection()
        for row in np.flatnonzero(np.isin(self.indices, self._selection.indices)).tolist():
            chosen.select(self.numbers.index(row, 0), self.numbers.index(row, len(self.numbers.heads) - 1))
        with QSignalBlocker(model):
            model.select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.viewport().update()


def starred(rows: Rows, edited: Sequence[int]) -> Rows:
    """Return the rows of a table with a star at the index of each edited mode."""
    return [(f"{row[0]}*", *row[1:]) if index in edited else row for index, row in enumerate(rows)]


def rows_of_groups(result: FitResult) -> np.ndarray:
    """Return the indices of the rows that are shown: every mode but those that another of its group stands for."""
    hidden = {index for members in larger_groups(result) for index in members[1:]}
    return np.array([index for index in range(result.rank) if index not in hidden], int)


def eigenvalue_columns(result: FitResult, importance: np.ndarray | None = None) -> list[np.ndarray]:
    """Return the columns of HEADS, arrays (rank,), and, if known, the importance."""
    values = result.eigenvalues
    known = [] if importance is None or len(importance) != len(values) else [importance]
    indices = np.arange(len(values))
    angles = np.degrees(np.angle(values))
    trust = [np.asarray(one, float) for one in (result.residuals, result.condition_numbers, result.step_residuals)]
    return [indices, values.real, values.imag, np.abs(values), angles, *trust, *known]


def grouped_columns(result: FitResult, columns: list[np.ndarray]) -> list[np.ndarray]:
    """Return columns in which the first mode of each group larger than a pair stands for all of it.

    Its eigenvalue is the mean of theirs, its residuals, condition number and importance are the largest.
    """
    columns = [column.copy() for column in columns]
    for members in larger_groups(result):
        mean = group_mean(result, members[0])
        known = (mean.real, mean.imag, abs(mean), np.degrees(np.angle(mean)))
        for column, value in zip(columns[1:5], known, strict=True):
            column[members[0]] = value
        for column in columns[5:]:
            column[members[0]] = column[members].max()
    return columns


def eigenvalue_rows(
    result: FitResult | None, digits: str = ".4f", importance: np.ndarray | None = None, grouped: bool = False
) -> Rows:
    """Return the eigenvalues of `result`, per step, as rows of the table, in the number format `digits`.

    With `grouped`, the first mode of each group larger than a pair stands for all of it: "9 +5".
    """
    if result is None:
        return []
    exact, number = digits == EXACT, f"{{:{digits}}}".format
    whole, worth = (1, "{:.3f}".format) if result.measure == "r2" else (100, "{:.1f}".format)
    last = ("{:.9g}".format,) * 4 if exact else (short, short, short, worth)
    written = ("{:.0f}".format, number, number, number, number if exact else "{:.2f}".format, *last)
    columns = eigenvalue_columns(result, None if importance is None else whole * importance)
    shown = grouped_columns(result, columns) if grouped else columns
    rows = [
        tuple(minus(write(value)) for write, value in zip(written, row, strict=False))
        for row in zip(*shown, strict=True)
    ]
    for members in larger_groups(result) if grouped else ():
        rows[members[0]] = (f"{members[0]} +{len(members) - 1}", *rows[members[0]][1:])
    return rows if len(columns) > len(HEADS) else [(*row, "") for row in rows]
