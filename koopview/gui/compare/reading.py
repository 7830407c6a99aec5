"""The distance of the spectra in words: the ruler, one sentence, and what to know before reading it."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from koopview.gui.compare.distance_ruler import DistanceRuler
from koopview.gui.compare.words import sizes
from koopview.gui.looks.theme import UNIT, Theme
from koopview.gui.widgets.card import Card, label, scrolled
from koopview.study.comparing import DEFINITION, Comparison, verdict

NOT_READ_YET = "The other draws of the samples, to read the distance by, are not fitted yet"


class DistanceCard(Card):
    """A card with the distance of the spectra beside its yardstick."""

    def __init__(self) -> None:
        super().__init__("Distance of the spectra")
        self.ruler = DistanceRuler()
        self.verdict, self.cautions = _wrapped("strong"), _wrapped("small")
        self.verdict.setObjectName("compareVerdict")
        words = QWidget()
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, UNIT, 0)
        column.setSpacing(UNIT // 2)
        column.addWidget(self.verdict)
        column.addWidget(self.cautions)
        column.addStretch(1)
        self.body.setContentsMargins(12, 2, 10, UNIT)
        self.body.setSpacing(UNIT // 2)
        self.body.addWidget(self.ruler)
        area = scrolled(words, across=False)
        area.setMinimumHeight(36)
        self.body.addWidget(area, 1)

    def show_comparison(self, found: Comparison | None, unit: str, whole: bool) -> None:
        """Show the distance of a comparison in one of UNITS; the yardstick is still measured unless it is `whole`."""
        self.note.setText("" if found is None else f"per {unit} · {sizes(found)}")
        distance = None if found is None else found.distances[unit]
        self.ruler.show_distance(distance)
        unknown = distance is None or (distance.ratio is None and not whole)
        self.verdict.setText(NOT_READ_YET if unknown or distance is None else verdict(distance))
        told = () if found is None else (*found.cautions, f"{DEFINITION.format(order=found.order)}.")
        self.cautions.setText("\n".join(told).replace("|a - b|", "|a\u00a0−\u00a0b|"))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the least size: a saved picture, which is narrower, then keeps the height that its words need."""
        return self.minimumSizeHint()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self.ruler.set_theme(theme)


def _wrapped(role: str) -> QLabel:
    made = label("", role)
    made.setWordWrap(True)
    made.setAlignment(Qt.AlignmentFlag.AlignTop)
    return made
