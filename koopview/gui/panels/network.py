"""The network panel: the layers as a table; the selected layer is shown, ticked layers are replaced."""

from PySide6.QtCore import QModelIndex, QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QMenu, QScrollArea, QVBoxLayout, QWidget

from koopview.gui.exportable import copy_text, tab_separated
from koopview.gui.looks.theme import SMALL, TEXT, UNIT, Theme, font
from koopview.gui.plots.network_diagram import NetworkDiagram
from koopview.gui.text import count, told_score
from koopview.gui.widgets.card import Card, label, scrolled
from koopview.gui.widgets.layer_delegate import ROW, LayerDelegate, Place, place_of_widths
from koopview.gui.widgets.layer_model import EXPLAINED, HYBRID, WIDTHS, LayerModel
from koopview.gui.widgets.layer_search import LayerSearch
from koopview.gui.widgets.layer_table import LayerTable
from koopview.gui.widgets.layer_words import kind_of
from koopview.gui.widgets.stage_tree import MANY
from koopview.network.info import LayerInfo
from koopview.network.spans import apart
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings

NOTHING_OPEN = "The layers of a network stand here once it is open."
_NARROWEST = 242
_LOWEST = 40
"""Least height of what stands below the table."""
_BESIDE_FIGURES = 4
"""Room before a column of numbers; after it is a UNIT."""

_AROUND_HEAD = 12
"""Room that the head of a column needs beside its words."""

_EDGE = 2
"""Margin of card and table at either side of the columns."""


