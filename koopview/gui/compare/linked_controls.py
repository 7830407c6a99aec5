"""The controls that move both sides of a comparison at once: delays h and rank r."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSizePolicy, QWidget

from koopview.gui.looks.theme import UNIT
from koopview.gui.widgets.fields import NumberField, slider
from koopview.gui.widgets.rank_field import MOST_RANK
from koopview.gui.widgets.rows import tick
from koopview.koopman.rank import AUTO
from koopview.study.comparing import Comparison
from koopview.study.settings import FitSettings

_LINKED = "Of both fits: a change here refits A and B"


class LinkedControls(QWidget):
    """``delays_asked`` carries the number of delays for both, ``rank_asked`` the rank, a number or "auto"."""

    delays_asked = Signal(int)
    rank_asked = Signal(object)
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        delays = f"Delays h: how many states in a row make one lifted state. {_LINKED}"
        rank = f"Rank r: how many eigenvalues the operators keep. {_LINKED}"
        self.delays = NumberField("compareDelaySpin", "Delays h of both", delays, 1, 20)
        self.delay_slider = slider("compareDelaySlider", "Delays h of both", delays)
        self.rank = NumberField("compareRankSpin", "Rank r of both", rank, 1, MOST_RANK)
        self.rank_slider = slider("compareRankSlider", "Rank r of both", rank)
        self.auto: QCheckBox = tick("auto", "compareAutoCheck", "Automatic rank of both", f"Automatic rank. {_LINKED}")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT)
        for text, along, field in (
            ("delays h", self.delay_slider, self.delays),
            ("rank r", self.rank_slider, self.rank),
        ):
            name = QLabel(text)
            name.setBuddy(field)
            along.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            along.setMinimumWidth(80)
            for part in (name, along, field):
                layout.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
            layout.addSpacing(UNIT)
        layout.addWidget(self.auto)
        for control in (self.delays, self.delay_slider):
            control.valueChanged.connect(self.delays_asked)
        for control in (self.rank, self.rank_slider):
            control.valueChanged.connect(lambda rank: self.rank_asked.emit(rank))
        self.auto.toggled.connect(lambda ticked: self.rank_asked.emit(AUTO if ticked else self.rank.value()))
        for field in (self.delays, self.rank):
            field.refused.connect(self.refused)

    def show_settings(self, one: FitSettings, found: Comparison | None) -> None:
        """Set the controls to A's settings; their ends are those that both sides can have."""
        blockers = [QSignalBlocker(widget) for widget in self.findChildren(QWidget)]
        results = [] if found is None else [side.result for side in found.sides]
        steps = min([one.steps, *(result.settings.steps for result in results)])
        for control in (self.delays, self.delay_slider):
            control.setMaximum(steps)
            control.setValue(one.delays)
        known = results[0].rank if results else self.rank.value()
        shown = one.rank if isinstance(one.rank, int) else known
        self.rank_slider.setMaximum(max([shown, *(result.kept_rank for result in results)]))
        for field in (self.rank, self.rank_slider):
            field.setValue(shown)
        self.auto.setChecked(one.rank == AUTO)
        del blockers
