"""The network as a picture (the paper's figure 1): one block per layer, with scaling, lift and operator if replaced."""

import math
from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip

from koopview.gui.looks.pens import pen
from koopview.gui.looks.theme import SMALL, UNIT, bold, font
from koopview.gui.plots.painted import Painted
from koopview.gui.plots.stage_runs import Run, run_name, run_tip, runs_of
from koopview.gui.text import counted
from koopview.gui.widgets.layer_delegate import elided_name
from koopview.gui.widgets.layer_words import kind_of, shapes_text
from koopview.gui.widgets.stage_tree import unfolded_rows
from koopview.network.info import LayerInfo

HEIGHT, BLOCK, NARROWEST, GAP = 92, 54, 22, 9
"""Height of the picture and of its largest block; least width of a block; gap for the arrow between blocks."""

FOLDED = -1
"""Stands for blocks that are left out for lack of room."""

_WEIGHTS = {"replaced": 1.7, "run": 1.35, "folded": 0.6, "layer": 1.0}
"""Widths of blocks relative to that of a layer."""

_STACK = 3.0
"""How far the blocks behind that of a run stand out."""

_CENTRE = Qt.AlignmentFlag.AlignCenter


class NetworkDiagram(Painted):
    """``chosen`` carries the name of a clicked layer."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("networkDiagram")
        self.setFixedHeight(HEIGHT)
        self._layers: tuple[LayerInfo, ...] = ()
        self._replaced: tuple[str, ...] = ()
        self._shown = ""
        self._runs: dict[int, Run] = {}
        """By the index of the first layer of each."""

    def show_layers(self, layers: Sequence[LayerInfo]) -> None:
        """Draw `layers`, in network order."""
        self.setVisible(bool(layers))
        if tuple(layers) != self._layers:
            self._layers = tuple(layers)
            self._change()

    def show_replaced(self, replaced: Sequence[str], shown: str) -> None:
        """Draw scaling, lift and operator into the `replaced` layers, and a frame around the layer `shown`."""
        if (tuple(replaced), shown) != (self._replaced, self._shown):
            self._replaced, self._shown = tuple(replaced), shown
            self._change()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the size of a slim strip."""
        return QSize(200, HEIGHT)

    def boxes(self) -> list[tuple[int, QRectF]]:
        """Return the blocks, each with the index of its first layer, FOLDED for those left out between two."""
        starts = list(self._runs)
        shown = starts.index(own) if (own := self._index_of(self._shown)) in starts else 0
        indices = [FOLDED if one == FOLDED else starts[one] for one in unfolded(len(starts), shown, self._room())]
        if not indices:
            return []
        weights = [_WEIGHTS[self._look_of(index)] for index in indices]
        unit = (self.width() - 2 * UNIT - GAP * (len(indices) - 1)) / sum(weights)
        widest = max(1, *(max(layer.inputs, layer.outputs) for layer in self._layers))
        boxes, x = [], float(UNIT)
        for index, weight in zip(indices, weights, strict=True):
            height = 14.0 if index == FOLDED else block_height(self._layers[index], widest)
            boxes.append((index, QRectF(x, 14 + (BLOCK - height) / 2, unit * weight, height)))
            x += unit * weight + GAP
        return boxes

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Choose the layer that is clicked, the first of a run, if it can be replaced."""
        index = self._at(event.position())
        run = None if index is None else self._runs[index]
        layers = () if run is None else self._layers[run.start : run.stop]
        name = next((layer.name for layer in layers if layer.supported), None)
        if name is not None:
            self.chosen.emit(name)

    def event(self, event: QEvent) -> bool:
        """Show name, kind and widths of the layer under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self._at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), "" if index is None else self._tip(index), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw every block, its name and its width, and an arrow to the next."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        boxes = self.boxes()
        for (_, before), (_, after) in pairwise(boxes):
            self._draw_arrow(painter, before.right(), after.left())
        rows = unfolded_rows([layer.name for layer in self._layers])
        names = {row.index: row.name for row in rows if row.group is None}
        for index, box in boxes:
            if index == FOLDED:
                painter.setPen(QColor(self._theme.muted))
                painter.drawText(box, _CENTRE, "…")
            elif len(self._runs[index]) > 1:
                self._draw_run(painter, self._runs[index], box)
            else:
                self._draw_layer(painter, self._layers[index], names[index], box)

    def _change(self) -> None:
        """Find the runs again, redraw, and update the description for screen readers."""
        shown = self._index_of(self._shown)
        self._runs = {run.start: run for run in runs_of(self._layers, shown)}
        names = ", ".join(map(self._spoken, self._runs.values()))
        self.setAccessibleName(f"The network's {len(self._layers)} layers")
        self.setAccessibleDescription(names)
        self.update()

    def _spoken(self, run: Run) -> str:
        """Return what a screen reader says of a run."""
        layers = self._layers[run.start : run.stop]
        replaced = ", replaced" * any(layer.name in self._replaced for layer in layers)
        ends = f"{layers[0].name} to {layers[-1].name} ({counted(len(run), 'layer')})"
        return (layers[0].name if len(run) == 1 else ends) + replaced

    def _draw_layer(self, painter: QPainter, layer: LayerInfo, name: str, box: QRectF) -> None:
        shown, replaced = layer.name == self._shown, layer.name in self._replaced
        painter.setPen(pen(self._theme.accent if shown else self._theme.baseline, 2.0 if shown else 1.0))
        painter.setBrush(QColor(self._theme.panel if replaced else self._theme.track))
        painter.drawRoundedRect(box, 4, 4)
        if replaced:
            self._draw_parts(painter, box.adjusted(2, 2, -2, -2))
        self._write(painter, box, name, layer, bold(SMALL) if shown else font(SMALL))

    def _draw_run(self, painter: QPainter, run: Run, box: QRectF) -> None:
        """Draw layers that repeat as a pile of blocks with their number; a frame if one of them is replaced."""
        layers = self._layers[run.start : run.stop]
        replaced = any(layer.name in self._replaced for layer in layers)
        painter.setPen(pen(self._theme.hybrid if replaced else self._theme.baseline, 1.0))
        painter.setBrush(QColor(self._theme.track))
        for shift in (_STACK, 0.0):
            painter.drawRoundedRect(box.adjusted(0, _STACK - shift, -shift, shift - _STACK).translated(shift, 0), 4, 4)
        painter.setFont(font(SMALL))
        painter.setPen(QColor(self._theme.ink))
        painter.drawText(box.adjusted(0, 0, -_STACK, 0), _CENTRE, run.times)
        self._write(painter, box, run_name(run, self._layers), layers[-1], font(SMALL))

    def _write(self, painter: QPainter, box: QRectF, name: str, layer: LayerInfo, face: QFont) -> None:
        """Write a name above a block, and below it the width of its last layer."""
        wide = box.adjusted(-GAP / 2, 0, GAP / 2, 0)
        painter.setFont(face)
        painter.setPen(QColor(self._theme.ink if layer.supported else self._theme.muted))
        apart = 6  # names that fill their room would be read as one
        text = elided_name(name, QFontMetrics(face), int(wide.width()) - apart)
        painter.drawText(QRectF(wide.left(), 0, wide.width(), 13), _CENTRE, text)
        painter.setFont(font(SMALL))
        painter.setPen(QColor(self._theme.muted))
        width = str(layer.outputs) if layer.outputs else ""
        painter.drawText(QRectF(wide.left() - 4, 14 + BLOCK + 2, wide.width() + 8, 14), _CENTRE, width)

    def _draw_parts(self, painter: QPainter, box: QRectF) -> None:
        """Draw scaling (vertical green steps), lift (stacked orange delays) and operator (hatched blue)."""
        third = box.width() / 3
        scaling, lift, operator = (
            QRectF(box.left() + index * third + 1, box.top(), third - 2, box.height()) for index in range(3)
        )
        painter.setPen(pen(self._theme.scaled, 1.4))
        for step in range(4):
            x = scaling.left() + (step + 0.5) * scaling.width() / 4
            painter.drawLine(QPointF(x, scaling.top()), QPointF(x, scaling.bottom()))
        for delay in range(3):
            y = lift.top() + (delay + 0.5) * lift.height() / 3
            painter.fillRect(QRectF(lift.left(), y - 1.5, lift.width(), 3), QColor(self._theme.original))
        painter.setPen(pen(self._theme.hybrid, 1.2))
        painter.setBrush(QBrush(QColor(self._theme.hybrid), Qt.BrushStyle.BDiagPattern))
        painter.drawRect(operator)

    def _draw_arrow(self, painter: QPainter, left: float, right: float) -> None:
        y = 14 + BLOCK / 2
        painter.setPen(pen(self._theme.muted, 1.2))
        painter.drawLine(QPointF(left + 1, y), QPointF(right - 1, y))
        for side in (-1, 1):
            painter.drawLine(QPointF(right - 1, y), QPointF(right - 4, y + 3 * side))

    def _tip(self, index: int) -> str:
        run, layer = self._runs[index], self._layers[index]
        if len(run) > 1:
            return run_tip(run, self._layers)
        if not layer.supported:
            return layer.reason
        said = f"<b>{layer.name}</b>: {kind_of(layer)}, {shapes_text(layer)}"
        if layer.name in self._replaced:
            said += "<br>replaced: scaling (steps) → lift (delays) → linear operator (hatched)"
        return said

    def _room(self) -> int:
        """Return how many blocks fit, an int: a replaced one takes nearly the room of two."""
        return max(3, int((self.width() - 2 * UNIT + GAP) / (NARROWEST + GAP)) - len(self._replaced[:1]))

    def _look_of(self, index: int) -> str:
        """Return the kind of a block, a key of _WEIGHTS."""
        if index == FOLDED:
            return "folded"
        if len(self._runs[index]) > 1:
            return "run"
        return "replaced" if self._layers[index].name in self._replaced else "layer"

    def _index_of(self, name: str) -> int:
        return next((index for index, layer in enumerate(self._layers) if layer.name == name), 0)

    def _at(self, point: QPointF) -> int | None:
        wide = [(index, QRectF(box.left(), 0, box.width(), self.height())) for index, box in self.boxes()]
        return next((index for index, box in wide if index != FOLDED and box.contains(point)), None)


def unfolded(count: int, shown: int, room: int) -> list[int]:
    """Return the indices of the layers, of `count`, drawn in `room` blocks: both ends, and those around `shown`.

    FOLDED replaces those left out.
    """
    if count <= room:
        return list(range(count))
    inner = max(1, room - 4)  # the two ends, and FOLDED beside each
    first = min(max(1, shown - inner // 2), count - 1 - inner)
    middle = list(range(first, first + inner))
    left = [0, FOLDED] if first > 1 else [0]
    right = [FOLDED, count - 1] if middle[-1] < count - 2 else [count - 1]
    return [*left, *middle, *right]


def block_height(layer: LayerInfo, widest: int) -> float:
    """Return a block's height: the logarithm of its wider side, as a share of the widest layer's."""
    share = math.log1p(max(layer.inputs, layer.outputs)) / math.log1p(widest)
    return BLOCK * (0.35 + 0.65 * share)
