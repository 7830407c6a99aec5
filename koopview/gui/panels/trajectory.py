"""The trajectory panel: paths through the scaled layer, state by state, as a phase portrait, as a heat map."""

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from koopview.gui.looks.theme import LIGHT, UNIT, Theme
from koopview.gui.panels.further_sample import renumbered, with_path
from koopview.gui.panels.sample_box import sample_box, sample_names
from koopview.gui.panels.trajectory_parts import HEAT_MAP, PHASE, STATES, all_button, legend_entries, same_paths
from koopview.gui.plots.curving import CURVED, CURVING_TIP, in_order, most_curved, words_of
from koopview.gui.plots.legend import Legend
from koopview.gui.plots.path_grid import PathGrid, Paths
from koopview.gui.plots.sample_picture import SamplePicture
from koopview.gui.plots.state_names import state_name
from koopview.gui.text import count
from koopview.gui.widgets.card import Card, blank
from koopview.gui.widgets.pager import PAGE, Pager
from koopview.gui.widgets.segmented import Segmented
from koopview.gui.widgets.veil import Veil
from koopview.network.info import LayerInfo
from koopview.study.result import FitResult, StudyState
from koopview.study.sample_answers import SamplesView

if TYPE_CHECKING:
    from koopview.gui.panels.phase import PhasePanel
    from koopview.gui.plots.path_heat import PathHeat

PHASE_KIND = "phase"
SAMPLES = "samples"
NOTHING_FITTED = "The paths of a layer's states stand here\nonce it is fitted."
_WIDE, _PICTURE = 560, 112
"""The panel's width from which on the sample's picture stands beside the states, and its side."""
_NARROWEST = 348
"""Least width, whatever the header holds: what it shows moves no panel."""


