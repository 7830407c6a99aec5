"""The table of the network's layers: groups fold by their chevron or the arrow keys, and are chosen as one stage."""

from PySide6.QtCore import QItemSelectionModel, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from koopview.gui.widgets.layer_delegate import CHEVRON, INDENT, ROW, TICK, LayerDelegate
from koopview.gui.widgets.layer_model import DEPTH_ROLE, EXPLAINED, HYBRID, NAME, WIDTHS, LayerModel

_FOLDS = {Qt.Key.Key_Left: True, Qt.Key.Key_Right: False, Qt.Key.Key_Minus: True, Qt.Key.Key_Plus: False}
_CHOOSES = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class LayerTable(QTableView):
    """A table instead of a tree, so that few layers look and are read as they always were.

    ``sort_asked`` is emitted by a click on the head of R2_lin. ``group_chosen`` carries the name of a group that is to
    be taken as one stage: by a click on its row, or Return. Its chevron folds it, as the arrow keys do.
    """

    sort_asked = Signal()
    group_chosen = Signal(str)

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
        self._pressed = 0
        self.clicked.connect(lambda index: self._click(index.row()))
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
        if group and key in _CHOOSES:
            self._choose(row)
        elif group and key in _FOLDS and _FOLDS[key] == bool(self.layers.stages.below(row)):
            self.fold(row, _FOLDS[key])
        elif key == Qt.Key.Key_Left and row >= 0 and (parent := self.layers.stages.parent(row)) >= 0:
            self.setCurrentIndex(self.layers.index(parent, NAME))
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Remember where in a row it was."""
        self._pressed = event.position().toPoint().x()
        super().mousePressEvent(event)

    def _click(self, row: int) -> None:
        """Fold or unfold a group by its chevron, choose it by the rest of its row; its tick does what ticks do."""
        if not self._is_group(row):
            return
        index = self.layers.index(row, NAME)
        place = self._pressed - self.visualRect(index).left() - INDENT * index.data(DEPTH_ROLE)
        if place >= TICK or (place >= CHEVRON and not self._is_stage(row)):
            self._choose(row)
        elif place < CHEVRON:
            self._toggle(row)

    def _choose(self, row: int) -> None:
        """Take the group in `row` as one stage, or fold it if it cannot be one."""
        stage = self.layers.stage_at(row)
        if stage is not None and self._is_stage(row):
            self.group_chosen.emit(stage.name)
        else:
            self._toggle(row)

    def _toggle(self, row: int) -> None:
        self.fold(row, bool(self.layers.stages.below(row)))

    def _is_stage(self, row: int) -> bool:
        stage = self.layers.stage_at(row)
        return stage is not None and stage.supported

    def _is_group(self, row: int) -> bool:
        return 0 <= row < self.layers.rowCount() and self.layers.layer_at(row) is None
