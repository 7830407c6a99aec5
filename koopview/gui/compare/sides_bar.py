"""The head of a comparison: what A is, and the choice of what B is."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QFileDialog, QGridLayout, QWidget

from koopview.gui.compare.others import Other
from koopview.gui.compare.side_looks import GLYPHS, side_colours
from koopview.gui.looks.theme import UNIT, Theme
from koopview.gui.text import study_name
from koopview.gui.widgets.card import Note, dressed, label
from koopview.gui.widgets.cut_label import CutLabel
from koopview.gui.widgets.fields import Choice
from koopview.network.info import LayerInfo
from koopview.study.result import FitResult
from koopview.study.sides import SIDES

A_FILE = "a study or a model file…"
_BOX, _LAYERS = 230, 190
"""Least width of the box of others, and most of the layers'."""


class SidesBar(QWidget):
    """``chosen`` carries the Other that B is to be, ``layer_chosen`` the name of its layer."""

    chosen = Signal(object)
    layer_chosen = Signal(str)

    def __init__(self, one: FitResult, offered: Sequence[Other]) -> None:
        super().__init__()
        self._offered, self._shown = list(offered), 0
        self.marks = [label(f"{glyph} {name}", "strong") for glyph, name in zip(GLYPHS, SIDES, strict=True)]
        self.subject = dressed(CutLabel(), "strong")
        self.subject.say(f"{study_name(one.model)}, layer {one.settings.layer}")
        self.subject.setMaximumWidth(_BOX + UNIT + _LAYERS)
        self.notes = [dressed(Note(), "small") for _ in SIDES]
        tip = "What the fit is compared with: a layer, a draw, an earlier fit, or another network"
        self.box = Choice("compareOtherBox", "B: what to compare with", tip)
        self.box.addItems([*(other.text for other in self._offered), A_FILE])
        self.box.setMinimumWidth(_BOX)
        self.layers = Choice("compareLayerBox", "Layer of B", "Layer of B: its operator is compared")
        self.layers.setMinimumWidth(110)
        self.layers.setMaximumWidth(_LAYERS)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(UNIT)
        grid.setVerticalSpacing(UNIT // 2)
        for row, parts in enumerate(((self.subject,), (self.box, self.layers))):
            grid.addWidget(self.marks[row], row, 0)
            for place, part in enumerate(parts):
                grid.addWidget(part, row, 1 + place, 1, 3 - len(parts))
            grid.addWidget(self.notes[row], row, 3)
        grid.setColumnStretch(3, 1)
        self.box.activated.connect(self._choose)
        self.layers.activated.connect(lambda index: self.layer_chosen.emit(self.layers.itemData(index)))

    def show_layers(self, layers: Sequence[LayerInfo], shown: str) -> None:
        """Offer the layers of B's study that can be replaced, with the one shown chosen."""
        blocker = QSignalBlocker(self.layers)
        self.layers.clear()
        for layer in layers:
            if layer.supported:
                self.layers.addItem(f"layer {layer.name}", layer.name)
        self.layers.setCurrentIndex(self.layers.findData(shown))
        del blocker

    def say(self, notes: Sequence[tuple[str, str]]) -> None:
        """Write a line about each side, or the shorter one beside it where that has no room."""
        for note, (text, shorter) in zip(self.notes, notes, strict=True):
            note.say(text, shorter)
            note.setToolTip(text)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        for mark, colour in zip(self.marks, side_colours(theme), strict=True):
            mark.setStyleSheet(f"color: {colour}")

    def add_file(self, path: str) -> None:
        """Offer a file, and choose it."""
        self._offered.append(Other(path.replace("\\", "/").rsplit("/", 1)[-1], path))
        self.box.insertItem(len(self._offered) - 1, self._offered[-1].text)
        self._shown = len(self._offered) - 1
        self.box.setCurrentIndex(self._shown)
        self.chosen.emit(self._offered[-1])

    def go_back(self, study: str | None, chosen: Other) -> Other:
        """Choose what is drawn: `chosen` if it is of the study that is drawn, else the first that is; returns it."""
        if chosen.study != study:
            chosen = next(other for other in self._offered if other.study == study)
        self._shown = self._offered.index(chosen)
        self.box.setCurrentIndex(self._shown)
        return chosen

    def _choose(self, index: int) -> None:
        if index < len(self._offered):
            self._shown = index
            self.chosen.emit(self._offered[index])
            return
        dialog = QFileDialog(self.window(), "Compare with a study or a model file")
        dialog.setObjectName("compareFileDialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.add_file)
        dialog.rejected.connect(lambda: self.box.setCurrentIndex(self._shown))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
