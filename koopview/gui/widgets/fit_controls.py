"""The settings of a fit as fields and sliders, each beside its symbol."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from koopview.gui.text import lift_sentence
from koopview.gui.widgets.fields import Choice, NumberField, slider
from koopview.gui.widgets.rank_field import RankField
from koopview.gui.widgets.rows import row, sentence, tick
from koopview.gui.widgets.schedule_field import ScheduleField
from koopview.gui.widgets.states_field import StatesField
from koopview.koopman.observables import OBSERVABLES, usual_centres
from koopview.koopman.rank import AUTO
from koopview.network.info import LayerInfo
from koopview.study.result import SMOOTH, FitResult
from koopview.study.settings import FitSettings, with_usual_steps
from koopview.trajectory import SCALINGS

MOST_STEPS, MOST_SAMPLES, MOST_CENTRES = 1000, 1_000_000, 100_000


class FitControls(QWidget):
    """``requested`` carries the settings that a control requests, ``refused`` a sentence about invalid input."""

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
        """Set every control to `settings`, without a request."""
        self._settings = settings
        if settings is None:
            self.lift.setText("")
            return
        blockers = [QSignalBlocker(widget) for widget in self.findChildren(QWidget)]
        self.schedule_row.setVisible(settings.schedule is not None)
        self.schedule.show_schedule(settings.schedule)
        self.states.show_states(settings.states)
        self.scaling.setCurrentIndex(self.scaling.findText(settings.scaling))
        self.observables.setCurrentIndex(self.observables.findText(settings.observables))
        self.centres_row.setVisible(settings.observables == "rbf")
        self.usual.setChecked(settings.centres is None)
        self.steps.setValue(settings.steps)
        for widget in (self.delays, self.delay_slider):
            widget.setMaximum(settings.steps)
            widget.setValue(settings.delays)
        self.every.setChecked(settings.samples is None)
        self.samples.setEnabled(settings.samples is not None)
        if settings.samples is not None:
            self.samples.setValue(settings.samples)
        del blockers
        self._show_what_a_fit_tells()

    def show_layer(self, layer: LayerInfo | None) -> None:
        """Offer the states that a layer has; a layer of rows of numbers has no others than these."""
        self.states.show_layer(layer)
        self.states_row.setVisible(layer is not None and bool(layer.in_shape))

    def show_result(self, result: FitResult | None) -> None:
        """Show values that only a fit knows: the rank that a word chose, and the number of all samples."""
        self._result = result
        self._show_what_a_fit_tells()

    def _show_what_a_fit_tells(self) -> None:
        settings, result = self._settings, self._result
        if settings is None:
            return
        if settings.samples is None and result is not None and result.settings.samples is None:
            with QSignalBlocker(self.samples):
                self.samples.setValue(result.fit_samples)
        with QSignalBlocker(self.centres):
            self.centres.setEnabled(settings.centres is not None)
            self.centres.setValue(settings.centres or usual_centres(self.samples.value()))
        self.rank_field.show_rank(settings, result)
        smooth = f". The path is {SMOOTH}" if result is not None and result.smooth else ""
        self.lift.setText(f"{lift_sentence(settings.lift_fraction)}{smooth}")

    def _make_choices(self) -> None:
        scaling = (
            "Scaling: how the layer becomes N small steps; homotopy by a formula, flow by one learned velocity for all "
            "steps, inserted by N learned layers; linear is the control experiment, which two delays predict exactly "
            "at the numerical rank, whatever the layer does"
        )
        observables = (
            "Observables: what the operator sees of each state beside the state itself; delay is the state alone, "
            "stacked over h steps"
        )
        self.scaling = Choice("scalingBox", "Scaling", scaling, SCALINGS)
        self.observables = Choice("observablesBox", "Observables", observables, OBSERVABLES)
        centres = "Centres: how many radial basis functions the operator sees of each state"
        self.centres = NumberField("centresSpin", "Centres", centres, 1, MOST_CENTRES)
        usual = "Centres: as many as the samples carry, one for four of them, 500 at most"
        self.usual = tick("auto", "autoCentresCheck", "As many centres as the samples carry", usual)
        self.schedule, self.states, self.lift = ScheduleField(), StatesField(), sentence()

    def _make_numbers(self) -> None:
        steps = "Steps N: into how many small steps the layer is scaled"
        self.steps = NumberField("stepsSpin", "Steps N", steps, 1, MOST_STEPS)
        delays = "Delays h: how many states in a row make one lifted state, 1 to N"
        self.delays = NumberField("delaySpin", "Delays h", delays, 1, 20)
        self.delay_slider = slider("delaySlider", "Delays h", delays)
        self.rank_field = RankField()
        self.rank, self.rank_slider, self.auto = self.rank_field.number, self.rank_field.slider, self.rank_field.auto
        self.lowered = self.rank_field.said
        samples = "Samples B: how many training samples the operator is fitted on"
        self.samples = NumberField("samplesSpin", "Samples B", samples, 1, MOST_SAMPLES)
        every = "Samples B: take all training samples there are"
        self.every = tick("all", "allSamplesCheck", "All training samples", every)

    def _lay_out(self) -> None:
        self.schedule_row = row("schedule", self.schedule)
        self.centres_row = row("centres", self.usual, self.centres)
        self.states_row = row("states", self.states)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        for part in (
            row("scaling", self.scaling),
            self.schedule_row,
            self.states_row,
            row("observables", self.observables),
            self.centres_row,
            row("steps N", self.steps),
            row("delays h", self.delays),
            self.delay_slider,
            self.lift,
            self.rank_field,
            row("samples B", self.every, self.samples),
        ):
            column.addWidget(part)

    def _connect(self) -> None:
        self.scaling.currentTextChanged.connect(self._ask_scaling)
        self.schedule.requested.connect(lambda schedule: self._ask(schedule=schedule))
        self.states.requested.connect(lambda states: self._ask(states=states))
        self.observables.currentTextChanged.connect(self._ask_observables)
        self.centres.valueChanged.connect(lambda value: self._ask(centres=value))
        self.steps.valueChanged.connect(self._ask_steps)
        for widget in (self.delays, self.delay_slider):
            widget.valueChanged.connect(lambda value: self._ask(delays=value))
        self.rank_field.requested.connect(lambda rank: self._ask(rank=rank))
        self.usual.toggled.connect(lambda ticked: self._ask(centres=None if ticked else self.centres.value()))
        self.samples.valueChanged.connect(lambda value: self._ask(samples=value))
        for field in (self.schedule, self.states, self.centres, self.steps, self.delays, self.rank_field, self.samples):
            field.refused.connect(self.refused)
        self.every.toggled.connect(lambda ticked: self._ask(samples=None if ticked else self.samples.value()))

    def _ask_scaling(self, name: str) -> None:
        if self._settings is not None:
            self._request(self._settings.with_scaling(name))

    def _ask_steps(self, steps: int) -> None:
        if self._settings is not None:
            self._ask(steps=steps, delays=min(self._settings.delays, steps))

    def _ask_observables(self, name: str) -> None:
        """Request other observables with their default steps and delays: delays need small steps, the others do not."""
        if self._settings is None:
            return
        at_home = with_usual_steps({"observables": name})
        usual = FitSettings(self._settings.layer, **at_home)
        stays = name == OBSERVABLES[0] and self._settings.steps > 1
        self._ask(**at_home if stays else {**at_home, "steps": usual.steps, "delays": usual.delays, "rank": AUTO})

    def _ask(self, **changes: Any) -> None:
        if self._settings is not None:
            self._request(replace(self._settings, **changes))

    def _request(self, wanted: FitSettings) -> None:
        if wanted != self._settings:
            self.requested.emit(wanted)
