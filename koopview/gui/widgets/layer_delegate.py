"""Paints a layer in the network table: its name above its kind, a tick at the left."""

from collections.abc import Sequence
from enum import Enum
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from koopview.gui.looks.theme import LIGHT, SMALL, UNIT, Theme, bold, font
from koopview.gui.widgets.layer_model import (
    EXPLAINED,
    HYBRID,
    KIND_ROLE,
    NAME,
    SHORT_ROLE,
    WIDTHS,
    kind_of,
    shared_start,
)
from koopview.network.info import LayerInfo

Index = QModelIndex | QPersistentModelIndex
ROW, TICK = 44, 38
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Place(Enum):
    """The place of a layer's widths: a separate column, or, if that needs too much room, beside a text."""

    COLUMN, BESIDE_NAME, BESIDE_KIND = range(3)


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
        view.widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, view, painter, view.widget)
        painter.save()
        painter.setClipRect(view.rect)
        painter.setPen(QColor(self.theme.grid))
        painter.drawLine(view.rect.bottomLeft(), view.rect.bottomRight())
        ink = self.theme.ink if view.state & QStyle.StateFlag.State_Enabled else self.theme.muted
        if index.column() in (EXPLAINED, HYBRID):
            strong = index.column() == HYBRID and view.state & QStyle.StateFlag.State_Selected
            _write(painter, view.rect.adjusted(2, 0, -UNIT, 0), text, bold() if strong else font(), ink, _RIGHT)
        else:
            self._draw_layer(painter, view, index, ink)
        painter.restore()

    def _draw_layer(self, painter: QPainter, view: Any, index: Index, ink: str) -> None:
        """Draw the parts in this cell: the name (above), the kind (below), the widths."""
        row, first = index.row(), index.sibling(index.row(), NAME)
        names, widths = (view.widget.visualRect(index.sibling(row, column)) for column in (NAME, WIDTHS))
        above = QRect(names.left() + TICK, names.top() + 5, names.width() - TICK - 2, names.height() // 2 - 4)
        below = above.translated(0, above.height() - 1)
        for line, place in ((above, Place.BESIDE_KIND), (below, Place.BESIDE_NAME)):
            if self.widths == place:  # they are on the other line
                line.setRight(widths.right())
        for line, face, role, where in (
            (above, bold(), SHORT_ROLE, Qt.TextElideMode.ElideMiddle),
            (below, font(SMALL), KIND_ROLE, Qt.TextElideMode.ElideRight),
        ):
            text = QFontMetrics(face).elidedText(first.data(role), where, line.width())
            _write(painter, line, text, face, ink if line is above else self.theme.muted, _LEFT)
        if index.column() != WIDTHS:
            return
        if self.widths == Place.COLUMN:
            _write(painter, widths.adjusted(2, 0, -UNIT, 0), index.data(), font(), ink, _RIGHT)
        else:
            line = above if self.widths == Place.BESIDE_NAME else below
            box = QRect(widths.left(), line.top(), widths.width() - 4, line.height())
            _write(painter, box, index.data(), font(SMALL), self.theme.muted, _RIGHT)


def place_of_widths(layers: Sequence[LayerInfo], room: int, column: int, beside: int) -> Place:
    """Return the Place of the widths at which every name and kind is shown completely in `room`, if possible.

    Widths need `column` pixels in a separate column, `beside` pixels in small text beside another text.
    """
    names, kinds = _text_widths(layers)
    if max(names, kinds) <= room - column:
        return Place.COLUMN
    fits_beside_name = names <= room - beside and kinds <= room
    return Place.BESIDE_NAME if fits_beside_name else Place.BESIDE_KIND


def _text_widths(layers: Sequence[LayerInfo]) -> tuple[int, int]:
    """Return the pixels for the widest name and the widest kind, with the tick before them."""
    start = len(shared_start([layer.name for layer in layers]))
    names = [QFontMetrics(bold()).horizontalAdvance(layer.name[start:]) for layer in layers]
    kinds = [QFontMetrics(font(SMALL)).horizontalAdvance(kind_of(layer)) for layer in layers]
    return TICK + max(names, default=0) + 4, TICK + max(kinds, default=0) + 4


def _write(painter: QPainter, box: QRect, text: str, face: QFont, ink: str, where: Qt.AlignmentFlag) -> None:
    painter.setFont(face)
    painter.setPen(QColor(ink))
    painter.drawText(box, where, text)
