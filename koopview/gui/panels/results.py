"""The tabs below: what one fit found, seen from further sides, and the log of the fits so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QTabWidget

from koopview.gui.panels.boundary import BoundaryPanel
from koopview.gui.panels.confusion import ConfusionPanel
from koopview.gui.panels.log import LogPanel
from koopview.gui.panels.mode import ModePanel
from koopview.gui.panels.right_vectors import RightVectorsPanel
from koopview.gui.panels.singular_values import SingularValuePanel
from koopview.gui.panels.sweep import SweepPanel
from koopview.gui.selection import ModeSelection
from koopview.gui.theme import Theme
from koopview.gui.widgets.card import Card
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings


@dataclass(frozen=True)
class Tab:
    """One tab: what it is called, what its tooltip says, its panel.

    A panel that draws results has ``show_result``, ``set_stale`` and ``set_theme``; one that draws views has their
    ``kind`` and ``show_view`` too.
    """

    title: str
    tip: str
    panel: Any
    draws: bool = True

    @property
    def kind(self) -> str:
        """Kind of the views that are drawn, empty where none are."""
        return getattr(self.panel, "kind", "")


class ResultsPanel(Card):
    """A card that holds ``resultTabs``; ``watched`` tells which kind of view is looked at, and which no longer."""

    watched = Signal(str, bool)

    def __init__(self, selection: ModeSelection) -> None:
        super().__init__("")
        self.title.hide()
        self.note.hide()
        self.singular_values, self.right_vectors = SingularValuePanel(), RightVectorsPanel()
        self.mode, self.boundary, self.sweep = ModePanel(selection), BoundaryPanel(), SweepPanel()
        self.confusion, self.log = ConfusionPanel(), LogPanel()
        values = "Singular values of the delay snapshots, with the ranks chosen among them"
        vectors = "Leading right singular vectors of the delay snapshots along the path, for several delays h"
        self._all = (
            Tab("Singular values", values, self.singular_values),
            Tab("Right singular vectors", vectors, self.right_vectors),
            Tab("Mode", "Shape, eigenfunction and importance of the selected mode", self.mode),
            Tab("Decision boundary", "Classes over a plane of inputs, original beside hybrid", self.boundary),
            Tab("Sweep", "Hybrid accuracy over delays h and ranks r", self.sweep),
            Tab("Confusion", "Which class is taken for which, original beside hybrid", self.confusion),
            Tab("Log", "All fits so far, newest first", self.log, draws=False),
        )
        self._kind = ""
        self.tabs = QTabWidget()
        self.tabs.setObjectName("resultTabs")
        self.tabs.setAccessibleName("Further results")
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.tabBar().setExpanding(False)
        for index, tab in enumerate(self._all):
            self.tabs.addTab(tab.panel, tab.title)
            self.tabs.setTabToolTip(index, tab.tip)
        self.head.setContentsMargins(0, 0, 0, 0)
        self.body.setContentsMargins(10, 2, 6, 4)
        self.body.addWidget(self.tabs)
        self.tabs.currentChanged.connect(self._watch)

    def show_result(self, result: FitResult | None) -> None:
        """Draw `result` in every tab that draws results; views of it follow."""
        for tab in self._drawing():
            tab.panel.show_result(result)

    def show_view(self, kind: str, view: Any) -> None:
        """Hand a view to the tab of its kind."""
        for tab in self._all:
            if tab.kind == kind:
                tab.panel.show_view(view)

    def show_state(self, state: StudyState | None, settings: FitSettings | None) -> None:
        """Draw what sweeps around `settings` found."""
        self.sweep.show_state(state, settings)

    def show_log(self, results: Sequence[FitResult]) -> None:
        """List `results`."""
        self.log.show_results(results)

    def set_stale(self, stale: bool) -> None:
        """Dim what does not match the controls."""
        for tab in self._drawing():
            tab.panel.set_stale(stale)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        for tab in self._drawing():
            tab.panel.set_theme(theme)

    def _drawing(self) -> list[Tab]:
        return [tab for tab in self._all if tab.draws]

    def _watch(self, index: int) -> None:
        """Tell which kind of view is looked at from now on."""
        before, self._kind = self._kind, self._all[index].kind
        for kind, wanted in ((before, False), (self._kind, True)):
            if kind:
                self.watched.emit(kind, wanted)
