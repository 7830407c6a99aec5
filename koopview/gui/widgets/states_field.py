"""The controls for what a state of a stage is: its kind, and the number of the kinds that have one."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from koopview.gui.widgets.fields import Choice, NumberField
from koopview.network.info import LayerInfo
from koopview.trajectory.states import FLAT, KINDS, PCA, checked_states, kind_of, kinds_of, number_of

_TIP = "States: what a state of this stage is; " + "; ".join(f"{name}: {kind.told}" for name, kind in KINDS.items())
_NUMBER_TIPS = {PCA: "Components K: how many principal components a state has"}
_SIDE_TIP = "Side K: how many positions a patch has along each axis"


class StatesField(QWidget):
    """``requested`` carries the requested states, "flat", "pca:100"."""

    requested = Signal(str)
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setToolTip(_TIP)
        self.box = Choice("statesBox", "States", _TIP, tuple(KINDS))
        self.number = NumberField("statesSpin", "States K", _SIDE_TIP, 1, max(kind.most for kind in KINDS.values()))
        self.setFocusProxy(self.box)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.box)
        layout.addWidget(self.number)
        self.box.currentTextChanged.connect(self._ask_kind)
        self.number.valueChanged.connect(self._ask_number)
        self.number.refused.connect(self.refused)

    def show_layer(self, layer: LayerInfo | None) -> None:
        """Offer the kinds of states that a layer has."""
        kinds = (FLAT,) if layer is None else kinds_of(layer)
        if kinds != tuple(self.box.itemText(index) for index in range(self.box.count())):
            with QSignalBlocker(self.box):
                self.box.clear()
                self.box.addItems(kinds)

    def show_states(self, states: str) -> None:
        """Show states without a request."""
        kind = kind_of(states)
        blockers = [QSignalBlocker(self.box), QSignalBlocker(self.number)]
        self.box.setCurrentText(kind)
        self.number.setToolTip(_NUMBER_TIPS.get(kind, _SIDE_TIP))
        if KINDS[kind].usual:
            self.number.setMaximum(KINDS[kind].most)
            self.number.setValue(number_of(states))
        del blockers
        self.number.setVisible(bool(KINDS[kind].usual))

    def _ask_kind(self, kind: str) -> None:
        self.requested.emit(checked_states(kind))

    def _ask_number(self, number: int) -> None:
        self.requested.emit(f"{self.box.currentText()}:{number}")
