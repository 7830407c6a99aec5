"""The network's layers as the rows of a table model, with ticks."""

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from koopview.gui.history import latest_alone
from koopview.gui.text import activation_name, score, score_figure, unit_of
from koopview.network.info import LayerInfo
from koopview.study.result import FitResult
from koopview.words import MISSING

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
KIND_ROLE = Qt.ItemDataRole.UserRole
SHORT_ROLE = Qt.ItemDataRole.UserRole + 1
NAME, WIDTHS, EXPLAINED, HYBRID = range(4)
ENOUGH = 0.99
"""R2 of an affine map above which a lift has almost nothing to gain."""

_TIPS = (
    "Name in the network, kind and activation; a tick replaces the layer by its linear operator",
    "Widths n → m: numbers of inputs and outputs",
    "Share of the layer's output that an affine map of its input explains on test samples (R²): near 1, a lift has "
    "nothing to gain; well below, it is worth trying",
    "Score of the hybrid of the newest fit with this layer alone replaced",
)


class LayerModel(QAbstractTableModel):
    """Layers with their ticks; ``ticked`` carries a layer's name and whether it is to be replaced."""

    ticked = Signal(str, bool)

    def __init__(self) -> None:
        super().__init__()
        self.layers: tuple[LayerInfo, ...] = ()
        self._newest: dict[str, FitResult | None] = {}
        self._explained: Mapping[str, float | None] = {}
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
        for row, layer in enumerate(self.layers):  # unchanged rows are not repainted
            if newest[layer.name] is not before.get(layer.name):
                self._tell(row, HYBRID)
        if measure_name(results) != self._head:
            self._head = measure_name(results)
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, HYBRID, HYBRID)

    def show_explained(self, values: Mapping[str, float | None]) -> None:
        """Show the share of each layer's output that an affine map explains, by the layer's name."""
        before, self._explained = self._explained, dict(values)
        for row, layer in enumerate(self.layers):
            if before.get(layer.name) != values.get(layer.name):
                self._tell(row, EXPLAINED)

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
        """Return the number of columns: layer, widths, share explained by an affine map, hybrid."""
        return 0 if parent.isValid() else 4

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return a cell's flags: none if the layer is not supported."""
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
        """Request that a layer is replaced or not; the tick changes with the resulting settings."""
        if role != Qt.ItemDataRole.CheckStateRole or not self.flags(index) & Qt.ItemFlag.ItemIsUserCheckable:
            return False
        self.ticked.emit(self.layers[index.row()].name, Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Return a column's name or tooltip."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return ("layer", "n → m", "R² lin", self._head)[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if section == NAME else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        return _TIPS[section] if role == Qt.ItemDataRole.ToolTipRole else None

    def row_of(self, name: str) -> int:
        """Return the row of a layer, -1 if there is none."""
        return next((row for row, layer in enumerate(self.layers) if layer.name == name), -1)

    def _text(self, layer: LayerInfo, column: int) -> str:
        if column == NAME:
            return layer.name
        if column == WIDTHS:
            return f"{layer.inputs} → {layer.outputs}" if layer.inputs else MISSING
        if column == EXPLAINED:
            return score(self._explained[layer.name], "r2") if layer.name in self._explained else ""
        result = self._newest.get(layer.name)
        return "" if result is None else score_figure(result.hybrid, result.measure)

    def _tip(self, layer: LayerInfo, column: int) -> str:
        if not layer.supported:
            return layer.reason
        if column == EXPLAINED:
            return explained_words(self._explained.get(layer.name))
        result = self._newest.get(layer.name) if column == HYBRID else None
        if result is not None:
            settings = result.settings
            return f"{_TIPS[HYBRID]}: N = {settings.steps}, h = {settings.delays}, r = {result.rank}"
        return f"{layer.name}: {kind_of(layer)}, {layer.parameters:,} parameters"

    def _tell(self, row: int, column: int) -> None:
        self.dataChanged.emit(self.index(row, column), self.index(row, column))


def explained_words(share: float | None) -> str:
    """Return in words what an affine map's share of a layer's output means for a lift."""
    if share is None:
        return _TIPS[EXPLAINED]
    told = f"An affine map of its input explains {score(share, 'r2')} of this layer's output on test samples (R²): "
    if share >= ENOUGH:
        return told + "a lift has next to nothing to gain"
    return told + f"{score(1 - share, 'r2')} is left for a lift to gain"


def measure_name(results: Sequence[FitResult]) -> str:
    """Return the name of the hybrids' column, by the measure of the newest result."""
    return unit_of(results[-1].measure if results else "accuracy")


def shared_start(names: Sequence[str]) -> str:
    """Return the dotted start that all `names` share: "encoder.blocks." of encoder.blocks.0 and encoder.blocks.1."""
    parts = [name.split(".")[:-1] for name in names]
    shared = takewhile(lambda column: len(set(column)) == 1, zip(*parts, strict=False)) if len(names) > 1 else ()
    return "".join(f"{column[0]}." for column in shared)


def kind_of(layer: LayerInfo) -> str:
    """Return "Linear + ReLU", or only the kind if no activation follows."""
    return (
        f"{layer.kind} + {activation_name(layer.activation)}"
        if layer.activation not in ("", "identity")
        else layer.kind
    )
