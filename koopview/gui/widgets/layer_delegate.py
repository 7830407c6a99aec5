"""How a layer looks in the network table: its name above its kind, a tick at the left."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from koopview.gui.theme import LIGHT, SMALL, TEXT, UNIT, Theme, bold, font
from koopview.gui.widgets.layer_model import HYBRID, KIND_ROLE, NAME

Index = QModelIndex | QPersistentModelIndex
ROW = 44
_ELIDE = Qt.TextElideMode.ElideMiddle


class LayerDelegate(QStyledItemDelegate):
    """Paints rows in the colours of a theme."""

    def __init__(self) -> None:
        super().__init__()
        self.theme: Theme = LIGHT

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        """Return a height of two lines."""
        return QSize(super().sizeHint(option, index).width(), ROW)

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802 - Qt's name
        """Leave the focus frame out: the selected row says it."""
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus  # type: ignore[attr-defined]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the ground and the tick as the style does, then the text in two lines."""
        self.initStyleOption(option, index)
        text, option.text = option.text, ""  # type: ignore[attr-defined]
        style = option.widget.style() if option.widget else QApplication.style()  # type: ignore[attr-defined]
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)  # type: ignore[attr-defined]
        painter.save()
        painter.setPen(QColor(self.theme.grid))
        rect: QRect = option.rect  # type: ignore[attr-defined]
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        enabled = bool(option.state & QStyle.StateFlag.State_Enabled)  # type: ignore[attr-defined]
        painter.setPen(QColor(self.theme.ink if enabled else self.theme.muted))
        if index.column() == NAME:
            self._draw_name(painter, _beside_tick(rect), text, str(index.data(KIND_ROLE)))
        else:
            strong = index.column() == HYBRID and bool(option.state & QStyle.StateFlag.State_Selected)  # type: ignore[attr-defined]
            painter.setFont(bold() if strong else font())
            painter.drawText(rect.adjusted(2, 0, -UNIT, 0), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()

    def _draw_name(self, painter: QPainter, box: QRect, name: str, kind: str) -> None:
        half = box.height() // 2
        above, below = box.adjusted(0, 5, 0, -half + 1), box.adjusted(0, half, 0, -5)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(bold(TEXT))
        painter.drawText(above, left, QFontMetrics(bold(TEXT)).elidedText(name, _ELIDE, above.width()))
        painter.setFont(font(SMALL))
        painter.setPen(QColor(self.theme.muted))
        painter.drawText(below, left, QFontMetrics(font(SMALL)).elidedText(kind, Qt.TextElideMode.ElideRight, below.width()))


def _beside_tick(rect: QRect) -> QRect:
    return rect.adjusted(32, 0, -2, 0)
