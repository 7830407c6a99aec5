"""The distance of two spectra on a ruler, beside what it is to be read by."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from koopview.gui.compare.side_looks import side_colours
from koopview.gui.looks.pens import pen
from koopview.gui.looks.theme import SMALL, bold, font
from koopview.gui.plots.painted import Painted
from koopview.gui.text import short
from koopview.study.comparing import SpectralDistance
from koopview.study.sides import SIDES

_HIGHEST, _LOWEST, _NAME, _FIGURE = 22, 15, 178, 52
_MIDDLE = Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Length:
    """A length on the ruler: its name, its value or None if not known, and the side it is of (None: of both)."""

    name: str
    value: float | None
    side: int | None


class DistanceRuler(Painted):
    """Bars from 0: two draws of each side, the distance, and each side from an operator that does nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("compareDistance")
        self.lengths: tuple[Length, ...] = ()
        self.setAccessibleName("Distance of the spectra beside what it is to be read by")
        self.setToolTip(
            "The distance of the spectra stands between how far two draws of one fit's samples are apart, which is "
            "chance, and how far each operator is from one that does nothing (all λ = 1)"
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMaximumHeight(5 * _HIGHEST)

    def show_distance(self, found: SpectralDistance | None) -> None:
        """Draw a distance, nothing for None."""
        self.lengths = () if found is None else lengths_of(found)
        told = [f"{one.name} {'not known' if one.value is None else short(one.value)}" for one in self.lengths]
        self.setAccessibleDescription(", ".join(told))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room that five bars want."""
        return QSize(420, 5 * _HIGHEST)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the least room."""
        return QSize(300, 5 * _LOWEST)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw every length with its name and number."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        longest = max((one.value or 0.0 for one in self.lengths), default=0.0) or 1.0
        room, height = self.width() - _NAME - _FIGURE - 8, self.height() / max(1, len(self.lengths))
        for index, one in enumerate(self.lengths):
            strong = one.side is None
            painter.setFont(bold(SMALL) if strong else font(SMALL))
            band = QRectF(0, index * height, self.width(), height)
            painter.setPen(QColor(self._theme.ink if strong else self._theme.muted))
            painter.drawText(QRectF(0, band.top(), _NAME, height), _MIDDLE, one.name)
            self._draw_bar(painter, one, band, room * (one.value or 0.0) / longest)

    def _draw_bar(self, painter: QPainter, one: Length, band: QRectF, length: float) -> None:
        colour = self._theme.ink if one.side is None else side_colours(self._theme)[one.side]
        bar = QRectF(_NAME, band.center().y() - 4, max(length, 1.5), 8)
        if one.value is not None and one.side == 1:  # B is open, as its marker is
            painter.setPen(pen(colour, 1.6))
            painter.setBrush(QColor(0, 0, 0, 0))
            painter.drawRect(bar.adjusted(0.8, 0.8, -0.8, -0.8) if bar.width() > 4 else bar)
        elif one.value is not None:
            painter.fillRect(bar, QColor(colour))
        text = "–" if one.value is None else short(one.value)
        painter.setPen(QColor(self._theme.ink))
        at = QPointF(bar.right() + 6 if one.value is not None else _NAME, band.top())
        width = QFontMetrics(bold(SMALL)).horizontalAdvance(text) + 4
        painter.drawText(QRectF(at.x(), at.y(), width, band.height()), _MIDDLE, text)


def lengths_of(found: SpectralDistance) -> tuple[Length, ...]:
    """Return the lengths that a distance is shown beside, the distance between them."""
    draws = [None if one is None else one.mean for one in found.yardsticks]
    sides = list(enumerate(SIDES))
    return (
        *(Length(f"two draws of {name}’s samples", draws[side], side) for side, name in sides),
        Length("A from B", found.transport.distance, None),
        *(Length(f"{name} from doing nothing (λ = 1)", found.from_one[side], side) for side, name in sides),
    )
