"""Paints a layer in the network table: its name above its kind, a tick at the left; a group has a chevron too."""

from collections.abc import Sequence
from enum import Enum
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from koopview.gui.looks.pens import pen
from koopview.gui.looks.theme import LIGHT, SMALL, UNIT, Theme, bold, font
from koopview.gui.widgets.layer_model import (
    DEPTH_ROLE,
    EXPLAINED,
    HYBRID,
    KIND_ROLE,
    NAME,
    NAME_HEAD,
    SHORT_ROLE,
    UNFOLDED_ROLE,
    WIDTHS,
)
from koopview.gui.widgets.layer_words import kind_of
from koopview.gui.widgets.stage_tree import MANY, flat_rows, unfolded_rows
from koopview.network.info import LayerInfo

Index = QModelIndex | QPersistentModelIndex
ROW, TICK, INDENT = 44, 38, 10
CHEVRON = 16
"""Pixels at the left of a group's row, behind its indent, in which a click folds it."""

_BEHIND_CHEVRON = 6
"""By how much a group's tick and name stand further to the right than a layer's."""

_BEGINNING = 3
"""Letters of a long name that stay before what is left out."""

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

_COLUMNS = (NAME, WIDTHS, EXPLAINED, HYBRID)

LEAST = 46
"""Pixels of a kind that are shown beside widths at least; with fewer the widths stand in the tooltip."""


class Place(Enum):
    """The place of a layer's widths: a separate column, or, if that needs too much room, beside a text.

    Names of many layers that are still too long get a line of their own above the figures, and widths stand in a tip.
    """

    COLUMN, BESIDE_NAME, BESIDE_KIND, TIP = range(4)


