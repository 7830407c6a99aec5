"""How a layer looks in the network table: its name above its kind, a tick at the left."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from koopview.gui.looks.theme import LIGHT, SMALL, UNIT, Theme, bold, font
from koopview.gui.widgets.layer_model import HYBRID, KIND_ROLE, NAME, SHORT_ROLE, WIDTHS, kind_of, shared_start
from koopview.network.info import LayerInfo

Index = QModelIndex | QPersistentModelIndex
ROW, TICK = 44, 38
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class LayerDelegate(QStyledItemDelegate):
    """Paints rows in the colours of a theme; where `compact`, names run above the widths."""

    def __init__(self) -> None:
        super().__init__()
        self.theme: Theme = LIGHT
        self.compact = False

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        """Return a height of two lines."""
        return QSize(super().sizeHint(option, index).width(), ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the ground and the tick as the style does, then the text."""
        view: Any = QStyleOptionViewItem(option)
        self.initStyleOption(view, index)
        text, view.text = view.text, ""
        view.state &= ~QStyle.StateFlag.State_HasFocus  # the selected row says it
        view.widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, view, painter, view.widget)
        painter.save()
        painter.setClipRect(view.rect)
        painter.setPen(QColor(self.theme.grid))
        painter.drawLine(view.rect.bottomLeft(), view.rect.bottomRight())
        ink = self.theme.ink if view.state & QStyle.StateFlag.State_Enabled else self.theme.muted
        if index.column() == HYBRID:
            strong = view.state & QStyle.StateFlag.State_Selected
            _write(painter, view.rect.adjusted(2, 0, -UNIT, 0), text, bold() if strong else font(), ink, _RIGHT)
        else:
            self._draw_layer(painter, view, index, ink)
        painter.restore()

    def _draw_layer(self, painter: QPainter, view: Any, index: Index, ink: str) -> None:
        """Draw what lies in this cell of the name (above), the kind and the widths (below)."""
        row, first = index.row(), index.sibling(index.row(), NAME)
        names, widths = (view.widget.visualRect(index.sibling(row, column)) for column in (NAME, WIDTHS))
        above = QRect(names.left() + TICK, names.top() + 5, names.width() - TICK - 2, names.height() // 2 - 4)
        below = above.translated(0, above.height() - 1)
        if self.compact:
            above.setRight(widths.right())
        if index.column() == NAME or self.compact:
            name = QFontMetrics(bold()).elidedText(first.data(SHORT_ROLE), Qt.TextElideMode.ElideMiddle, above.width())
            _write(painter, above, name, bold(), ink, _LEFT)
        if index.column() == NAME:
            kind = QFontMetrics(font(SMALL)).elidedText(
                first.data(KIND_ROLE), Qt.TextElideMode.ElideRight, below.width()
            )
            _write(painter, below, kind, font(SMALL), self.theme.muted, _LEFT)
        elif self.compact:
            box = QRect(widths.left(), below.top(), widths.width() - 4, below.height())
            _write(painter, box, index.data(), font(SMALL), self.theme.muted, _RIGHT)
        else:
            _write(painter, widths.adjusted(2, 0, -UNIT, 0), index.data(), font(), ink, _RIGHT)


def name_width(layers: Sequence[LayerInfo]) -> int:
    """Return the width that the first column needs to show every name and kind whole."""
    start = len(shared_start([layer.name for layer in layers]))
    names = [QFontMetrics(bold()).horizontalAdvance(layer.name[start:]) for layer in layers]
    kinds = [QFontMetrics(font(SMALL)).horizontalAdvance(kind_of(layer)) for layer in layers]
    return TICK + max([*names, *kinds], default=0) + 4


def _write(painter: QPainter, box: QRect, text: str, face: QFont, ink: str, where: Qt.AlignmentFlag) -> None:
    painter.setFont(face)
    painter.setPen(QColor(ink))
    painter.drawText(box, where, text)
