"""The Mode panel: the selected mode over the inputs, the samples that excite it, and what is lost without it."""

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout

from koopview.gui.looks.theme import UNIT, Theme
from koopview.gui.panels.mode_words import (
    CLASSES,
    NAMES,
    PATTERN,
    PLANE,
    SHAPE,
    TIPS,
    input_caption,
    mode_facts,
    pictures_of,
    shape_caption,
)
from koopview.gui.plots.class_strips import ClassStrips, strips_of
from koopview.gui.plots.mode_samples import ModeSamples
from koopview.gui.plots.mode_shape import ModeShape
from koopview.gui.selection import ModeSelection
from koopview.gui.widgets.card import label, scrolled
from koopview.gui.widgets.fields import NumberField
from koopview.gui.widgets.segmented import Segmented
from koopview.gui.widgets.view_panel import WAITING, ViewPanel
from koopview.study.result import FitResult
from koopview.study.views import ModesView

REAL, IMAGINARY, MODULUS = range(3)
_CHANNEL_WIDTH = 104
_LEAST_HEIGHT = 230
"""Height below which there is no room for the samples."""

_WAYS = QBoxLayout.Direction

NOTHING_SELECTED = "Select an eigenvalue to see its mode."

Drawn = tuple[np.ndarray, tuple[int, ...] | None]
"""Entries, and the picture that they are drawn as."""


