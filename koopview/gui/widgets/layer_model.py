"""The network's layers as the rows of a table model, with ticks; many layers in groups that fold."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from koopview.gui.history import newest_alone
from koopview.gui.text import score_figure
from koopview.gui.widgets.layer_words import (
    EXPLAINED_TIP,
    explained_range,
    explained_text,
    explained_words,
    group_tip,
    group_words,
    kind_of,
    layer_tip,
    measure_name,
    widths_text,
)
from koopview.gui.widgets.stage_rows import StageRows
from koopview.gui.widgets.stage_tree import Group, Row
from koopview.network.info import LayerInfo
from koopview.network.spans import span_info, spans
from koopview.study.result import FitResult

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
KIND_ROLE = Qt.ItemDataRole.UserRole
SHORT_ROLE = Qt.ItemDataRole.UserRole + 1
DEPTH_ROLE = Qt.ItemDataRole.UserRole + 2
UNFOLDED_ROLE = Qt.ItemDataRole.UserRole + 3
"""Whether a group is unfolded, None for a layer."""

NAME, WIDTHS, EXPLAINED, HYBRID = range(4)

_TIPS = (
    "Name in the network, kind and activation; a tick replaces the layer by its linear operator",
    "Widths n → m: numbers of inputs and outputs",
    f"{EXPLAINED_TIP}. A click sorts the layers, the least linear first; the next one puts them back into the "
    "network's order",
    "Score of the hybrid of the newest fit with this layer alone replaced",
)
NAME_HEAD, _SORTED_HEAD = "layer", "R² lin ↑"


class LayerModel(QAbstractTableModel):
    """Layers with their ticks; ``ticked`` carries a layer's or group's name and whether it is to be replaced.

    Its rows are those of `stages`: layers, and the groups of a deep network.
    """

    ticked = Signal(str, bool)

    def __init__(self) -> None:
        super().__init__()
        self.layers: tuple[LayerInfo, ...] = ()
        self.stages = StageRows(())
        self._spans: dict[str, tuple[int, int]] = {}
        self._newest: dict[str, FitResult | None] = {}
        self._explained: Mapping[str, float | None] = {}
        self._head = measure_name(())
        self._replaced: tuple[str, ...] = ()

    def show_layers(self, layers: Sequence[LayerInfo], results: Sequence[FitResult]) -> None:
        """Show `layers` with their newest results among `results` (oldest first)."""
        alone = newest_alone(results)
        newest = {layer.name: alone.get(layer.name) for layer in layers}
        if tuple(layers) != self.layers:
            self.beginResetModel()
            self.layers = tuple(layers)
            self.stages = StageRows(self.layers)
            self._spans = spans([layer.name for layer in layers])
            self.endResetModel()
        before, self._newest = self._newest, newest
        for row, layer in self._layer_rows():  # unchanged rows are not repainted
            if newest[layer.name] is not before.get(layer.name):
                self._tell(row, HYBRID)
        if measure_name(results) != self._head:
            self._head = measure_name(results)
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, HYBRID, HYBRID)

    def show_explained(self, values: Mapping[str, float | None]) -> None:
        """Show the share of each layer's output that an affine map explains, by the layer's name."""
        before, self._explained = self._explained, dict(values)
        if self.stages.sorted:
            self.arrange(self.stages.query, True)
        for row, shown in enumerate(self.stages.rows):
            names = [layer.name for layer in self.layers_of(shown)]
            if any(before.get(name) != values.get(name) for name in names):
                self._tell(row, EXPLAINED)

    def show_replaced(self, replaced: Sequence[str]) -> None:
        """Tick the layers in `replaced`, and no others."""
        before, self._replaced = self._replaced, tuple(replaced)
        changed = {*before} ^ {*replaced}
        for row, shown in enumerate(self.stages.rows) if changed else ():
            group = "" if shown.group is None else shown.group.path
            if group in changed or any(layer.name in changed for layer in self.layers_of(shown)):
                self._tell(row, NAME)

    def arrange(self, query: str, by_explained: bool) -> None:
        """List only the layers that have the words of `query` in name or kind, and if asked by their R2_lin."""
        self.beginResetModel()
        self.stages.arrange(query, self._explained if by_explained else None)
        self.endResetModel()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, EXPLAINED, EXPLAINED)

    def fold(self, row: int, folded: bool) -> None:
        """Fold the group in `row`, or unfold it; any other row stays as it is."""
        if not 0 <= row < len(self.stages.rows):
            return
        below = self.stages.below(row)
        if folded and below:
            self.beginRemoveRows(_ROOT, row + 1, row + len(below))
            self.stages.fold(row)
            self.endRemoveRows()
        elif not folded and (added := self.stages.added_by(row)):
            self.beginInsertRows(_ROOT, row + 1, row + len(added))
            self.stages.unfold(row)
            self.endInsertRows()
        self._tell(row, NAME)

    def reveal(self, name: str) -> None:
        """Unfold the groups of the layer `name`."""
        index = self._index_of(name)
        for group in self.stages.groups_of(index) if index >= 0 else ():
            self.fold(self.stages.row_of_group(group), False)

    def layer_at(self, row: int) -> LayerInfo | None:
        """Return the layer in `row`, None for a group and for no row."""
        shown = self.stages.rows[row] if 0 <= row < len(self.stages.rows) else None
        return None if shown is None or shown.group else self.layers[shown.index]

    def stage(self, name: str) -> LayerInfo | None:
        """Return the layer called `name`, or the layers of a group of that name as one stage; None if there is none."""
        if name in self._spans:
            first, last = self._spans[name]
            return span_info(name, self.layers[first : last + 1])
        return next((layer for layer in self.layers if layer.name == name), None)

    def stage_at(self, row: int) -> LayerInfo | None:
        """Return the layer in `row`, or its group as one stage, None if that is none."""
        shown = self.stages.rows[row] if 0 <= row < len(self.stages.rows) else None
        if shown is None:
            return None
        return self.layers[shown.index] if shown.group is None else self.stage(shown.group.path)

    def in_order(self, names: Collection[str]) -> tuple[str, ...]:
        """Return names of layers and groups in network order."""
        places = {layer.name: index for index, layer in enumerate(self.layers)}
        return tuple(sorted(names, key=lambda name: self._spans[name][0] if name in self._spans else places[name]))

    def layers_of(self, row: Row) -> tuple[LayerInfo, ...]:
        """Return the layer of a Row, or those of its group."""
        return (self.layers[row.index],) if row.group is None else self.layers[row.group.start : row.group.stop]

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        """Return the number of rows: layers, and groups of them."""
        return 0 if parent.isValid() else len(self.stages.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        """Return the number of columns: layer, widths, share explained by an affine map, hybrid."""
        return 0 if parent.isValid() else 4

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return a cell's flags: none if the layer is not supported; a group can be folded whatever is in it."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        stage = self.stage_at(index.row())
        can = stage is not None and stage.supported
        if not can and self.layer_at(index.row()) is not None:
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsUserCheckable if can and index.column() == NAME else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, tick, alignment or tooltip."""
        row, column = self.stages.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole and column != NAME:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role in (SHORT_ROLE, DEPTH_ROLE):
            return row.name if role == SHORT_ROLE else row.depth
        if role == UNFOLDED_ROLE:
            return None if row.group is None else row.group in self.stages.unfolded
        if row.group is not None:
            return self._of_group(row.group, column, role)
        return self._of_layer(self.layers[row.index], column, role)

    def _of_layer(self, layer: LayerInfo, column: int, role: int) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(layer, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(layer, column)
        if column == NAME and role == Qt.ItemDataRole.CheckStateRole:
            return self._check(layer.name)
        return kind_of(layer) if column == NAME and role == KIND_ROLE else None

    def _check(self, name: str) -> Qt.CheckState:
        return Qt.CheckState.Checked if name in self._replaced else Qt.CheckState.Unchecked

    def _of_group(self, group: Group, column: int, role: int) -> Any:
        layers, stage = self.layers[group.start : group.stop], self.stage(group.path)
        if role == Qt.ItemDataRole.ToolTipRole:
            return group_tip(group.path, layers, self._explained, stage)
        if role == Qt.ItemDataRole.CheckStateRole and column == NAME:
            return self._check(group.path) if stage is not None and stage.supported else None
        if column == EXPLAINED and role == Qt.ItemDataRole.DisplayRole:
            return "–".join(dict.fromkeys(text for text in explained_range(layers, self._explained) if text))
        if column != NAME:
            return "" if role == Qt.ItemDataRole.DisplayRole else None
        said = group_words(group.path, layers, self._replaced)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{group.path}, {'unfolded' if group in self.stages.unfolded else 'folded'} group: {said}"
        if role == Qt.ItemDataRole.DisplayRole:
            return group.path
        return said if role == KIND_ROLE else None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        """Request that a layer or group is replaced or not; the tick changes with the resulting settings."""
        stage = self.stage_at(index.row())
        checks = bool(self.flags(index) & Qt.ItemFlag.ItemIsUserCheckable)
        if role != Qt.ItemDataRole.CheckStateRole or stage is None or not checks:
            return False
        self.ticked.emit(stage.name, Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Return a column's name or tooltip."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (NAME_HEAD, "n → m", _SORTED_HEAD if self.stages.sorted else "R² lin", self._head)[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if section == NAME else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        return _TIPS[section] if role == Qt.ItemDataRole.ToolTipRole else None

    def row_of(self, name: str) -> int:
        """Return the row of a layer, or of a whole group called so, or of the folded group around it; -1 for none."""
        return self.stages.row_of(self._index_of(name), name)

    def _index_of(self, name: str) -> int:
        return next((index for index, layer in enumerate(self.layers) if layer.name == name), -1)

    def _layer_rows(self) -> list[tuple[int, LayerInfo]]:
        rows = enumerate(self.stages.rows)
        return [(place, self.layers[row.index]) for place, row in rows if row.group is None]

    def text(self, layer: LayerInfo, column: int) -> str:
        """Return the text of a layer in a column."""
        if column == NAME:
            return layer.name
        if column == WIDTHS:
            return widths_text(layer)
        if column == EXPLAINED:
            return explained_text(layer, self._explained)
        result = self._newest.get(layer.name)
        return "" if result is None else score_figure(result.hybrid, result.measure)

    def _tip(self, layer: LayerInfo, column: int) -> str:
        if not layer.supported:
            return layer.reason
        if column == EXPLAINED:
            return explained_words(layer, self._explained)
        result = self._newest.get(layer.name) if column == HYBRID else None
        if result is not None:
            settings = result.settings
            return f"{_TIPS[HYBRID]}: N = {settings.steps}, h = {settings.delays}, r = {result.rank}"
        return layer_tip(layer)

    def _tell(self, row: int, column: int) -> None:
        self.dataChanged.emit(self.index(row, column), self.index(row, column))
