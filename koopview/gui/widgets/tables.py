"""A table of numbers whose rows can be selected and copied."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from koopview.gui.exportable import Exportable, Rows, copy_text, tab_separated
from koopview.gui.widgets.save_menu import add_actions

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class NumbersModel(QAbstractTableModel):
    """Rows of text below fixed column names; the first columns are `words`, the others numbers."""

    def __init__(self, heads: Sequence[str], tips: Sequence[str], words: int = 1) -> None:
        super().__init__()
        self.heads, self._tips, self._words = tuple(heads), tuple(tips), words
        self.rows: list[tuple[str, ...]] = []
        self.exact: list[tuple[str, ...]] = []

    def show(self, rows: Sequence[tuple[str, ...]], exact: Sequence[tuple[str, ...]] | None = None) -> None:
        """Replace all rows; `exact` are the same with all digits, for copies."""
        self.beginResetModel()
        self.rows = list(rows)
        self.exact = list(rows if exact is None else exact)
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self.heads)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text and its alignment."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self.rows[index.row()][index.column()]
        return self._alignment(index.column()) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Return a column's name, tooltip or alignment."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.heads[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tips[section]
        if role == Qt.ItemDataRole.InitialSortOrderRole and section:
            return Qt.SortOrder.DescendingOrder
        return self._alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignLeft if column < self._words else Qt.AlignmentFlag.AlignRight
        return Qt.AlignmentFlag.AlignVCenter | side


class NumbersTable(QTableView):
    """Shows a :class:`NumbersModel`; Ctrl+C and the context menu copy the selected rows, or all."""

    def __init__(
        self, heads: Sequence[str], tips: Sequence[str], accessible: str, stretch: bool = True, words: int = 1
    ) -> None:
        super().__init__()
        self.numbers = NumbersModel(heads, tips, words)
        self.setModel(self.numbers)
        self.setAccessibleName(accessible)
        self.setProperty("role", "numbers")
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(22)
        self.horizontalHeader().setHighlightSections(False)
        modes = QHeaderView.ResizeMode
        self.horizontalHeader().setSectionResizeMode(modes.Stretch if stretch else modes.ResizeToContents)
        self.horizontalHeader().setSectionResizeMode(0, modes.ResizeToContents)
        self.horizontalHeader().setResizeContentsPrecision(0)  # measures only visible rows: a log may have hundreds
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._add_copy("Copy", self.copy_selected, QKeySequence(QKeySequence.StandardKey.Copy))
        self._add_copy("Copy all", self.copy_all, QKeySequence())
        add_actions(self, Exportable(self, accessible, self.rows_to_save, ()), copies=False)

    def rows_to_save(self) -> Rows:
        """Return column names and all rows, for a file of numbers."""
        return self._in_columns(self.numbers.exact)

    def copy_selected(self) -> None:
        """Copy the selected rows with the column names; all rows if none is selected."""
        chosen = sorted({index.row() for index in self.selectedIndexes()})
        self._copy([self.numbers.exact[row] for row in chosen] or self.numbers.exact)

    def copy_all(self) -> None:
        """Copy every row with the column names."""
        self._copy(self.numbers.exact)

    def _copy(self, rows: Sequence[tuple[str, ...]]) -> None:
        copy_text(tab_separated(self._in_columns(rows)))

    def _in_columns(self, rows: Sequence[tuple[str, ...]]) -> list[list[str]]:
        """Return column names and `rows` in the visible columns."""
        shown = [column for column in range(len(self.numbers.heads)) if not self.isColumnHidden(column)]
        return [[row[column] for column in shown] for row in (self.numbers.heads, *rows)]

    def _add_copy(self, name: str, copy: Any, shortcut: QKeySequence) -> None:
        action = QAction(name, self)
        action.setShortcut(shortcut)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(copy)
        self.addAction(action)
