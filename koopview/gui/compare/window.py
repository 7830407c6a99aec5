"""The window that sets two fits side by side: their spectra, their scores, and the distance with its yardstick."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from koopview.errors import InputError
from koopview.gui.compare.linked_controls import LinkedControls
from koopview.gui.compare.others import Other, others
from koopview.gui.compare.reading import DistanceCard
from koopview.gui.compare.score_pairs import ScorePairs
from koopview.gui.compare.sides_bar import SidesBar
from koopview.gui.compare.spectra_plot import SpectraPlot
from koopview.gui.compare.words import legend, side_note
from koopview.gui.looks.appearance import Appearance
from koopview.gui.looks.theme import UNIT, Theme
from koopview.gui.plots.plane import crowded
from koopview.gui.saving.saving import ask_numbers, ask_picture
from koopview.gui.session.comparing import Compared, Wanted
from koopview.gui.session.port import SessionPort
from koopview.gui.text import study_name
from koopview.gui.widgets.card import Card, Note, dressed, tool_button
from koopview.gui.widgets.save_menu import make_exportable
from koopview.gui.widgets.segmented import Segmented
from koopview.gui.widgets.veil import Veil
from koopview.network.info import LayerInfo
from koopview.study.comparing import comparison_rows
from koopview.study.result import FitResult
from koopview.study.settings import FitSettings
from koopview.study.sides import UNITS

SIZE, LEAST = (1120, 720), (860, 500)
STOPPED = "Stopped before anything was compared: choose B, its layer, or move h to compare"


def open_comparison(parent: QWidget, session: SessionPort, appearance: Appearance, one: FitResult) -> "CompareWindow":
    """Open the window that compares the fit `one`, in the place of one that is open already; return it."""
    for before in parent.findChildren(CompareWindow):
        before.close()
    made = CompareWindow(parent, session, appearance, one)
    made.resize(min(SIZE[0], max(LEAST[0], parent.width() - 4 * UNIT)), min(SIZE[1], max(LEAST[1], parent.height())))
    made.show()
    return made


class CompareWindow(QDialog):
    """Draws a comparison; both sides are fitted on the session's worker.

    ``settled`` is emitted when all that was asked for is shown.
    """

    settled = Signal()

    def __init__(self, parent: QWidget, session: SessionPort, appearance: Appearance, one: FitResult) -> None:
        super().__init__(parent)
        assert session.state is not None
        self.setObjectName("compareWindow")
        self.setWindowTitle(f"{study_name(one.model)}, layer {one.settings.layer}, compared — KoopView")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(*LEAST)
        self._comparing, self._own_layers = session.comparing, session.state.layers
        self._compared: Compared | None = None
        offered = others(session.state, one)
        self._one, self._other = one.settings.with_edits(one.settings.edits), offered[0]
        self._own: FitSettings | None = offered[0].settings
        self.sides, self.controls = SidesBar(one, offered), LinkedControls()
        self.plane, self.scores, self.distance = SpectraPlot(), ScorePairs(), DistanceCard()
        self._make_view_choice()
        self._lay_out()
        self._connect(session)
        appearance.changed.connect(self.set_theme)
        self.set_theme(appearance.theme)
        self.controls.show_settings(self._one, None)
        self.sides.show_layers(self._own_layers, (self._own or self._one).layer)
        self._ask()

    @property
    def busy(self) -> bool:
        """Whether something that was asked for is not shown yet."""
        return self._comparing.running

    @property
    def compared(self) -> Compared | None:
        """What is drawn."""
        return self._compared

    def choose(self, other: Other) -> None:
        """Compare with another fit."""
        self._other, self._own = other, other.settings
        self._ask()

    def choose_layer(self, layer: str) -> None:
        """Compare with another layer of B's study, with B's other settings."""
        shown = self._compared.comparison.other.result.settings if self._compared is not None else self._one
        info = next(row for row in self._layers() if row.name == layer)
        self._own = (self._own or shown).of_layer(info).with_edits(())
        self._ask()

    def set_delays(self, delays: int) -> None:
        """Give both fits a number of delays."""
        self._change(delays=delays)

    def set_rank(self, rank: int | str) -> None:
        """Give both fits a rank."""
        self._change(rank=rank)

    def tell(self, sentence: str) -> None:
        """Show why something could not be done."""
        self.said.setText(sentence)
        self.said.setToolTip(sentence)

    say = tell

    def stop(self) -> None:
        """Stop what runs; an empty window says how it is filled."""
        self._comparing.stop()
        if self._compared is None:
            self.tell(STOPPED)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        for part in (self.sides, self.plane, self.scores, self.distance, self._veil):
            part.set_theme(theme)
        self._draw()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Stop what runs with Esc; close with it if nothing does."""
        if event.key() == Qt.Key.Key_Escape and self.busy:
            self.stop()
        else:
            super().keyPressEvent(event)

    def done(self, result: int) -> None:
        """Stop what runs, and close."""
        self._comparing.stop()
        super().done(result)

    def _change(self, **changes: int | str) -> None:
        own = self._own or (self._compared.comparison.other.result.settings if self._compared is not None else None)
        try:
            one = replace(self._one, edits=(), **changes)  # type: ignore[arg-type]
            self._own = None if own is None else replace(own, edits=(), **changes)  # type: ignore[arg-type]
        except InputError as error:
            self.tell(str(error))
            return
        self._one = one
        self.controls.show_settings(self._one, None if self._compared is None else self._compared.comparison)
        self._ask()

    def _ask(self) -> None:
        self.tell("")
        self._veil.drop(self._compared is not None)
        self._comparing.ask(Wanted(self._one, self._own, self._other.study))

    def _layers(self) -> tuple[LayerInfo, ...]:
        """Return the layers of B's study; until something is compared that is the window's own."""
        return self._own_layers if self._compared is None else self._compared.layers

    def _show(self, compared: Compared) -> None:
        first, self._compared = self._compared is None, compared
        self._veil.drop(False)
        found = compared.comparison
        if first:
            self.zoom.setChecked(crowded(np.concatenate([side.spectrum() for side in found.sides])))
        self._own = found.other.result.settings
        self.controls.show_settings(self._one, found)
        self.sides.show_layers(compared.layers, found.other.result.settings.layer)
        self.sides.say([side_note(side.result) for side in found.sides])
        self.legend.setText(" \u2002".join(legend(found)))
        self._draw()

    def _draw(self) -> None:
        compared = self._compared
        found = None if compared is None else compared.comparison
        unit = UNITS[self.views.index]
        self.plane.show(found, unit, self.zoom.isChecked(), self.carried.isChecked())
        self.scores.show_comparison(found)
        self.distance.show_comparison(found, unit, compared is not None and compared.whole)
        for button in (self.picture_button, self.numbers_button):
            button.setEnabled(found is not None)

    def _show_running(self, running: bool) -> None:
        for part in (self.progress, self.stop_button):
            part.setVisible(running)
        self.progress.setValue(0)
        self.tell("")
        if not running:
            self._go_back()
            self.settled.emit()

    def _go_back(self) -> None:
        """Set the controls to what is drawn, also where something was stopped or failed."""
        self._veil.drop(False)
        if self._compared is None:
            return
        found, wanted = self._compared.comparison, self._compared.wanted
        self._one, self._own = (side.result.settings for side in found.sides)
        self._other = self.sides.go_back(wanted.study, self._other)
        self.controls.show_settings(self._one, found)
        self.sides.show_layers(self._compared.layers, self._own.layer)

    def _show_progress(self, fraction: float, text: str, left: float) -> None:
        self.progress.setValue(round(1000 * fraction))
        self.said.setText(text)

    def _make_view_choice(self) -> None:
        self.views = Segmented(
            ("Per step", "Per layer"),
            ("λ of one small step", "λ to the power N: one whole layer, comparable for any number of steps"),
            "View of both spectra",
        )
        self.carried = tool_button("Lines", "small-button", "Lines of the transport")
        self.carried.setToolTip(
            "Which eigenvalue of A is carried to which of B: the distance is the lines' mean length"
        )
        self.zoom = tool_button("Close-up", "small-button", "Close-up of both spectra")
        self.zoom.setToolTip("Show the eigenvalues as large as they fit")
        for button in (self.carried, self.zoom):
            button.setCheckable(True)
            button.toggled.connect(self._draw)
        self.views.chosen.connect(self._draw)

    def _lay_out(self) -> None:
        plane, scores = Card("Eigenvalues"), Card("Scores")
        self.legend = scores.note  # in a saved picture it says what A and B are
        self.printed = (scores, plane, self.distance)
        for widget in (self.carried, self.zoom, self.views):
            plane.add_to_head(widget)
        plane.body.setContentsMargins(8, 0, 10, 8)
        plane.body.addWidget(self.plane.widget)
        scores.body.setContentsMargins(12, 0, 12, 4)
        scores.body.addWidget(self.scores)
        right = QVBoxLayout()
        right.setSpacing(UNIT)
        right.addWidget(scores, 5)
        right.addWidget(self.distance, 6)
        self.cards = QWidget()
        self._veil = Veil(self.cards)
        across = QHBoxLayout(self.cards)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(UNIT)
        across.addWidget(plane, 1)
        across.addLayout(right, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(UNIT)
        for part, room in ((self.sides, 0), (self.controls, 0), (self.cards, 1)):
            layout.addWidget(part, room)
        layout.addLayout(self._foot())

    def _foot(self) -> QHBoxLayout:
        """Return the line below: what runs, Stop, and what can be saved."""
        self.said = dressed(Note(), "small")
        self.said.setMinimumWidth(1)
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(140)
        self.progress.setAccessibleName("How far the comparison is")
        self.stop_button = tool_button("Stop", "button", "Stop comparing")
        self.stop_button.setToolTip("Stop comparing; what is shown stays (Esc)")
        self.picture_button = tool_button("Save picture…", "button", "Save the comparison as a picture")
        self.picture_button.setToolTip("Save spectra, scores and distance as one picture: PDF, SVG or PNG")
        self.numbers_button = tool_button("Save numbers…", "button", "Save the comparison's numbers")
        self.numbers_button.setToolTip("Save scores, differences and distances as CSV")
        rows = lambda: [] if self._compared is None else comparison_rows(self._compared.comparison)  # noqa: E731
        whole = make_exportable(self.cards, "Comparison", rows, *self.printed)
        self.picture_button.clicked.connect(lambda: ask_picture(whole))
        self.numbers_button.clicked.connect(lambda: ask_numbers(whole))
        self.stop_button.clicked.connect(self.stop)
        foot = QHBoxLayout()
        foot.setSpacing(UNIT)
        foot.addWidget(self.said, 1)
        for part in (self.progress, self.stop_button, self.picture_button, self.numbers_button):
            foot.addWidget(part)
        return foot

    def _connect(self, session: SessionPort) -> None:
        self.sides.chosen.connect(self.choose)
        self.sides.layer_chosen.connect(self.choose_layer)
        self.controls.delays_asked.connect(self.set_delays)
        self.controls.rank_asked.connect(self.set_rank)
        self.controls.refused.connect(self.tell)
        self._comparing.found.connect(self._show)
        self._comparing.failed.connect(self.tell)
        self._comparing.progressed.connect(self._show_progress)
        self._comparing.running_changed.connect(self._show_running)
        session.state_changed.connect(self.close)  # another study is open