class LayerDelegate(QStyledItemDelegate):
    """Paints rows in a theme's colours, with the widths at the place `widths`."""

    def __init__(self) -> None:
        super().__init__()
        self.theme: Theme = LIGHT
        self.widths = Place.COLUMN

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        """Return a height of two lines."""
        return QSize(super().sizeHint(option, index).width(), ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw background and tick by the style, then the text."""
        view: Any = QStyleOptionViewItem(option)
        self.initStyleOption(view, index)
        text, view.text = view.text, ""
        view.state &= ~QStyle.StateFlag.State_HasFocus  # the selected row shows it
        indent = _indent(index)
        self._draw_ground(painter, view, indent)
        painter.save()
        painter.setClipRect(view.rect)
        painter.setPen(QColor(self.theme.grid))
        painter.drawLine(view.rect.bottomLeft(), view.rect.bottomRight())
        ink = self.theme.ink if view.state & QStyle.StateFlag.State_Enabled else self.theme.muted
        if index.data(UNFOLDED_ROLE) is not None:
            self._draw_group(painter, view, index)
        else:
            self._draw_layer(painter, view, index, ink)
        if index.column() in (EXPLAINED, HYBRID) and index.data(UNFOLDED_ROLE) is None:
            strong = index.column() == HYBRID and view.state & QStyle.StateFlag.State_Selected
            box = view.rect.adjusted(2, 0, -UNIT, 0)
            line = _lines(box)[1] if self.widths == Place.TIP else box
            _write(painter, line, text, bold() if strong else font(), ink, _RIGHT)
        painter.restore()

    def editorEvent(  # noqa: N802 - Qt's name
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """Tick where the tick is drawn."""
        moved: Any = QStyleOptionViewItem(option)
        moved.rect = moved.rect.adjusted(_indent(index), 0, 0, 0)
        return super().editorEvent(event, model, moved, index)

    def _draw_ground(self, painter: QPainter, view: Any, indent: int) -> None:
        """Draw background and tick by the style, the tick further to the right by `indent`."""
        whole = QRect(view.rect)
        for moved in dict.fromkeys((0, indent)):  # the style draws the tick at the left of the ground
            view.rect = whole.adjusted(moved, 0, 0, 0)
            features = view.features
            if moved != indent:
                view.features &= ~QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
            view.widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, view, painter, view.widget)
            view.features = features
        view.rect = whole

    def _draw_group(self, painter: QPainter, view: Any, index: Index) -> None:
        """Draw the part in this cell of a group's row: chevron, name and range of R2_lin, below them its size."""
        cells = (view.widget.visualRect(index.sibling(index.row(), column)) for column in (NAME, EXPLAINED, HYBRID))
        (names, explained, last), indent = cells, _indent(index.sibling(index.row(), NAME))
        above, below = _lines(names.united(last).adjusted(TICK + indent, 0, -UNIT, 0))
        between = index.sibling(index.row(), EXPLAINED).data()
        if between:
            figures = QRect(explained.left() + 3, above.top(), last.right() - explained.left(), above.height())
            _write(painter, figures, between, font(SMALL), self.theme.muted, _LEFT)
            above.setRight(explained.left())
        self._write_names(painter, above, below, index.sibling(index.row(), NAME), self.theme.ink)
        if index.column() == NAME:
            self._draw_chevron(painter, QPointF(names.left() + indent + 2, names.center().y()), index)

    def _draw_layer(self, painter: QPainter, view: Any, index: Index, ink: str) -> None:
        """Draw the parts in this cell: the name (above), the kind (below), the widths."""
        row, first, indent = index.row(), index.sibling(index.row(), NAME), INDENT * index.data(DEPTH_ROLE)
        names, widths, *figures = (view.widget.visualRect(index.sibling(row, column)) for column in _COLUMNS)
        above, below = _lines(names.adjusted(TICK + indent, 0, -2, 0))
        for line, place, end in (
            (above, Place.BESIDE_KIND, widths.right()),
            (below, Place.BESIDE_NAME, widths.right()),
            (above, Place.TIP, figures[-1].right() - UNIT),
            (below, Place.TIP, _free_until(index, figures)),
        ):
            if self.widths == place:  # what stands beside it is on the other line
                line.setRight(end)
        self._write_names(painter, above, below, first, ink)
        if index.column() != WIDTHS:
            return
        if self.widths == Place.COLUMN:
            _write(painter, widths.adjusted(2, 0, -UNIT, 0), index.data(), font(), ink, _RIGHT)
        else:
            line = above if self.widths == Place.BESIDE_NAME else below
            box = QRect(widths.left(), line.top(), widths.width() - 4, line.height())
            _write(painter, box, index.data(), font(SMALL), self.theme.muted, _RIGHT)

    def _write_names(self, painter: QPainter, above: QRect, below: QRect, first: Index, ink: str) -> None:
        """Write the name, its beginning and end if it is too long, and the kind below it."""
        small = QFontMetrics(font(SMALL))
        kind = small.elidedText(first.data(KIND_ROLE), Qt.TextElideMode.ElideRight, below.width())
        _write(
            painter, above, elided_name(first.data(SHORT_ROLE), QFontMetrics(bold()), above.width()), bold(), ink, _LEFT
        )
        _write(painter, below, kind, font(SMALL), self.theme.muted, _LEFT)

    def _draw_chevron(self, painter: QPainter, centre: QPointF, index: Index) -> None:
        """Draw a chevron: down if the group is unfolded, to the right if it is folded."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen(self.theme.muted, 1.6))
        corner = [(-4.0, -2.0), (0.0, 2.0), (4.0, -2.0)] if index.data(UNFOLDED_ROLE) else [(-2, -4), (2, 0), (-2, 4)]
        painter.drawPolyline([centre + QPointF(x, y) for x, y in corner])


def _free_until(index: Index, figures: Sequence[QRect]) -> int:
    """Return where the first figure in a row begins, the end of its `figures` if it has none yet."""
    for column, place in zip((EXPLAINED, HYBRID), figures, strict=True):
        if index.sibling(index.row(), column).data():
            return place.left()
    return figures[-1].right() - UNIT


def elided_name(name: str, face: QFontMetrics, room: int) -> str:
    """Return a module path that fits into `room` pixels: its first letters, and as much of its end as has room.

    "transformer.encoder.layers.11.output.dense" becomes "tra…layers.11.output.dense": the numbers stand near the end.
    """
    if face.horizontalAdvance(name) <= room:
        return name
    begin = name[:_BEGINNING]
    left = room - face.horizontalAdvance(begin)
    if left < room // 2:
        return face.elidedText(name, Qt.TextElideMode.ElideMiddle, room)
    return begin + face.elidedText(name[_BEGINNING:], Qt.TextElideMode.ElideLeft, left).replace("….", "…")


def place_of_widths(layers: Sequence[LayerInfo], room: int, column: int, beside: int, *, flat: bool = False) -> Place:
    """Return the Place of the widths at which every name and kind is shown completely in `room`, if possible.

    Widths need `column` pixels in a separate column, `beside` pixels in small text beside another text. Names are those
    of a tree, or of a `flat` list.
    """
    names, kinds = _text_widths(layers, flat)
    if max(names, kinds) <= room - column:
        return Place.COLUMN
    if names <= room - beside:  # the kind has the whole line below
        return Place.BESIDE_NAME
    return Place.BESIDE_KIND if len(layers) <= MANY and room - beside >= TICK + LEAST else Place.TIP


def _text_widths(layers: Sequence[LayerInfo], flat: bool) -> tuple[int, int]:
    """Return the pixels for the widest name and the widest kind, with the tick before them."""
    paths = [layer.name for layer in layers]
    rows = flat_rows(range(len(paths)), paths) if flat else unfolded_rows(paths)
    face, small = QFontMetrics(bold()), QFontMetrics(font(SMALL))
    names = [
        INDENT * row.depth + (_BEHIND_CHEVRON if row.group else 0) + face.horizontalAdvance(row.name) for row in rows
    ]
    kinds = [small.horizontalAdvance(kind) for kind in {kind_of(layer) for layer in layers}]
    indent = INDENT * max((row.depth for row in rows), default=0)
    head = small.horizontalAdvance(NAME_HEAD)
    return TICK + max(head, max(names, default=0) + 4), TICK + indent + max(kinds, default=0) + 4


def _lines(box: QRect) -> tuple[QRect, QRect]:
    """Return the upper and the lower line of text in a cell, of the width of `box`."""
    above = QRect(box.left(), box.top() + 5, box.width(), box.height() // 2 - 4)
    return above, above.translated(0, above.height() - 1)


def _indent(index: Index) -> int:
    """Return by how many pixels a cell begins further to the right: names of members below that of their group."""
    if index.column() not in (NAME, WIDTHS):
        return 0
    group = index.data(UNFOLDED_ROLE) is not None
    return INDENT * (index.data(DEPTH_ROLE) or 0) + (_BEHIND_CHEVRON if group else 0)


def _write(painter: QPainter, box: QRect, text: str, face: QFont, ink: str, where: Qt.AlignmentFlag) -> None:
    painter.setFont(face)
    painter.setPen(QColor(ink))
    painter.drawText(box, where, text)
