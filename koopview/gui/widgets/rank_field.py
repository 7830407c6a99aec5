"""The rank of a fit: a number, or a word that chooses one."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from koopview.gui.looks.theme import UNIT
from koopview.gui.widgets.fields import Choice, NumberField, slider
from koopview.gui.widgets.rows import row, sentence, tick
from koopview.koopman.rank import AUTO, GAVISH_DONOHO, NUMERICAL
from koopview.study.result import FitResult
from koopview.study.settings import FitSettings

MOST_RANK = 100_000
_TIP = "Rank r: how many singular values, and so eigenvalues, the operator keeps"
_AUTO_TIP = (
    "Automatic rank r: all that is more than rounding, unless another does clearly better on samples apart; of a large "
    "problem the one that does best there"
)
_WORDS = (
    ("number", None, "the number in the field"),
    ("auto", AUTO, "all that is more than rounding, unless another does clearly better on samples apart"),
    ("numerical", NUMERICAL, "all singular values that are more than rounding"),
    ("Gavish–Donoho", GAVISH_DONOHO, "the optimal threshold for noisy data; computed paths carry no noise"),
)


class RankField(QWidget):
    """``requested`` carries the requested rank, a number or a word."""

    requested = Signal(object)
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.number = NumberField("rankSpin", "Rank r", _TIP, 1, MOST_RANK)
        self.slider = slider("rankSlider", "Rank r", _TIP)
        self.auto = tick("", "autoRankCheck", "Automatic rank", _AUTO_TIP)
        words = "; ".join(f"{text}: {meaning}" for text, _, meaning in _WORDS)
        self.words = Choice("rankWordBox", "How the rank is chosen", f"How the rank r is chosen. {words}")
        for index, (text, word, meaning) in enumerate(_WORDS):
            self.words.addItem(text, word)
            self.words.setItemData(index, meaning, Qt.ItemDataRole.ToolTipRole)
        self.words.setProperty("role", "compact")
        self.said = sentence()
        self._lay_out()
        for control in (self.number, self.slider):
            control.valueChanged.connect(lambda rank: self.requested.emit(rank))
        self.auto.toggled.connect(lambda ticked: self.requested.emit(AUTO if ticked else self.number.value()))
        self.words.currentIndexChanged.connect(lambda: self.requested.emit(self._worded()))
        self.number.refused.connect(self.refused)

    def show_rank(self, settings: FitSettings, result: FitResult | None) -> None:
        """Show the rank asked for, or the one that a word chose; the slider covers the ranks of one decomposition."""
        blockers = [QSignalBlocker(widget) for widget in self.findChildren(QWidget)]
        known = result.rank if result is not None else self.number.value()
        asked = settings.rank if isinstance(settings.rank, int) else known
        limit = result.kept_rank if result is not None else max(asked, 1)
        self.number.setValue(asked)
        self.slider.setMaximum(limit)
        self.slider.setValue(min(asked, limit))
        self.auto.setChecked(settings.rank == AUTO)
        self.auto.setText(auto_text(result) if settings.rank != AUTO else "auto rank")
        self.words.setCurrentIndex(self.words.findData(None if isinstance(settings.rank, int) else settings.rank))
        del blockers
        words = rank_words(settings, result)
        self.said.setText(words)
        self.said.setVisible(bool(words))

    def _worded(self) -> int | str:
        word = self.words.currentData()
        return self.number.value() if word is None else str(word)

    def _lay_out(self) -> None:
        choice = QHBoxLayout()
        choice.setSpacing(UNIT)
        choice.addWidget(self.auto)
        choice.addStretch(1)
        choice.addWidget(self.words)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        column.addWidget(row("rank r", self.number))
        column.addWidget(self.slider)
        column.addLayout(choice)
        column.addWidget(self.said)


def auto_text(result: FitResult | None) -> str:
    """Return the automatic rank's name, with the rank if it is known: "auto rank 48"."""
    return "auto rank" + (f" {result.auto_rank:,}" if result and result.auto_rank is not None else "")


def rank_words(settings: FitSettings, result: FitResult | None) -> str:
    """Return why the rank differs from the one asked for, or how a word chose it; empty otherwise."""
    if result is None or result.settings.rank != settings.rank:
        return ""
    if settings.rank == AUTO:
        whole = result.rank == result.numerical_rank
        return f"auto rank {result.rank:,}: {'all above rounding' if whole else 'does best on samples apart'}"
    if settings.rank == NUMERICAL:
        return f"numerical rank {result.rank:,}: all above rounding"
    if settings.rank == GAVISH_DONOHO:
        return f"Gavish–Donoho {result.rank:,}: made for noisy data, it cuts signal of computed paths"
    if isinstance(settings.rank, int) and result.rank < settings.rank:
        known = result.numerical_rank if result.numerical_rank is not None else result.rank
        return f"lowered to r = {result.rank:,}: the numerical rank is {known:,}"
    return ""
