"""The controls for settings that change during a talk: layer, delays h and rank r."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from koopview.gui.looks.theme import UNIT
from koopview.gui.widgets.card import tool_button
from koopview.gui.widgets.fields import slider
from koopview.network.info import LayerInfo
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings

MOST_LAYERS = 6
_MOST_OF_WIDTH = 0.4
"""Layers that take more of the width stand in a row of their own."""


class Chooser(QWidget):
    """``requested`` carries the settings that a person chooses; ``remove_asked`` and ``reset_asked`` are of modes."""

    requested = Signal(object)
    remove_asked = Signal()
    reset_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._settings: FitSettings | None = None
        self._result: FitResult | None = None
        self._able: tuple[LayerInfo, ...] = ()
        self._group: QButtonGroup | None = None
        self.layers = QWidget()
        self._row = QHBoxLayout(self.layers)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.delays = slider("presentDelays", "Delays h", "Delays h: how many states in a row make one lifted state")
        self.rank = slider("presentRank", "Rank r", "Rank r: how many eigenvalues the operator keeps")
        self.delays_text, self.rank_text = QLabel(), QLabel()
        self.remove = _button("Remove", "Set the selected eigenvalues to 0, each with its group")
        self.reset = _button("Reset", "Take back all edits of modes")
        self._lay_out()
        self.delays.valueChanged.connect(lambda value: self._ask(delays=value))
        self.rank.valueChanged.connect(lambda value: self._ask(rank=value))
        self.remove.clicked.connect(self.remove_asked)
        self.reset.clicked.connect(self.reset_asked)
        self.show_selected(())

    def _lay_out(self) -> None:
        sliders = QHBoxLayout()
        sliders.setSpacing(2 * UNIT)
        for text, control in ((self.delays_text, self.delays), (self.rank_text, self.rank)):
            sliders.addWidget(text)
            sliders.addWidget(control, 1)
        sliders.addWidget(self.remove)
        sliders.addWidget(self.reset)
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2 * UNIT)
        self._layout.addWidget(self.layers, 0, Qt.AlignmentFlag.AlignLeft)
        self._layout.addLayout(sliders, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Give the layers a row of their own where they leave the sliders too little."""
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        """Do so too when the texts' size changes."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        self._name_layers()
        ways = QBoxLayout.Direction
        narrow = self.layers.sizeHint().width() > _MOST_OF_WIDTH * self.width()
        self._layout.setDirection(ways.TopToBottom if narrow else ways.LeftToRight)

    def _name_layers(self) -> None:
        """Write "layer" before the names only if all of them have room: cut in the middle they would look alike."""
        buttons = [] if self._group is None else self._group.buttons()
        names = [layer.name for layer in self._able[: len(buttons)]]
        needed = self._row.spacing() * len(buttons)
        for button, name in zip(buttons, names, strict=True):
            text = button.fontMetrics()
            around = button.sizeHint().width() - text.horizontalAdvance(button.text())
            needed += text.horizontalAdvance(f"layer {name}") + around
        for button, name in zip(buttons, names, strict=True):
            said = f"layer {name}" if needed <= self.width() else name
            if said != button.text():
                button.setText(said)

    def show_selected(self, indices: Sequence[int]) -> None:
        """Offer to take out the modes that are selected, if any are."""
        self.remove.setVisible(len(indices) > 0)

    def show_state(self, state: StudyState | None, settings: FitSettings | None) -> None:
        """Show the layers of `state`, and set all controls to `settings`."""
        able = () if state is None else tuple(layer for layer in state.layers if layer.supported)
        if able != self._able:
            self._able = able
            self._offer([layer.name for layer in able[:MOST_LAYERS]])
        self._settings = settings
        self.setVisible(settings is not None)
        self.reset.setVisible(settings is not None and bool(settings.edits))
        self._show_values()

    def show_result(self, result: FitResult | None) -> None:
        """Set the rank slider's range to the ranks that the decomposition has."""
        self._result = result
        self._show_values()

    def _offer(self, names: Sequence[str]) -> None:
        """Make one button per layer."""
        for widget in self.layers.findChildren(QWidget):
            widget.hide()
            widget.deleteLater()
        self._group = QButtonGroup(self)
        for index, name in enumerate(names):
            button = tool_button(f"layer {name}", "segment")
            button.setCheckable(True)
            button.setToolTip(f"Replace layer {name} by its linear operator")
            self._group.addButton(button, index)
            self._row.addWidget(button)
        self._group.idClicked.connect(self._take_layer)

    def _take_layer(self, index: int) -> None:
        if self._settings is not None:
            self._request(self._settings.of_layer(self._able[index]).with_edits(()))

    def step_layer(self, steps: int) -> None:
        """Ask for the layer so many after the one that is shown, or before it, as far as there are some."""
        names = [layer.name for layer in self._able]
        if self._settings is not None and self._settings.layer in names:
            place = names.index(self._settings.layer) + steps
            if 0 <= place < len(names):
                self._take_layer(place)

    def _show_values(self) -> None:
        settings, result = self._settings, self._result
        if settings is None:
            return
        rank = settings.rank if isinstance(settings.rank, int) else result.rank if result is not None else 1
        most = max(rank, result.kept_rank) if result is not None else rank
        _set(self.delays, settings.delays, settings.steps)
        _set(self.rank, rank, most)
        self.delays_text.setText(f"delays h {settings.delays}")
        self.rank_text.setText(f"rank r {rank}")
        names = [layer.name for layer in self._able[:MOST_LAYERS]]
        if self._group is not None and settings.layer in names:
            self._group.button(names.index(settings.layer)).setChecked(True)

    def _ask(self, **changes: object) -> None:
        settings = self._settings
        if settings is None:
            return
        plain = settings.with_rank(settings.rank) if "rank" in changes else settings
        self._request(replace(plain, **changes))  # type: ignore[arg-type]

    def _request(self, wanted: FitSettings) -> None:
        if wanted != self._settings:
            self.requested.emit(wanted)


def _button(text: str, tip: str) -> QToolButton:
    button = tool_button(text, "segment", f"{text} modes")
    button.setToolTip(tip)
    return button


def _set(control: QSlider, value: int, most: int) -> None:
    with QSignalBlocker(control):
        control.setMaximum(most)
        control.setValue(value)
