"""The controls to repeat a fit with other draws of the fitting samples: their number, a button, and the outcome."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from koopview.gui.text import counted, score, short
from koopview.gui.widgets.card import tool_button
from koopview.gui.widgets.fields import NumberField
from koopview.gui.widgets.rows import row, sentence
from koopview.study.result import FitResult
from koopview.study.settings import FitSettings
from koopview.words import error_figure, percent_figure

FEWEST, MOST, USUAL = 2, 20, 5
_TIP = "Repeats K: with how many draws of the fitting samples it is fitted, to see how much of a score is their luck"
ONE_DRAW = "All training samples are fitted to: there is one draw of them. Take fewer samples B to repeat."


class RepeatsField(QWidget):
    """``asked`` carries the number of draws to fit."""

    asked = Signal(int)
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.number = NumberField("repeatsSpin", "Repeats K", _TIP, FEWEST, MOST)
        self.number.setValue(USUAL)
        self.button = tool_button("Repeat", "button", "Repeat the fit")
        self.button.setObjectName("repeatButton")
        self.said = sentence()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        column.addWidget(row("repeats K", self.button, self.number))
        column.addWidget(self.said)
        self.button.clicked.connect(lambda: self.asked.emit(self.number.value()))
        self.number.refused.connect(self.refused)

    def show_result(self, settings: FitSettings | None, result: FitResult | None) -> None:
        """Show the outcome of repeats of `result`, or why there can be none."""
        one_draw = settings is not None and settings.samples is None
        able = settings is not None and not one_draw
        self.number.setEnabled(able)
        self.button.setEnabled(able and result is not None)
        self.button.setToolTip(ONE_DRAW if one_draw else "Fit with K draws of the fitting samples, this one the first")
        self.number.setToolTip(ONE_DRAW if one_draw else _TIP)
        words = ONE_DRAW if one_draw else spread_words(result)
        self.said.setText(words)
        self.said.setVisible(bool(words))


def spread_words(result: FitResult | None) -> str:
    """Return mean and deviation of the hybrid's score over the draws: "5 draws: hybrid 95.1 ± 0.8 points"."""
    found = None if result is None else result.spread
    if result is None or found is None:
        return ""
    mean, deviation = found.mean["hybrid"], found.deviation["hybrid"]
    if mean is None or deviation is None:
        return ""
    figures = (
        f"{score(mean, result.measure)} ± {short(deviation)}"
        if result.measure == "r2"
        else f"{percent_figure(mean)} ± {error_figure(deviation)} points"
    )
    return f"{counted(found.draws, 'draw')} of {result.fit_samples:,} samples: hybrid {figures} (standard deviation)"