class ModePanel(ViewPanel):
    """Draws the first selected mode."""

    kind = "modes"

    def __init__(self, selection: ModeSelection) -> None:
        super().__init__("modePanel", "The selected mode")
        self._selection = selection
        self.facts, self.shape_caption = label("", "small"), label("", "small")
        self.facts.setTextFormat(Qt.TextFormat.RichText)
        for said in (self.facts, self.shape_caption):
            said.setWordWrap(True)
            said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.shape, self.strips, self.samples = ModeShape(), ClassStrips(), ModeSamples()
        self.pictured = Segmented(NAMES, TIPS, "Picture of the mode")
        self._chosen: int | None = None  # the picture that a person chose
        self.part = Segmented(
            ("Re", "Im", "|φ|"),
            ("Real part of the eigenfunction", "Imaginary part of the eigenfunction", "Modulus of the eigenfunction"),
            "Part of the eigenfunction",
        )
        tip = "Channel whose picture is drawn; the colours of all channels have one scale"
        self.channel = NumberField("modeChannelSpin", "Channel of the mode's shape", tip, 1, 1)
        self.channel.setPrefix("channel ")
        self.channel.setMinimumWidth(_CHANNEL_WIDTH)
        self.channel.hide()
        self._shown: tuple[ModesView | None, int, int] = (None, 0, SHAPE)
        self.shape.exportable.about = self._about
        self.samples.exportable.about = self._about
        self.strips.exportable.about = lambda: {
            **self._about(),
            "part": ("real", "imaginary", "modulus")[self.part.index],
        }
        self._lay_out()
        for chosen in (selection.changed, self.channel.valueChanged, self.part.chosen):
            chosen.connect(self._draw_selected)
        self.pictured.chosen.connect(self._choose)
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
        for part in (self.shape, self.strips, self.samples):
            part.set_theme(theme)

    def draw(self, view: ModesView) -> None:
        """Draw the first selected mode of `view`."""
        modes, result = self._selection.modes, self._result
        if not modes or result is None:
            return
        index = modes[0]
        self.facts.setText(mode_facts(result, view, index, len(modes)))
        self._draw_strips(view, index, result.measure)
        self._offer_pictures(view)
        if self.pictured.index != CLASSES:
            self._draw_picture(view, index, bool(result.fitted_eigenvalues[index].imag == 0))
        self.samples.show_mode(view, index)
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Show the samples, and the boxes of the eigenfunction, where there is room for them."""
        super().resizeEvent(event)
        if self._view is not None and self._selection.modes:
            self.draw(self._view)

    def _make_room(self) -> None:
        """Show boxes beside the picture or, where there is no room for both, in its place; samples if that leaves any.

        Beside a picture in a narrow panel the figures stand alone, if they have room.
        """
        alone = self.pictured.index == CLASSES
        high = self.height() >= _LEAST_HEIGHT
        self.samples.setVisible(high and not alone and len(self.samples.rows()) > 1)
        for part in (self.shape.widget, self.shape_caption):
            part.setVisible(not alone)
        self.channel.setVisible(not alone and self.channel.maximum() > 1)
        self._row.setDirection(_WAYS.TopToBottom if alone else _WAYS.LeftToRight)
        self._row.setStretch(0, 0 if alone else 2)
        self._strips_area.setVisible(alone or self._beside() >= self.strips.least_width(boxes=False))
        self.part.setVisible(alone or self._beside() >= self.strips.least_width(boxes=True))

    def _beside(self) -> int:
        """Return the width that the picture leaves."""
        whole = self.width() - 3 * UNIT
        left = max(self.pictured.sizeHint().width(), whole * 2 // 5)
        return whole - left

    def _offer_pictures(self, view: ModesView) -> None:
        """Offer the pictures that there are, and check the first of them if none was chosen."""
        offered = pictures_of(view)
        self.pictured.offer(offered)  # for what is left beside it without the classes
        if self._beside() < self.strips.least_width(boxes=True):
            offered = (*offered, CLASSES)
        self.pictured.offer(offered)
        with QSignalBlocker(self.pictured):
            self.pictured.check(self._chosen if self._chosen in offered else offered[0])

    def _draw_picture(self, view: ModesView, index: int, real: bool) -> None:
        """Draw the chosen picture of a mode."""
        kind = self.pictured.index
        entries, picture = drawn_of(view, kind, index, real)
        self._offer_channels(view, index, kind, entries, picture)
        caption = shape_caption(view, self.channel.value(), real) if kind == SHAPE else ""
        self.shape_caption.setText(caption or input_caption(view, kind, index, real))
        square = kind != SHAPE or not view.axes
        entry = "S" if kind == SHAPE else "x"
        self.shape.show_shape(entries, picture, self.channel.value() - 1, square=square, entry=entry)
        self.shape.mark(*marks_of(view, kind, index))

    def _draw_strips(self, view: ModesView, index: int, measure: str) -> None:
        values, name = part_of(view.eigenfunctions[:, index], self.part.index)
        losses = view.class_importance[index] if len(view.class_importance) else np.zeros(0)
        lost = float(view.importance[index])
        scores = view.class_scores.tolist()
        strips = strips_of(values, view.labels, view.class_names, lost, losses, view.score, scores)
        self.strips.show_strips(strips, name, measure)

    def _offer_channels(
        self, view: ModesView, index: int, kind: int, entries: np.ndarray, picture: tuple[int, ...] | None
    ) -> None:
        """Let a channel be chosen, if there are several; at first the one in which a mode is largest."""
        channels = picture[0] if picture is not None and len(picture) == 3 else 1
        with QSignalBlocker(self.channel):
            self.channel.setVisible(channels > 1)
            self.channel.setMaximum(channels)
            if channels > 1 and self._shown != (view, index, kind):
                parts = entries[: math.prod(picture or ())].reshape(channels, -1)
                self.channel.setValue(int(np.abs(parts).max(axis=1).argmax()) + 1)
        self._shown = (view, index, kind)

    def _choose(self) -> None:
        self._chosen = self.pictured.index
        self._draw_selected()

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
        column = QVBoxLayout(self.picture)
        column.setContentsMargins(UNIT, 0, UNIT, 2)
        column.setSpacing(2)
        above, row, left = QHBoxLayout(), QHBoxLayout(), QVBoxLayout()
        self._row, self._strips_area = row, scrolled(self.strips)
        above.addWidget(self.facts, 1)
        above.addWidget(self.part)
        left.setSpacing(2)
        left.addWidget(self.pictured, 0, Qt.AlignmentFlag.AlignLeft)
        left.addWidget(self.shape.widget, 1)
        row.setSpacing(UNIT)
        row.addLayout(left, 2)
        row.addWidget(self._strips_area, 3)
        column.addLayout(above)
        column.addLayout(row, 1)
        below = QHBoxLayout()
        below.addWidget(self.shape_caption, 1)
        below.addWidget(self.channel)
        column.addLayout(below)
        column.addWidget(self.samples)


def marks_of(view: ModesView, kind: int, index: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where the samples of a mode stand in the plane, in its cells, two arrays (samples, 2); none elsewhere."""
    inputs = view.inputs
    if kind != PLANE or inputs is None or inputs.plane is None:
        return np.zeros((0, 2)), np.zeros((0, 2))
    low, size = np.array(inputs.extent[::2]), np.array([inputs.extent[1], inputs.extent[3]]) - inputs.extent[::2]
    rows, columns = inputs.plane.shape[:2]
    most, least = (
        (inputs.inputs[np.searchsorted(inputs.samples, end[index])][:, :2] - low) / size * (columns, rows)
        for end in (inputs.most, inputs.least)
    )
    return most, least


def drawn_of(view: ModesView, kind: int, index: int, real: bool) -> Drawn:
    """Return the Drawn entries of a mode, complex; `real` says whether the mode is."""
    inputs = view.inputs
    if inputs is None or kind == SHAPE:
        shape = view.shapes[:, index]
        return (shape.real.astype(complex) if real else shape), view.picture
    if kind == PLANE and inputs.plane is not None:
        plane = inputs.plane[::-1, :, index].real - view.eigenfunctions[:, index].real.mean()
        return plane.ravel().astype(complex), plane.shape
    if kind == PATTERN or inputs.gradients is None:
        return inputs.patterns[:, index].real.astype(complex), inputs.picture
    return (inputs.spreads * inputs.gradients[:, index].real).astype(complex), inputs.picture


def part_of(function: np.ndarray, part: int) -> tuple[np.ndarray, str]:
    """Return the chosen part of an eigenfunction (samples,), and its name."""
    if part == MODULUS:
        return np.abs(function), "|φ| of test samples"
    return (function.real, "Re φ of test samples") if part == REAL else (function.imag, "Im φ of test samples")
