"""The network's layers as rows: what a table view shows and ticks."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from koopview.gui.history import has_labels, hybrid_measure, latest_alone
from koopview.gui.text import MISSING, activation_name, percent_figure
from koopview.network.info import LayerInfo
from koopview.study.result import FitResult

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
KIND_ROLE = Qt.ItemDataRole.UserRole
SHORT_ROLE = Qt.ItemDataRole.UserRole + 1
NAME, WIDTHS, HYBRID = range(3)
_TIPS = (
    "Name in the network, kind and activation; a tick replaces the layer by its linear operator",
    "Widths n → m: numbers of inputs and outputs",
    "Hybrid accuracy of the newest fit with this layer alone replaced",
)


class LayerModel(QAbstractTableModel):
    """Layers with their ticks; ``ticked`` carries a layer's name and whether it is to be replaced."""

    ticked = Signal(str, bool)

    def __init__(self) -> None:
        super().__init__()
        self.layers: tuple[LayerInfo, ...] = ()
        self._newest: dict[str, FitResult | None] = {}
        self._head = measure_name(())
        self._replaced: tuple[str, ...] = ()
        self._shared = ""

    def show_layers(self, layers: Sequence[LayerInfo], results: Sequence[FitResult]) -> None:
        """Show `layers` with their newest results among `results` (oldest first)."""
        newest = {layer.name: latest_alone(results, layer.name) for layer in layers}
        if tuple(layers) != self.layers:
            self.beginResetModel()
            self.layers = tuple(layers)
            self._shared = shared_start([layer.name for layer in layers])
            self.endResetModel()
        before, self._newest = self._newest, newest
        for row, layer in enumerate(self.layers):  # what has not changed is not painted anew
            if newest[layer.name] is not before.get(layer.name):
                self._tell(row, HYBRID)
        if measure_name(results) != self._head:
            self._head = measure_name(results)
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, HYBRID, HYBRID)

    def show_replaced(self, replaced: Sequence[str]) -> None:
        """Tick the layers in `replaced`, and no others."""
        before, self._replaced = self._replaced, tuple(replaced)
        for row, layer in enumerate(self.layers):
            if (layer.name in before) != (layer.name in replaced):
                self._tell(row, NAME)

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        """Return the number of layers."""
        return 0 if parent.isValid() else len(self.layers)

    def columnCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        """Return the number of columns: layer, widths, hybrid."""
        return 0 if parent.isValid() else 3

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return what can be done with a cell: nothing where the layer is not supported."""
        if not index.isValid() or not self.layers[index.row()].supported:
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == NAME else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, tick, alignment or tooltip."""
        layer, column = self.layers[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(layer, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(layer, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column != NAME:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if column == NAME and role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if layer.name in self._replaced else Qt.CheckState.Unchecked
        if column == NAME and role == SHORT_ROLE:
            return layer.name[len(self._shared) :]
        return kind_of(layer) if column == NAME and role == KIND_ROLE else None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        """Ask for a layer to be replaced or not; the tick follows the settings that come of it."""
        if role != Qt.ItemDataRole.CheckStateRole or not self.flags(index) & Qt.ItemFlag.ItemIsUserCheckable:
            return False
        self.ticked.emit(self.layers[index.row()].name, Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Return a column's head and what it means."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return ("layer", "n → m", self._head)[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if section == NAME else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        return _TIPS[section] if role == Qt.ItemDataRole.ToolTipRole else None

    def row_of(self, name: str) -> int:
        """Return the row of a layer, -1 where there is none."""
        return next((row for row, layer in enumerate(self.layers) if layer.name == name), -1)

    def _text(self, layer: LayerInfo, column: int) -> str:
        if column == NAME:
            return layer.name
        if column == WIDTHS:
            return f"{layer.inputs} → {layer.outputs}" if layer.inputs else MISSING
        result = self._newest.get(layer.name)
        return "" if result is None else percent_figure(hybrid_measure(result))

    def _tip(self, layer: LayerInfo, column: int) -> str:
        if not layer.supported:
            return layer.reason
        result = self._newest.get(layer.name) if column == HYBRID else None
        if result is not None:
            settings = result.settings
            return f"{_TIPS[HYBRID]}: N = {settings.steps}, h = {settings.delays}, r = {result.rank}"
        return f"{layer.name}: {kind_of(layer)}, {layer.parameters:,} parameters"

    def _tell(self, row: int, column: int) -> None:
        self.dataChanged.emit(self.index(row, column), self.index(row, column))


def measure_name(results: Sequence[FitResult]) -> str:
    """Return the head of the column of hybrids: accuracies, or, where the newest result has none, agreements."""
    return "hybrid %" if not results or has_labels(results[-1]) else "agree %"


def shared_start(names: Sequence[str]) -> str:
    """Return the dotted start that all `names` share: "encoder.blocks." of encoder.blocks.0 and encoder.blocks.1."""
    parts = [name.split(".")[:-1] for name in names]
    shared = takewhile(lambda column: len(set(column)) == 1, zip(*parts, strict=False)) if len(names) > 1 else ()
    return "".join(f"{column[0]}." for column in shared)


def kind_of(layer: LayerInfo) -> str:
    """Return "Linear + ReLU", or the kind alone where no activation follows."""
    return (
        f"{layer.kind} + {activation_name(layer.activation)}"
        if layer.activation not in ("", "identity")
        else layer.kind
    )
