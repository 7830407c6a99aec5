"""The settings of a fit as fields and sliders, each beside its symbol."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from koopview.gui.looks.theme import UNIT
from koopview.gui.text import lift_sentence
from koopview.gui.widgets.card import label
from koopview.gui.widgets.fields import Choice, NumberField, slider
from koopview.koopman.observables import OBSERVABLES, usual_centres
from koopview.koopman.rank import AUTO
from koopview.study.result import FitResult
from koopview.study.settings import FitSettings, with_usual_steps
from koopview.trajectory import SCALINGS

MOST_STEPS, MOST_SAMPLES, MOST_RANK, MOST_CENTRES = 1000, 1_000_000, 100_000, 100_000


class FitControls(QWidget):
    """``requested`` carries the settings that a control asks for, ``refused`` what it cannot take, in a sentence."""

    requested = Signal(object)
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._settings: FitSettings | None = None
        self._result: FitResult | None = None
        self._make_choices()
        self._make_numbers()
        self._lay_out()
        self._connect()
        self.show_settings(None)

    def show_settings(self, settings: FitSettings | None) -> None:
        """Set every control as `settings` says, without asking for anything."""
        self._settings = settings
        if settings is None:
            self.lift.setText("")
            return
        blockers = [QSignalBlocker(widget) for widget in self.findChildren(QWidget)]
        self.scaling.setCurrentIndex(self.scaling.findText(settings.scaling))
        self.observables.setCurrentIndex(self.observables.findText(settings.observables))
        self.centres.setValue(settings.centres or usual_centres(settings.samples or MOST_SAMPLES))
        self.centres_row.setVisible(settings.observables == "rbf")
        self.steps.setValue(settings.steps)
        for widget in (self.delays, self.delay_slider):
            widget.setMaximum(settings.steps)
            widget.setValue(settings.delays)
        self.auto.setChecked(settings.rank == AUTO)
        self.every.setChecked(settings.samples is None)
        self.samples.setEnabled(settings.samples is not None)
        if settings.samples is not None:
            self.samples.setValue(settings.samples)
        self.lift.setText(lift_sentence(settings.lift_fraction))
        del blockers
        self._show_rank()

    def show_result(self, result: FitResult | None) -> None:
        """Take from `result` what only a fit can tell: the automatic rank, how many samples are all."""
        self._result = result
        self.auto.setText(auto_text(result))
        if result is not None and result.settings.samples is None:
            with QSignalBlocker(self.samples):
                self.samples.setValue(result.fit_samples)
        self._show_rank()

    def _make_choices(self) -> None:
        scaling = (
            "Scaling: how the layer becomes N small steps; homotopy by a formula, flow by one learned velocity for all "
            "steps, inserted by N learned layers; linear is the control experiment, which two delays predict exactly "
            "whatever the layer does"
        )
        observables = (
            "Observables: what the operator sees of each state beside the state itself; delay is the state alone, "
            "stacked over h steps"
        )
        self.scaling = Choice("scalingBox", "Scaling", scaling, SCALINGS)
        self.observables = Choice("observablesBox", "Observables", observables, OBSERVABLES)
        centres = "Centres: how many radial basis functions the operator sees of each state"
        self.centres = NumberField("centresSpin", "Centres", centres, 1, MOST_CENTRES)
        self.lift, self.lowered = _sentence(), _sentence()

    def _make_numbers(self) -> None:
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
            "Automatic rank r: all that is more than rounding; of a large problem the best of some on samples apart"
        )
        samples = "Samples B: how many training samples the operator is fitted on"
        self.samples = NumberField("samplesSpin", "Samples B", samples, 1, MOST_SAMPLES)
        self.every = QCheckBox("all")
        self.every.setObjectName("allSamplesCheck")
        self.every.setAccessibleName("All training samples")
        self.every.setProperty("role", "small")
        self.every.setToolTip("Samples B: take all training samples there are")

    def _lay_out(self) -> None:
        self.centres_row = _row("centres", self.centres)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        for part in (
            _row("scaling", self.scaling),
            _row("observables", self.observables),
            self.centres_row,
            _row("steps N", self.steps),
            _row("delays h", self.delays),
            self.delay_slider,
            self.lift,
            _row("rank r", self.rank),
            self.rank_slider,
            self.auto,
            self.lowered,
            _row("samples B", self.every, self.samples),
        ):
            column.addWidget(part)

    def _connect(self) -> None:
        self.scaling.currentTextChanged.connect(lambda text: self._ask(scaling=text))
        self.observables.currentTextChanged.connect(self._ask_observables)
        self.centres.valueChanged.connect(lambda value: self._ask(centres=value))
        self.steps.valueChanged.connect(self._ask_steps)
        for widget in (self.delays, self.delay_slider):
            widget.valueChanged.connect(lambda value: self._ask(delays=value))
        for widget in (self.rank, self.rank_slider):
            widget.valueChanged.connect(lambda value: self._ask(rank=value))
        self.auto.toggled.connect(lambda ticked: self._ask(rank=AUTO if ticked else self.rank.value()))
        self.samples.valueChanged.connect(lambda value: self._ask(samples=value))
        for field in (self.centres, self.steps, self.delays, self.rank, self.samples):
            field.refused.connect(self.refused)
        self.every.toggled.connect(lambda ticked: self._ask(samples=None if ticked else self.samples.value()))

    def _ask_steps(self, steps: int) -> None:
        if self._settings is not None:
            self._ask(steps=steps, delays=min(self._settings.delays, steps))

    def _ask_observables(self, name: str) -> None:
        """Ask for other observables with what they are at home with: delays need small steps, the others none."""
        if self._settings is None:
            return
        at_home = with_usual_steps({"observables": name})
        usual = FitSettings(self._settings.layer, **at_home)
        stays = name == OBSERVABLES[0] and self._settings.steps > 1
        self._ask(**at_home if stays else {**at_home, "steps": usual.steps, "delays": usual.delays, "rank": AUTO})

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
        known = result.rank if result is not None else self.rank.value()
        asked = settings.rank if isinstance(settings.rank, int) else known
        limit = result.kept_rank if result is not None else max(asked, 1)
        blockers = [QSignalBlocker(widget) for widget in (self.rank, self.rank_slider)]
        self.rank.setValue(asked)
        self.rank_slider.setMaximum(limit)
        self.rank_slider.setValue(min(asked, limit))
        del blockers
        lowered = result is not None and isinstance(settings.rank, int) and result.settings.rank == settings.rank
        lowered = lowered and result is not None and result.rank < asked
        self.lowered.setVisible(bool(lowered))
        if lowered and result is not None:
            self.lowered.setText(f"lowered to r = {result.rank}: the numerical rank is {result.numerical_rank}")


def auto_text(result: FitResult | None) -> str:
    """Return the automatic rank's name, with the rank where it is known."""
    return "auto rank" + (f" ({result.auto_rank})" if result and result.auto_rank is not None else "")


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
