"""The fits so far as a list of what changed from one to the next; a click brings a fit's settings back."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from koopview.gui.history import Change, changes, hybrid_measure
from koopview.gui.looks.theme import LIGHT, SMALL, Theme, bold, font
from koopview.gui.text import score_figure, told_score
from koopview.study.result import FitResult

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_ROW, _BAR, _FIGURE, _EDGE, _GAP = 22, 64, 40, 12, 8
_WORDS = 120
"""Room of what a fit changed, from which on bars grow."""
MOST = 50
"""Rows: the log has them all."""


class _Model(QAbstractListModel):
    """The fits, newest first, each with what it changed of the one before."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[tuple[FitResult, tuple[Change, ...]]] = []

    def show(self, results: Sequence[FitResult]) -> None:
        """List `results`, which come oldest first."""
        last = list(results)[-MOST - 1 :]
        before = [None, *last]
        rows = [(one, changes(one, other)) for one, other in zip(last, before, strict=False)][-MOST:][::-1]
        if [one for one, _ in rows] == [one for one, _ in self.rows]:
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        """Return the number of fits."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a fit in words."""
        result, said = self.rows[index.row()]
        words = " ".join(change.text for change in said)
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{words}, hybrid {told_score(result.hybrid, result.measure)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            settings = result.settings
            return (
                f"Layer {settings.layer}, {words}: hybrid {told_score(result.hybrid, result.measure)}. "
                "A click brings these settings back"
            )
        return None


class HistoryList(QListView):
    """``requested`` carries the settings of the fit that a click, Enter or the space key chooses."""

    requested = Signal(object, str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("historyList")
        self.setAccessibleName("Fits so far, newest first")
        self.setAccessibleDescription("Enter brings a fit's settings back")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self._model, self._delegate = _Model(), _Row()
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.setMinimumHeight(2 * _ROW)
        self.activated.connect(self._ask)
        self.clicked.connect(self._ask)

    def show_results(self, results: Sequence[FitResult], shown: FitResult | None) -> None:
        """List `results`, which come oldest first, and mark the one `shown`."""
        self._model.show(results)
        self._delegate.shown = None if shown is None else shown.settings
        self.viewport().update()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._delegate.theme = theme
        self.viewport().update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room of all rows."""
        return QSize(super().sizeHint().width(), _ROW * max(2, self._model.rowCount()) + 2)

    def keyPressEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        """Choose the current fit with Enter or the space key."""
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._ask(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _ask(self, index: QModelIndex) -> None:
        self.requested.emit(self._model.rows[index.row()][0].settings, "go back to a fit")


class _Row(QStyledItemDelegate):
    """Draws what a fit changed, a bar as long as its score, and the score."""

    theme: Theme = LIGHT
    shown: object = None

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        """Return the height of a row."""
        return QSize(0, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a row; the fit on screen lies on the selection's colour, and its score is bold."""
        model = index.model()
        assert isinstance(model, _Model)
        result, said = model.rows[index.row()]
        room: QRectF = option.rect.toRectF()
        state = option.state
        here, theme = result.settings == self.shown, self.theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if here or state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(room, QColor(theme.selection if here else theme.ground))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(theme.accent))
            painter.drawRect(room.adjusted(0.5, 0.5, -0.5, -0.5))
        inner = room.adjusted(_EDGE, 0, -_EDGE, 0)
        self._draw_words(painter, inner.adjusted(0, 0, -(_bar_of(inner) + _FIGURE + 2 * _GAP), 0), said, here)
        self._draw_score(painter, inner, result, here)
        painter.restore()

    def _draw_words(self, painter: QPainter, room: QRectF, said: Sequence[Change], here: bool) -> None:
        """Draw the settings, those that changed bold; of fits not shown `here` the others are muted."""
        left = room.left()
        for change in said:
            painter.setFont(bold(SMALL) if change.new else font(SMALL))
            painter.setPen(QColor(self.theme.ink if change.new or here else self.theme.muted))
            metrics = QFontMetrics(painter.font())
            text = metrics.elidedText(change.text, Qt.TextElideMode.ElideRight, int(room.right() - left))
            painter.drawText(QRectF(left, room.top(), room.width(), room.height()), Qt.AlignmentFlag.AlignVCenter, text)
            left += metrics.horizontalAdvance(text) + 5
            if text != change.text:
                return

    def _draw_score(self, painter: QPainter, room: QRectF, result: FitResult, strong: bool) -> None:
        theme, value = self.theme, hybrid_measure(result)
        length = _bar_of(room)
        bar = QRectF(room.right() - _FIGURE - _GAP - length, room.center().y() - 2.5, length, 5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.track))
        painter.drawRoundedRect(bar, 2, 2)
        if value > 0:
            bar.setWidth(length * min(1.0, value))
            painter.setBrush(QColor(theme.hybrid))
            painter.drawRoundedRect(bar, 2, 2)
        painter.setFont(bold(SMALL) if strong else font(SMALL))
        painter.setPen(QColor(theme.ink))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, right, score_figure(result.hybrid, result.measure))


def _bar_of(room: QRectF) -> float:
    """Return the length of a whole bar: over half of the row where the panel is wide."""
    return max(float(_BAR), 0.6 * (room.width() - _WORDS))
