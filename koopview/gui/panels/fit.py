"""The Fit panel: every setting of a fit, and what it gave in figures."""

import math
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from koopview.gui.history import numerical_rank
from koopview.gui.text import lift_sentence, percent, seconds, short
from koopview.gui.theme import UNIT, Theme
from koopview.gui.widgets.card import Card, label, rule
from koopview.gui.widgets.fields import Choice, NumberField, slider
from koopview.gui.widgets.figures import Figures
from koopview.gui.widgets.veil import Veil
from koopview.study.result import FitResult
from koopview.study.settings import FitSettings
from koopview.trajectory import SCALINGS

MOST_STEPS, MOST_SAMPLES, MOST_RANK = 1000, 1_000_000, 100_000
_NARROWEST = 228
_FIGURES = (
    ("hybrid", "Accuracy of the network with the ticked layers replaced by their operators, on test samples"),
    ("agreement", "Share of test samples that hybrid and original network predict alike"),
    ("output error", "Relative error of the hybrid network's output, in the Frobenius norm"),
    ("numerical rank", "Singular values above the cut-off: the largest rank r that can be used"),
    ("decomposition", "How the snapshots were decomposed: exact, gram or randomized"),
    ("time", "Trajectories, decomposition and evaluation together"),
)


class FitPanel(Card):
    """``requested`` carries the settings that a control asks for."""

    requested = Signal(object)

    def __init__(self) -> None:
        super().__init__("Fit")
        self._settings: FitSettings | None = None
        self._result: FitResult | None = None
        self._make_controls()
        self.figures = Figures(_FIGURES, strong=0)
        self._veil = Veil(self.figures)
        self.controls = QWidget()
        column = QVBoxLayout(self.controls)
        column.setContentsMargins(12, 2, 12, 12)
        column.setSpacing(7)
        self._lay_out(column)
        self.body.addWidget(_scrolled(self.controls))
        self._connect()
        self.setMinimumWidth(_NARROWEST)
        self.show_settings(None)
        self.show_result(None)

    def show_settings(self, settings: FitSettings | None) -> None:
        """Set every control as `settings` says, without asking for anything."""
        self._settings = settings
        self.controls.setVisible(settings is not None)
        if settings is None:
            self.lift.setText("")
            return
        widgets = (
            self.scaling,
            self.steps,
            self.delays,
            self.delay_slider,
            self.rank,
            self.auto,
            self.samples,
            self.every,
        )
        blockers = [QSignalBlocker(widget) for widget in widgets]
        self.scaling.setCurrentIndex(self.scaling.findText(settings.scaling))
        self.steps.setValue(settings.steps)
        for widget in (self.delays, self.delay_slider):
            widget.setMaximum(settings.steps)
            widget.setValue(settings.delays)
        self.auto.setChecked(settings.rank is None)
        self.every.setChecked(settings.samples is None)
        self.samples.setEnabled(settings.samples is not None)
        if settings.samples is not None:
            self.samples.setValue(settings.samples)
        self.lift.setText(lift_sentence(settings.lift_fraction))
        del blockers
        self._show_rank()

    def show_result(self, result: FitResult | None) -> None:
        """Write the figures of `result`; dashes for None."""
        self._result = result
        self.figures.show_values(["–"] * len(_FIGURES) if result is None else figure_values(result))
        self.auto.setText(auto_text(result))
        if result is not None and result.settings.samples is None:
            with QSignalBlocker(self.samples):
                self.samples.setValue(result.fit_samples)
        self._show_rank()

    def set_stale(self, stale: bool) -> None:
        """Dim the figures while they do not match the controls."""
        self._veil.drop(stale)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._veil.set_theme(theme)

    def _make_controls(self) -> None:
        self.scaling = Choice()
        self.scaling.setObjectName("scalingBox")
        self.scaling.setAccessibleName("Scaling")
        self.scaling.addItems(list(SCALINGS))
        self.scaling.setToolTip(
            "Scaling: how the layer becomes N small steps; linear is the control experiment, which two delays predict "
            "exactly whatever the layer does"
        )
        steps = "Steps N: into how many small steps the layer is scaled"
        self.steps = NumberField("stepsSpin", "Steps N", steps, 1, MOST_STEPS)
        delays = "Delays h: how many states in a row make one lifted state, 1 to N"
        self.delays = NumberField("delaySpin", "Delays h", delays, 1, 20)
        self.delay_slider = slider("delaySlider", "Delays h", delays)
        rank = "Rank r: how many singular values, and so eigenvalues, the operator keeps"
        self.rank = NumberField("rankSpin", "Rank r", rank, 1, MOST_RANK)
        self.rank_slider = slider("rankSlider", "Rank r", rank)
        self.auto = QCheckBox()
        self.auto.setObjectName("autoRankCheck")
        self.auto.setAccessibleName("Automatic rank")
        self.auto.setProperty("role", "small")
        self.auto.setToolTip(
            "Automatic rank r: the optimal hard threshold for singular values (Gavish and Donoho 2014)"
        )
        samples = "Samples B: how many training samples the operator is fitted on"
        self.samples = NumberField("samplesSpin", "Samples B", samples, 1, MOST_SAMPLES)
        self.every = QCheckBox("all")
        self.every.setObjectName("allSamplesCheck")
        self.every.setAccessibleName("All training samples")
        self.every.setProperty("role", "small")
        self.every.setToolTip("Samples B: take all training samples there are")
        self.lift, self.lowered = _sentence(), _sentence()

    def _lay_out(self, column: QVBoxLayout) -> None:
        parts: list[QWidget] = [
            _row("scaling", self.scaling),
            _row("steps N", self.steps),
            _row("delays h", self.delays),
            self.delay_slider,
            self.lift,
            _row("rank r", self.rank),
            self.rank_slider,
            self.auto,
            self.lowered,
            _row("samples B", self.every, self.samples),
            rule(),
            self.figures,
        ]
        for part in parts:
            column.addWidget(part)
        column.addStretch(1)

    def _connect(self) -> None:
        self.scaling.currentTextChanged.connect(lambda text: self._ask(scaling=text))
        self.steps.valueChanged.connect(self._ask_steps)
        for widget in (self.delays, self.delay_slider):
            widget.valueChanged.connect(lambda value: self._ask(delays=value))
        for widget in (self.rank, self.rank_slider):
            widget.valueChanged.connect(lambda value: self._ask(rank=value))
        self.auto.toggled.connect(lambda ticked: self._ask(rank=None if ticked else self.rank.value()))
        self.samples.valueChanged.connect(lambda value: self._ask(samples=value))
        self.every.toggled.connect(lambda ticked: self._ask(samples=None if ticked else self.samples.value()))

    def _ask_steps(self, steps: int) -> None:
        if self._settings is not None:
            self._ask(steps=steps, delays=min(self._settings.delays, steps))

    def _ask(self, **changes: Any) -> None:
        if self._settings is None:
            return
        wanted = replace(self._settings, **changes)
        if wanted != self._settings:
            self.requested.emit(wanted)

    def _show_rank(self) -> None:
        """Show the rank asked for, or the one that auto chose; the slider reaches what one decomposition serves."""
        settings, result = self._settings, self._result
        if settings is None:
            return
        asked = (
            settings.rank if settings.rank is not None else (result.rank if result is not None else self.rank.value())
        )
        limit = max(1, min(result.kept_rank, result.numerical_rank)) if result is not None else max(asked, 1)
        blockers = [QSignalBlocker(widget) for widget in (self.rank, self.rank_slider)]
        self.rank.setValue(asked)
        self.rank_slider.setMaximum(limit)
        self.rank_slider.setValue(min(asked, limit))
        del blockers
        lowered = result is not None and settings.rank is not None and result.settings.rank == settings.rank
        lowered = lowered and result is not None and result.rank < asked
        self.lowered.setVisible(bool(lowered))
        if lowered and result is not None:
            self.lowered.setText(f"lowered to r = {result.rank}: the numerical rank is {result.numerical_rank}")


def figure_values(result: FitResult) -> list[str]:
    """Return the figures of `result` in the order of the list."""
    return [
        percent(result.accuracy.get("hybrid")),
        percent(result.agreement),
        short(result.output_error),
        numerical_rank(result),
        result.decomposition,
        seconds(math.fsum(result.seconds.values())),
    ]


def auto_text(result: FitResult | None) -> str:
    """Return the automatic rank's name, with the rank where it is known."""
    return "auto rank (Gavish–Donoho" + (f": {result.auto_rank})" if result and result.auto_rank is not None else ")")


def _row(name: str, *controls: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(UNIT)
    text = QLabel(name)
    text.setBuddy(controls[-1])
    text.setToolTip(controls[-1].toolTip())
    layout.addWidget(text)
    layout.addStretch(1)
    for control in controls:
        layout.addWidget(control)
    return row


def _sentence() -> QLabel:
    sentence = label("", "small")
    sentence.setWordWrap(True)
    return sentence


def _scrolled(widget: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(widget)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
