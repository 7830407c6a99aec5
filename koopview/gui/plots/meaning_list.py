"""The changed test samples as a list: with their pictures side by side, or a line each."""

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyledItemDelegate, QStyleOptionViewItem

from koopview.gui.looks.pens import pen
from koopview.gui.looks.theme import LIGHT, SMALL, UNIT, Theme, font
from koopview.gui.plots.meaning_marks import draw_verdict
from koopview.gui.plots.meaning_words import ARROW, change_text, sample_words, spoken_change, verdict
from koopview.gui.text import class_name, count
from koopview.gui.widgets.sample_pictures import draw_picture, image_of, pictures
from koopview.study.views import ChangedView

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_ROLES = Qt.ItemDataRole
_LEAST, _MOST, _ACROSS = 38, 112, 8
"""Sides of a picture in a narrow and in a wide list, and how many stand side by side in one between."""
_WORDS, _ROW, _MARK = 18, 26, 14
_WIDEST = 460
"""Most width of a line, so that its ends are read together."""
_EDGES = 6
"""Width that Qt leaves free beside a row of pictures."""
_WIDE = 280
"""Width of a line that has room for its label too."""
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class ChangedModel(QAbstractListModel):
    """The samples of a ChangedView: the change as text, all of it as tooltip and for screen readers."""

    def __init__(self) -> None:
        super().__init__()
        self.view: ChangedView | None = None
        self._bytes: np.ndarray | None = None
        self._images: dict[int, QImage] = {}

    @property
    def pictured(self) -> bool:
        """Whether samples have pictures."""
        return self._bytes is not None

    def image(self, position: int) -> QImage:
        """Return the picture of a sample, made when it is first drawn."""
        assert self._bytes is not None
        if position not in self._images:
            self._images[position] = image_of(self._bytes[position])
        return self._images[position]

    def show_view(self, view: ChangedView) -> None:
        """Replace all samples."""
        self.beginResetModel()
        self.view = view
        self._bytes = None if view.pictures is None or not len(view.pictures) else pictures(view.pictures)
        self._images = {}
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        """Return the number of samples; of pictures, those that the view holds."""
        if parent.isValid() or self.view is None:
            return 0
        return len(self.view.samples) if self._bytes is None else len(self._bytes)

    def data(self, index: Index, role: int = _ROLES.DisplayRole) -> Any:
        """Return a sample's texts."""
        if self.view is None or not index.isValid():
            return None
        if role == _ROLES.DisplayRole:
            return change_text(self.view, index.row())
        if role == _ROLES.ToolTipRole:
            return sample_words(self.view, index.row())
        return spoken_change(self.view, index.row()) if role == _ROLES.AccessibleTextRole else None


class ChangedDelegate(QStyledItemDelegate):
    """Paints a sample: its picture above the change, or its number before it; a mark says what became of the answer."""

    def __init__(self, model: ChangedModel) -> None:
        super().__init__()
        self._model, self.theme, self.cell = model, LIGHT, QSize(_LEAST, _ROW)
        self.words = self.numbers = 0
        """Widths of the longest change and of the longest number."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        """Return the room of a sample."""
        return self.cell

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw ground, picture, words and mark."""
        view, shown = self._model.view, QStyleOptionViewItem(option)
        if view is None:
            return
        box: QRect = shown.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_ground(painter, shown, box)
        painter.setFont(font(SMALL))
        if self._model.pictured:
            side = box.width() - UNIT
            place = QRect(box.left() + UNIT // 2, box.top() + UNIT // 2, side, side)
            draw_picture(painter, place, self._model.image(index.row()), self.theme.line)
            words = QRect(place.left(), place.bottom() + 2, side, _WORDS - 2)
        else:
            words = box.adjusted(4, 0, -2, 0)
            words.setWidth(min(words.width(), _WIDEST))
            numbers = self.numbers
            if numbers + self.words + _MARK <= words.width():  # of all lines or of none
                painter.setPen(QColor(self.theme.muted))
                painter.drawText(words, _LEFT, f"#{count(int(view.samples[index.row()]) + 1)}")
                words = words.adjusted(numbers, 0, 0, 0)
        self._draw_words(painter, words, view, index.row())
        painter.restore()

    def _draw_ground(self, painter: QPainter, shown: Any, box: QRect) -> None:
        """Show that a sample is chosen or under the mouse."""
        if shown.state & shown.state.State_Selected:
            painter.setPen(pen(self.theme.accent, 1.4))
            painter.setBrush(QColor(self.theme.selection))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 4, 4)
        elif shown.state & shown.state.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.theme.selection))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 4, 4)

    def _draw_words(self, painter: QPainter, box: QRect, view: ChangedView, position: int) -> None:
        said, became = change_text(view, position), verdict(view, position)
        room = box.width() - (_MARK if became else 0)
        painter.setPen(QColor(self.theme.ink))
        painter.drawText(box, _LEFT, elided_change(said, QFontMetrics(font(SMALL)), room))
        if view.labels is not None and not self._model.pictured and box.width() > _WIDE:
            painter.setPen(QColor(self.theme.muted))
            place = box.adjusted(0, 0, -2 * _MARK, 0)
            painter.drawText(place, _RIGHT, f"label {class_name(view.class_names, int(view.labels[position]))}")
        draw_verdict(painter, QPointF(box.right() - 4.5, box.center().y() + 1), became, self.theme.ink)


