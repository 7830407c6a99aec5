"""The table of the network's layers: rows of groups fold with a click or the arrow keys."""

from PySide6.QtCore import QItemSelectionModel, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from koopview.gui.widgets.layer_delegate import ROW, LayerDelegate
from koopview.gui.widgets.layer_model import EXPLAINED, HYBRID, NAME, WIDTHS, LayerModel

_FOLDS = {Qt.Key.Key_Left: True, Qt.Key.Key_Right: False, Qt.Key.Key_Minus: True, Qt.Key.Key_Plus: False}
_TOGGLES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class LayerTable(QTableView):
    """A table instead of a tree, so that few layers look and are read as they always were.

    ``sort_asked`` is emitted by a click on the head of R2_lin.
    """

    sort_asked = Signal()

    def __init__(self, layers: LayerModel, delegate: LayerDelegate) -> None:
        super().__init__()
        self.layers = layers
        self.setObjectName("layerTable")
        self.setAccessibleName("Layers of the network")
        self.setModel(layers)
        self.setItemDelegate(delegate)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW)
        self._dress_header()
        self.clicked.connect(lambda index: self._toggle(index.row()))
        self._laid_out = QTimer(self, singleShot=True, interval=0)
        self._laid_out.timeout.connect(self._centre)

    def _dress_header(self) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column in (WIDTHS, EXPLAINED, HYBRID):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(20)
        header.sectionClicked.connect(lambda section: self.sort_asked.emit() if section == EXPLAINED else None)

    def show_row(self, row: int) -> None:
        """Make `row` (-1: none) the current one without a signal, and scroll to it."""
        with QSignalBlocker(self.selectionModel()):
            index = self.layers.index(row, NAME)
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(index, flags)
        if index.isValid():
            self.updateGeometries()  # rows may be new, and the scroll bar not know of them yet
            self.scrollTo(index)
        self.viewport().update()

    def centre_soon(self) -> None:
        """Scroll to the current row with rows above and below it, once the table is as high as new rows let it be."""
        self._laid_out.start()

    def _centre(self) -> None:
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex(), QAbstractItemView.ScrollHint.PositionAtCenter)

    def fold(self, row: int, folded: bool) -> None:
        """Fold the group in `row` or unfold it, and make it the current row, so that none is that folds away."""
        self.show_row(row)
        with QSignalBlocker(self.selectionModel()):
            self.layers.fold(row, folded)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Fold and unfold groups; Left in a layer goes to its group."""
        row, key = self.currentIndex().row(), Qt.Key(event.key())
        group = self._is_group(row)
        if group and key in _TOGGLES:
            self._toggle(row)
        elif group and key in _FOLDS and _FOLDS[key] == bool(self.layers.stages.below(row)):
            self.fold(row, _FOLDS[key])
        elif key == Qt.Key.Key_Left and row >= 0 and (parent := self.layers.stages.parent(row)) >= 0:
            self.setCurrentIndex(self.layers.index(parent, NAME))
        else:
            super().keyPressEvent(event)

    def _toggle(self, row: int) -> None:
        if self._is_group(row):
            self.fold(row, bool(self.layers.stages.below(row)))

    def _is_group(self, row: int) -> bool:
        return 0 <= row < self.layers.rowCount() and self.layers.layer_at(row) is None
