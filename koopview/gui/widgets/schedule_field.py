"""The controls for the schedule of a scaled layer: its kind, and the ratio of a geometric one."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from koopview.gui.widgets.fields import Choice, RatioField
from koopview.trajectory.schedule import GEOMETRIC, RHO, UNIFORM

_TIP = (
    "Schedule: where the N steps stand on the path; uniform as in the paper, where eigenvalues crowd at 1 and modes "
    "are all but parallel; geometric keeps eigenvalues apart, each step ρ times as long as the one before"
)
_RATIO_TIP = "Ratio ρ: how long each step is beside the one before; below 1 the first steps are the longest"


class ScheduleField(QWidget):
    """``requested`` carries the requested schedule, "uniform" or "geometric:0.95"."""

    requested = Signal(str)
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setToolTip(_TIP)
        self.box = Choice("scheduleBox", "Schedule", _TIP, (UNIFORM, GEOMETRIC))
        self.ratio = RatioField("ratioSpin", "Ratio ρ", _RATIO_TIP, 0.50, 1.50)
        self.ratio.setValue(RHO)
        self.setFocusProxy(self.box)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.box)
        layout.addWidget(self.ratio)
        self.box.currentTextChanged.connect(self._ask)
        self.ratio.valueChanged.connect(self._ask)
        self.ratio.refused.connect(self.refused)

    def show_schedule(self, schedule: str | None) -> None:
        """Show a schedule without a request; None: the scaling has none."""
        if schedule is None:
            return
        kind, _, rho = schedule.partition(":")
        blockers = [QSignalBlocker(self.box), QSignalBlocker(self.ratio)]
        self.box.setCurrentText(kind)
        if rho:
            self.ratio.setValue(float(rho))
        del blockers
        self.ratio.setVisible(kind == GEOMETRIC)

    def _ask(self) -> None:
        geometric = self.box.currentText() == GEOMETRIC
        self.requested.emit(f"{GEOMETRIC}:{self.ratio.value():.2f}" if geometric else UNIFORM)