class ChangedList(QListView):
    """Scrolls through the changed samples; arrow keys and clicks choose one."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("changedList")
        self.setAccessibleName("Changed test samples, most surprising first")
        self.changed = ChangedModel()
        self._paints = ChangedDelegate(self.changed)
        self.setModel(self.changed)
        self.setItemDelegate(self._paints)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.selectionModel().currentChanged.connect(self._tell)

    def show_changed(self, view: ChangedView, chosen: int) -> None:
        """List the samples of `view`; the one at the position `chosen` is current (-1: none)."""
        if view is not self.changed.view:
            self.changed.show_view(view)
            self._paints.words, self._paints.numbers = widths(view)
            self._lay_out()
        if chosen != self.currentIndex().row():
            self.setCurrentIndex(self.changed.index(chosen))

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._paints.theme = theme
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fill the width with whole pictures."""
        self._lay_out()
        super().resizeEvent(event)

    def _lay_out(self) -> None:
        """Set the room of a sample so that a row of them fills the width."""
        pictured, bar = self.changed.pictured, self.verticalScrollBar().sizeHint().width()
        room = max(1, self.maximumViewportSize().width() - bar - _EDGES)
        side = min(_MOST, max(_LEAST, room // _ACROSS, self._paints.words + _MARK - 4))
        width = room // max(1, room // (side + UNIT)) if pictured else room
        cell = QSize(width, width + _WORDS if pictured else _ROW)
        if cell != self._paints.cell or self.isWrapping() != pictured:
            self._paints.cell = cell
            self.setFlow(QListView.Flow.LeftToRight if pictured else QListView.Flow.TopToBottom)
            self.setWrapping(pictured)
            self.setGridSize(cell)
            self.scheduleDelayedItemsLayout()

    def _tell(self, current: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(current.row())


def elided_change(said: str, metrics: QFontMetrics, room: int) -> str:
    """Return a change that fits into `room` pixels, with the beginning of both names: "recov… → lost to…"."""
    if metrics.horizontalAdvance(said) <= room:
        return said
    old, new = said.split(ARROW, 1)
    left = room - metrics.horizontalAdvance(ARROW)
    first, last = (metrics.horizontalAdvance(name) for name in (old, new))
    share = max(left // 2, left - last)
    old = metrics.elidedText(old, Qt.TextElideMode.ElideRight, min(first, share))
    return old + ARROW + metrics.elidedText(new, Qt.TextElideMode.ElideRight, left - metrics.horizontalAdvance(old))


def widths(view: ChangedView) -> tuple[int, int]:
    """Return the widths of the longest change and of the longest number of a sample, in logical pixels."""
    pairs = set(zip(view.original.tolist(), view.hybrid.tolist(), strict=True))
    metrics, names = QFontMetrics(font(SMALL)), view.class_names
    said = (f"{class_name(names, old)} → {class_name(names, new)}" for old, new in pairs)
    longest = max((metrics.horizontalAdvance(words) for words in said), default=0)
    return longest, metrics.horizontalAdvance(f"#{count(view.test_samples)}") + UNIT