class TrajectoryPanel(Card):
    """States (figure 2 of the paper) and heat map of one test sample, and phase portrait of many.

    ``watched`` says whether views of a kind are visible.
    """

    watched = Signal(str, bool)

    def __init__(self) -> None:
        super().__init__("Trajectory")
        self.setMinimumWidth(_NARROWEST)
        self._result: FitResult | None = None
        self._fitted: FitResult | None = None  # the same without the path of a further sample
        self._layers: dict[str, LayerInfo] = {}
        self._page = 0
        self._samples_view: SamplesView | None = None
        self._stale = False
        self.views = Segmented(
            ("States", "Phase", "Heat map"),
            (
                "One sample, state by state: the original step against the scaled path",
                "Paths of many test samples over two states or principal components, coloured by class",
                "All states of one sample over the share s of the path, as colours",
            ),
            "View of the trajectory",
        )
        self.legend, self.samples, self.pager = Legend(), sample_box(), Pager()
        self.all = all_button()
        self.legend.setToolTip("Lift: the first h states, up to s of h − 1, of which the operator's start z[0] is made")
        self.grid = PathGrid()
        self._phase: PhasePanel | None = None
        self._heat: PathHeat | None = None
        self._theme = LIGHT
        self.grid.setAccessibleName("Trajectory: one plot a state, original step against scaled path")
        self.grid.exportable.parts = (self.legend, self.grid)
        self.grid.exportable.about = self._about
        self.pages = QStackedWidget()
        self.pages.setObjectName("trajectoryPlot")
        self.pages.setAccessibleName("Trajectory")
        for page in (self.grid, QWidget(), QWidget()):
            self.pages.addWidget(page)
        self.add_to_head(self.views)
        self.body.setContentsMargins(4, 0, 4, 4)
        self.picture = SamplePicture(_PICTURE, plane=False)
        line = self._line = QHBoxLayout()
        line.addWidget(self.pages, 1)
        line.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(line, 1)
        below = QHBoxLayout()
        below.setContentsMargins(8, 0, 6, 0)
        below.setSpacing(UNIT)
        below.addWidget(self.legend)
        below.addStretch(1)
        below.addWidget(self.pager)
        below.addWidget(self.all)
        self.body.addLayout(below)
        self._veil = Veil(self.pages)
        self.samples.currentIndexChanged.connect(self._draw)
        self.all.toggled.connect(self._draw)
        self.views.chosen.connect(self._choose)
        self.pager.back.clicked.connect(lambda: self._turn(-1))
        self.pager.forth.clicked.connect(lambda: self._turn(1))
        self._draw()

    def show_state(self, state: StudyState | None) -> None:
        """Name the states of results by the shapes of the layers of `state`."""
        self._layers = {} if state is None else {layer.name: layer for layer in state.layers}

    def show_result(self, result: FitResult | None) -> None:
        """Draw the paths of `result`; nothing for None."""
        before, self._fitted = self._fitted, result
        if self._phase is not None:
            self._phase.show_result(result)
        if same_paths(before, result):
            return
        self._result = result
        if result is not None and (before is None or result.paths.shape[2] != before.paths.shape[2]):
            self._page = 0
        self._fill_samples()
        self._draw()

    def choose_sample(self, sample: int, path: np.ndarray | None = None, label: int | None = None) -> None:
        """Draw a test sample, by its index: one of the result's, or a further one by its `path` and its class."""
        result = self._fitted
        if result is not None and sample < len(result.paths):
            self.samples.setCurrentIndex(sample)
        elif result is not None and path is not None and path.shape == result.paths.shape[1:]:
            self._result = with_path(result, path, label)
            with QSignalBlocker(self.samples):
                self._fill_samples()
                last = self.samples.count() - 1
                self.samples.setItemText(last, renumbered(self.samples.itemText(last), last, sample))
                self.samples.setCurrentIndex(last)
            self.samples.currentIndexChanged.emit(last)  # which may be the index of the further sample before

    def show_view(self, kind: str, view: Any) -> None:
        """Draw a view of `kind` if it is drawn here."""
        if kind == PHASE_KIND:
            self.phase.show_view(view)
            self._show_heads()
        elif kind == SAMPLES and isinstance(view, SamplesView):
            self._samples_view = view
            self._show_picture()

    def set_stale(self, stale: bool) -> None:
        """Dim the picture while it does not match the controls."""
        self._stale = stale
        self._veil.drop(stale)
        self._show_legend()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        for part in (self.grid, self.legend, self.picture, self._veil, self._phase, self._heat):
            if part is not None:
                part.set_theme(theme)

    @property
    def phase(self) -> "PhasePanel":
        """The phase portrait, made on first use, so that the first picture appears sooner."""
        if self._phase is None:
            from koopview.gui.panels.phase import PhasePanel

            self._phase = PhasePanel()
            self._phase.set_theme(self._theme)
            self._phase.show_result(self._result)
            self._put(PHASE, self._phase)
        return self._phase

    @property
    def heat(self) -> "PathHeat":
        """The heat map, also made on first use."""
        if self._heat is None:
            from koopview.gui.plots.path_heat import PathHeat

            self._heat = PathHeat()
            self._heat.set_theme(self._theme)
            self._heat.exportable.about = self._about
            self._put(HEAT_MAP, self._heat)
        return self._heat

    def _put(self, view: int, page: QWidget) -> None:
        """Replace the empty page of a view by `page`."""
        empty = self.pages.widget(view)
        assert empty is not None
        self.pages.removeWidget(empty)
        self.pages.insertWidget(view, page)

    def _about(self) -> dict[str, object]:
        return {"sample": self.samples.currentText()}

    def _draws(self) -> bool:
        return self._result is not None and len(self._result.paths) > 0

    def _show_legend(self) -> None:
        """Show the legend of the picture; if the view has one, its room stays reserved while the picture is dimmed."""
        has_legend = self._draws() and self.views.index != PHASE
        blank(self.legend, self._stale or not has_legend, keeps_place=has_legend)

    def _choose(self, view: int) -> None:
        if view == PHASE:
            self.phase.show_result(self._result)
        self.watched.emit(PHASE_KIND, view == PHASE)
        self._draw()

    def _turn(self, pages: int) -> None:
        self._page += pages
        self._draw()

    def _fill_samples(self) -> None:
        with QSignalBlocker(self.samples):
            chosen = max(0, self.samples.currentIndex())
            self.samples.clear()
            if self._result is not None:
                self.samples.addItems(sample_names(self._result))
                self.samples.setCurrentIndex(min(chosen, self.samples.count() - 1))

    def _draw(self) -> None:
        result = self._result
        self._show_heads()
        self.say_instead("" if self._result is not None else NOTHING_FITTED)
        self._show_picture()
        if result is None or not self._draws():
            self.grid.show_paths(None)
            self.pages.setCurrentIndex(STATES)
            return
        sample = max(0, self.samples.currentIndex())
        states = in_order(result, sample)
        page = self._seen(result, sample, states)
        settings = result.settings
        name = partial(state_name, states=settings.states, layer=self._layers.get(settings.layer))
        self.grid.show_paths(Paths.of(result, sample, page, name))
        if self.views.index == HEAT_MAP:
            self.heat.show_paths(Paths.of(result, sample, states))
        self.pages.setCurrentIndex(self.views.index)

    def _seen(self, result: FitResult, sample: int, states: tuple[int, ...]) -> tuple[int, ...]:
        """Return the states to draw: the most curved ones, or one page of all."""
        self._page = min(self._page, (len(states) - 1) // PAGE)
        self.pager.show_page(self._page, len(states))
        if self.all.isChecked() or len(states) <= CURVED + 1:
            return states[self._page * PAGE : (self._page + 1) * PAGE]
        return most_curved(result, sample)

    def _show_heads(self) -> None:
        """Show the chosen view's widgets in the header, and the legend of its picture."""
        result, view = self._result, self.views.index
        draws = self._draws()
        self.views.setVisible(draws)
        self._show_legend()
        count_of = result.paths.shape[2] if result is not None and draws else 0
        self.samples.setVisible(draws)
        self.all.setVisible(view == STATES and count_of > CURVED + 1)
        self.all.setText(f"All {count(count_of)} states")
        self.pager.setVisible(view == STATES and self.all.isChecked() and count_of > PAGE)
        self.note.say(self._words(), self._words().replace("the ", "").replace(" most curved", ""))
        self.note.setToolTip(f"{self.note.text()}: {CURVING_TIP}" if view == STATES else "")
        if result is not None:
            self.legend.show_entries(*legend_entries(result, view))

    def _words(self) -> str:
        """Return what stands beside the title: which states are drawn, or of how many samples paths are."""
        result = self._result
        if result is None or not self._draws() or self.views.index == HEAT_MAP:
            return ""
        if self.views.index == PHASE:
            return self._phase_words()
        if self.all.isChecked() or result.paths.shape[2] <= CURVED + 1:
            return ""
        return words_of(result, max(0, self.samples.currentIndex()))

    def _show_picture(self) -> None:
        """Show the sample's picture beside the states, where it is one and the panel is wide."""
        sample, own = max(0, self.samples.currentIndex()), 0 if self._fitted is None else len(self._fitted.paths)
        fits = self.width() >= _WIDE and self._draws() and self.views.index == STATES and sample < own
        self.picture.show_sample(self._samples_view if fits else None, sample)
        self._line.setContentsMargins(0, 0, 0 if self.picture.isHidden() else UNIT, 0)  # it ends where the head does

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Show the sample's picture if there is room now."""
        super().resizeEvent(event)
        self._show_picture()

    def _phase_words(self) -> str:
        shown = self.phase.shown_samples
        return f"{count(shown)} test sample{'s' if shown != 1 else ''}" if shown else ""
