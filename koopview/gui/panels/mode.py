"""The Mode panel: shape, eigenfunction and importance of the selected mode."""

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from koopview.gui.looks.theme import UNIT, Theme
from koopview.gui.plots.class_strips import ClassStrips, strips_of
from koopview.gui.plots.mode_shape import ModeShape
from koopview.gui.selection import ModeSelection, together
from koopview.gui.text import eigenvalue, importance_text, short
from koopview.gui.widgets.card import label, scrolled
from koopview.gui.widgets.fields import NumberField
from koopview.gui.widgets.segmented import Segmented
from koopview.gui.widgets.view_panel import WAITING, ViewPanel
from koopview.study.result import FitResult
from koopview.study.views import ModesView

REAL, IMAGINARY, MODULUS = range(3)
_CHANNEL_WIDTH = 104
NOTHING_SELECTED = "Select an eigenvalue to see its mode."


class ModePanel(ViewPanel):
    """Draws the first selected mode."""

    kind = "modes"

    def __init__(self, selection: ModeSelection) -> None:
        super().__init__("modePanel", "The selected mode")
        self._selection = selection
        self.facts, self.shape_caption = label("", "small"), label("", "small")
        self.facts.setTextFormat(Qt.TextFormat.RichText)
        self.shape, self.strips = ModeShape(), ClassStrips()
        self.part = Segmented(
            ("Re", "Im", "|φ|"),
            ("Real part of the eigenfunction", "Imaginary part of the eigenfunction", "Modulus of the eigenfunction"),
            "Part of the eigenfunction",
        )
        tip = "Channel of the layer's output whose picture is drawn; the colours of all channels have one scale"
        self.channel = NumberField("modeChannelSpin", "Channel of the mode's shape", tip, 1, 1)
        self.channel.setPrefix("channel ")
        self.channel.setMinimumWidth(_CHANNEL_WIDTH)
        self.channel.hide()
        self._shown: tuple[ModesView | None, int] = (None, 0)
        self.channel.valueChanged.connect(self._draw_selected)
        self.shape.exportable.about = self._about
        self.strips.exportable.about = lambda: {
            **self._about(),
            "part": ("real", "imaginary", "modulus")[self.part.index],
        }
        self._lay_out()
        selection.changed.connect(self._draw_selected)
        self.part.chosen.connect(self._draw_selected)
        self._draw_selected()

    def show_result(self, result: FitResult | None) -> None:
        """Set the eigenvalues of `result`; its modes arrive as a view, and an edit does not change them."""
        before = self._result
        super().show_result(result)
        if result is None or before is None or result.settings.with_edits(()) != before.settings.with_edits(()):
            self._view = None
        self._draw_selected()

    def show_view(self, view: Any) -> None:
        """Draw the selected mode of a view."""
        super().show_view(view)
        self._draw_selected()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        super().set_theme(theme)
        for part in (self.shape, self.strips):
            part.set_theme(theme)

    def draw(self, view: ModesView) -> None:
        """Draw the first selected mode of `view`."""
        modes, result = self._selection.modes, self._result
        if not modes or result is None:
            return
        index = modes[0]
        self.facts.setText(mode_facts(result, view, index, len(modes)))
        real = result.fitted_eigenvalues[index].imag == 0
        shape = view.shapes[:, index].real.astype(complex) if real else view.shapes[:, index]
        self._offer_channels(view, index)
        self.shape_caption.setText(caption_of(view, self.channel.value(), real))
        self.shape.show_shape(shape, view.picture, self.channel.value() - 1, square=not view.axes)
        values, name = part_of(view.eigenfunctions[:, index], self.part.index)
        losses = view.class_importance[index] if len(view.class_importance) else np.zeros(0)
        lost = float(view.importance[index])
        self.strips.show_strips(strips_of(values, view.labels, view.class_names, lost, losses), name, result.measure)

    def _offer_channels(self, view: ModesView, index: int) -> None:
        """Let a channel be chosen, if there are several; at first the one in which a mode is largest."""
        channels = channels_of(view)
        with QSignalBlocker(self.channel):
            self.channel.setVisible(channels > 1)
            self.channel.setMaximum(channels)
            if channels > 1 and self._shown != (view, index):
                entries = view.shapes[: math.prod(view.picture or ()), index].reshape(channels, -1)
                self.channel.setValue(int(np.abs(entries).max(axis=1).argmax()) + 1)
        self._shown = (view, index)

    def _about(self) -> dict[str, object]:
        """Return columns that identify the mode drawn, for saved tables."""
        if not self._selection.modes or self._result is None:
            return {}
        index = self._selection.modes[0]
        value = self._result.eigenvalues[index]
        return {"mode": index, "Re λ": f"{value.real:.9g}", "Im λ": f"{value.imag:.9g}"}

    def _draw_selected(self) -> None:
        if not self._selection.modes:
            self._say(NOTHING_SELECTED)
        elif self._view is not None:
            self.draw(self._view)
            self.setCurrentWidget(self.picture)
        elif self.words.text() == NOTHING_SELECTED:
            self._say(WAITING)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self.picture)
        row.setContentsMargins(UNIT, 2, UNIT, 2)
        row.setSpacing(2 * UNIT)
        left = QVBoxLayout()
        left.setSpacing(2)
        for part in (self.facts, self.shape_caption):
            left.addWidget(part)
        left.addWidget(self.shape.widget, 1)
        right = QVBoxLayout()
        right.setSpacing(0)
        above = QHBoxLayout()
        above.addWidget(self.channel)
        above.addStretch(1)
        above.addWidget(self.part)
        right.addLayout(above)
        right.addWidget(scrolled(self.strips), 1)
        row.addLayout(left, 2)
        row.addLayout(right, 3)


def channels_of(view: ModesView) -> int:
    """Return how many pictures a mode's shape has, 1 if it has no channels."""
    return view.picture[0] if view.picture is not None and len(view.picture) == 3 else 1


def caption_of(view: ModesView, channel: int, real: bool) -> str:
    """Return what is drawn of a mode's shape: "shape as a picture, real part"."""
    channels = channels_of(view)
    of_channel = f" of channel {channel} of {channels}" if channels > 1 else ""
    pictured = f", {view.axes}" if view.axes else "" if view.picture is None else " as a picture"
    return f"shape{of_channel}{pictured}, real part{'' if real else ' and imaginary part'}"


def part_of(function: np.ndarray, part: int) -> tuple[np.ndarray, str]:
    """Return the chosen part of an eigenfunction (samples,), and its name."""
    if part == MODULUS:
        return np.abs(function), "|φ| of test samples"
    return (function.real, "Re φ of test samples") if part == REAL else (function.imag, "Im φ of test samples")


def mode_facts(result: FitResult, view: ModesView, index: int, selected: int) -> str:
    """Return a line with the numbers of a mode."""
    value, was = result.eigenvalues[index], result.fitted_eigenvalues[index]
    pair = was.imag != 0
    said = f"mode {index} · <b>λ = {eigenvalue(value.real, value.imag, pair)}</b> · |λ| {abs(value):.4f}"
    if value != was:
        said += f" · was {eigenvalue(was.real, was.imag, pair)}"
    others = len(together(result, index)) - 1
    worth = importance_text(float(view.importance[index]), float(view.importance_errors[index]), result.measure)
    said += f"<br>residual {short(float(result.residuals[index]))} · importance {worth}"
    said += f", with {others} other{'' if others == 1 else 's'}" if others else ""
    return said + (f" · first of {selected} selected" if selected > 1 else "")