class NetworkPanel(Card):
    """``requested`` carries the settings that a click requests."""

    requested = Signal(object)

    def __init__(self) -> None:
        super().__init__("Network")
        self._settings: FitSettings | None = None
        self._revealed = ""
        self.layers, self._delegate = LayerModel(), LayerDelegate()
        self.table = LayerTable(self.layers, self._delegate)
        self.search = LayerSearch()
        self.hint = label("", "small")
        self.hint.setWordWrap(True)
        self.hint.setContentsMargins(12, UNIT, 12, 12)
        self.diagram = NetworkDiagram()
        self.body.addWidget(self.diagram)
        self.body.addWidget(self.search)
        self.body.addWidget(self.table, 100)
        self._below = QVBoxLayout()
        self._below.setContentsMargins(0, 0, 0, 0)
        self._below.setSpacing(0)
        self._below.addWidget(self.hint)
        self.body.addWidget(_scrolled_when_low(self._below), 100)
        self.layers.ticked.connect(self._tick)
        self.diagram.chosen.connect(self._choose)
        self.table.selectionModel().currentRowChanged.connect(self._select)
        self.table.customContextMenuRequested.connect(self._show_menu)
        self.table.sort_asked.connect(self.sort_layers)
        self.table.group_chosen.connect(self._choose)
        self.search.searched.connect(self._arrange)
        self.search.left.connect(self._leave_search)
        for changed in (self.layers.rowsInserted, self.layers.rowsRemoved, self.layers.modelReset):
            changed.connect(self._fit_height)
        self.setMinimumWidth(_NARROWEST)
        self.show_state(None)

    def add_below(self, *sections: QWidget) -> None:
        """Put further sections below the table; the last one takes the room that is left."""
        for section in sections:
            self._below.addWidget(section, int(section is sections[-1]))

    def show_state(self, state: StudyState | None, shown: FitResult | None = None) -> None:
        """Show the layers of `state` with the scores of their newest hybrids, or for the layer of `shown` its score."""
        results = () if state is None else state.results
        if shown is not None:
            results = (*results, shown)
        before = self.layers.layers
        with QSignalBlocker(self.table.selectionModel()):
            self.layers.show_layers(() if state is None else state.layers, results)
        if self.layers.layers is not before:
            self._revealed = ""
            self.search.show_for(len(self.layers.layers))
        self.diagram.show_layers(self.layers.layers)
        self.note.say(*_score_notes(results[-1]) if results else ("", ""))
        self.note.setToolTip("Score of the original network, and on how many test samples")
        self.say_instead(NOTHING_OPEN if state is None else "")
        self._fit_columns()
        self._fit_height()
        self.show_settings(self._settings)

    def show_explained(self, values: dict[str, float | None] | None) -> None:
        """Show the share of each layer's output that an affine map explains; None: not known yet."""
        self.layers.show_explained(values or {})
        if self.layers.stages.sorted:
            self._show_chosen()
        self._fit_columns()

    @property
    def deep(self) -> bool:
        """Whether there are so many layers that they can be searched."""
        return len(self.layers.layers) > MANY

    def find_layer(self) -> None:
        """Let a person type what layers to list."""
        self.search.begin()

    def sort_layers(self) -> None:
        """List the layers by the share that an affine map explains, the least first, or again in network order."""
        self._arrange(self.layers.stages.query, not self.layers.stages.sorted)

    def show_settings(self, settings: FitSettings | None) -> None:
        """Select the layer shown and tick the replaced ones, without a request."""
        self._settings = settings
        self.layers.show_replaced(() if settings is None else settings.replaced)
        self.diagram.show_replaced(*((), "") if settings is None else (settings.replaced, settings.layer))
        if settings is not None and settings.layer != self._revealed:  # what a person folds stays folded
            self._revealed = settings.layer
            self.layers.reveal(settings.layer)
        if self._show_chosen() and self.deep:  # it was chosen elsewhere
            self.table.centre_soon()
        name = "" if settings is None else settings.layer
        self.hint.setText(_hint(self.layers.stage(name), settings))

    def _show_chosen(self) -> bool:
        """Make the row of the layer shown, or of its folded group, the current one; returns False if it was already."""
        row = -1 if self._settings is None else self.layers.row_of(self._settings.layer)
        changes = not self._is_selected(row)
        if changes:
            self.table.show_row(row)
        return changes

    def _arrange(self, query: str, by_explained: bool | None = None) -> None:
        """List the layers that are searched, in the order asked for (None: the one they have)."""
        stages = self.layers.stages
        with QSignalBlocker(self.table.selectionModel()):
            self.layers.arrange(query, stages.sorted if by_explained is None else by_explained)
        if self._settings is not None and not stages.flat:
            self.layers.reveal(self._settings.layer)
        self.search.say_found(self.layers.rowCount())
        self._show_chosen()
        if stages.flat:
            self.table.scrollToTop()
        self._fit_columns()

    def _leave_search(self, choose: bool) -> None:
        """Go on in the table, with the first layer found if it is to be chosen."""
        first = self.layers.layer_at(0)
        if choose and first is not None and first.supported and self.layers.stages.query:
            self._choose(first.name)
        self.table.setFocus()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._delegate.theme = theme
        self.diagram.set_theme(theme)
        self.table.viewport().update()

    def _fit_columns(self) -> None:
        """Give numbers the room that their text needs; if too little is left, show widths beside name or kind."""
        figures = {column: self._column_width(column, TEXT) for column in (EXPLAINED, HYBRID)}
        room = self.width() - 2 * _EDGE - sum(figures.values())
        column, beside = self._column_width(WIDTHS, TEXT), self._column_width(WIDTHS, SMALL)
        self._delegate.widths = place_of_widths(self.layers.layers, room, column, beside, flat=self.layers.stages.flat)
        self.table.setColumnHidden(WIDTHS, self._delegate.widths == Place.TIP)
        self.table.setColumnWidth(WIDTHS, column if self._delegate.widths == Place.COLUMN else beside)
        for figure, width in figures.items():
            self.table.setColumnWidth(figure, width)

    def _fit_height(self) -> None:
        """Let the table be as high as its rows, and no higher."""
        self.table.setMaximumHeight(self.table.horizontalHeader().height() + ROW * self.layers.rowCount() + 2)

    def _column_width(self, column: int, size: int) -> int:
        text, head = QFontMetrics(font(size)), QFontMetrics(font(SMALL))
        cells = {self.layers.text(layer, column) for layer in self.layers.layers}
        title = str(self.layers.headerData(column, Qt.Orientation.Horizontal))
        needed = max(map(text.horizontalAdvance, cells), default=0)
        beside = _BESIDE_FIGURES if column != WIDTHS else UNIT if size == TEXT else 0
        return max(head.horizontalAdvance(title) + _AROUND_HEAD, needed + UNIT + beside)

    def _is_selected(self, row: int) -> bool:
        """Return whether `row` (-1: none) is the current and only selected one."""
        model = self.table.selectionModel()
        rows = [index.row() for index in model.selectedRows()]
        return model.currentIndex().row() == row and rows == [row] * (row >= 0)

    def _select(self, current: QModelIndex, before: QModelIndex) -> None:
        layer = self.layers.layer_at(current.row())
        if layer is not None:
            self._choose(layer.name)

    def _choose(self, name: str) -> None:
        """Show the layer or group `name`; if it is not ticked, replace only it."""
        if self._settings is None:
            return
        replaced = self._settings.replaced if name in self._settings.replaced else (name,)
        self._ask(name, replaced)

    def _tick(self, name: str, wanted: bool) -> None:
        """Replace the layer or group `name` too, in the place of those inside it and around it, or no longer."""
        if self._settings is None:
            return
        others = set(apart(name, self._settings.replaced)) - {name}
        replaced = self.layers.in_order({*others, name} if wanted else others)
        if not replaced:
            self.layers.show_replaced(self._settings.replaced)  # at least one layer stays replaced
            return
        shown = self._settings.layer
        self._ask(shown if shown in replaced else name if wanted else replaced[0], replaced)

    def _ask(self, layer: str, replaced: tuple[str, ...]) -> None:
        shown = self.layers.stage(layer)
        wanted = self._settings.of_layer(shown, replaced) if self._settings and shown else None
        if wanted is not None and wanted != self._settings:
            self.requested.emit(wanted)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Divide the width between the columns again."""
        super().resizeEvent(event)
        self._fit_columns()

    def _show_menu(self, point: QPoint) -> None:
        menu = QMenu(self)
        menu.addAction("Copy table", self.copy_table)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.table.viewport().mapToGlobal(point))

    def copy_table(self) -> None:
        """Copy all layers: name, kind, widths, share explained by an affine map, hybrid."""
        model, columns = self.layers, (WIDTHS, EXPLAINED, HYBRID)
        heads = ["layer", "kind", *(model.headerData(column, Qt.Orientation.Horizontal) for column in columns)]
        rows = [
            [layer.name, kind_of(layer), *(model.text(layer, column) for column in columns)] for layer in model.layers
        ]
        copy_text(tab_separated([heads, *rows]))


def _scrolled_when_low(layout: QVBoxLayout) -> QScrollArea:
    """Return an area for what stands below the table, which scrolls where the window is low."""
    below = QWidget()
    below.setLayout(layout)
    below.setMinimumWidth(1)  # it takes the panel's width, whatever stands in it
    area = scrolled(below, across=False)
    area.setMinimumHeight(_LOWEST)
    return area


def _score_notes(result: FitResult) -> tuple[str, str]:
    """Return the original network's score with the number of test samples, and the score alone."""
    samples = f"{count(result.test_samples)} test samples"
    original = result.rows["original"]
    if original is None:
        return samples, ""
    score = told_score(original, result.measure)
    return f"{score} · {samples}", f"{score} · n = {count(result.test_samples)}"


def _hint(layer: LayerInfo | None, settings: FitSettings | None) -> str:
    if layer is None or settings is None:
        return ""
    said = "Ticked layers are replaced by their linear operator."
    if layer.inputs == layer.outputs:
        return said
    pad = f"{settings.pad:g}".replace("-", "−")
    return (
        f"{said} Appended {pad} entries make the {layer.inputs}\u00a0→\u00a0{layer.outputs} layer's input and output "
        f"one state of\u00a0{layer.states}."
    )
