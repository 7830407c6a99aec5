"""The tabs below: further views of one fit, and the log of the fits so far.

Each panel is made when its tab is first shown, so that the first picture appears sooner.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QTabWidget, QWidget

from koopview.gui.looks.theme import LIGHT, Theme
from koopview.gui.panels.singular_values import SingularValuePanel  # the first tab, on the first picture
from koopview.gui.panels.tabs import TABS, index_of
from koopview.gui.selection import ModeSelection
from koopview.gui.session.deepening import DepthState
from koopview.gui.widgets.card import Card
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings

if TYPE_CHECKING:
    from koopview.gui.panels.boundary import BoundaryPanel
    from koopview.gui.panels.confusion import ConfusionPanel
    from koopview.gui.panels.depth import DepthPanel
    from koopview.gui.panels.log import LogPanel
    from koopview.gui.panels.mode import ModePanel
    from koopview.gui.panels.right_vectors import RightVectorsPanel
    from koopview.gui.panels.sweep import SweepPanel


_SWEEP, _DEPTH, _LOG, _MODE = (index_of(name) for name in ("sweep", "depth", "log", "mode"))
_NARROWEST = 320
NOTHING_FITTED = "Singular values, modes, the decision boundary and sweeps\nstand here once a layer is fitted."


class ResultsPanel(Card):
    """A card that holds ``resultTabs``; ``watched`` says which kind of view is visible, and which no longer.

    ``requested`` carries the settings that a click in the sweep requests.
    """

    watched = Signal(str, bool)
    requested = Signal(object)
    sweep_asked = Signal(object, object)
    workers_named = Signal(str)
    depth_asked = Signal(str, bool)

    def __init__(self, selection: ModeSelection) -> None:
        super().__init__("")
        self.setMinimumWidth(_NARROWEST)
        self.title.hide()
        self.note.hide()
        self._all, self._selection = TABS, selection
        self._made: dict[int, Any] = {}
        self._result: FitResult | None = None
        self._views: dict[str, Any] = {}
        self._stale, self._theme = False, LIGHT
        self._state: tuple[StudyState | None, FitSettings | None] = (None, None)
        self._work = (False, False, "")
        self._depth, self._deepening = DepthState(), False
        self._log: Sequence[FitResult] = ()
        self._kind = ""
        self._make_tabs()
        self.head.setContentsMargins(0, 0, 0, 0)
        self.body.setContentsMargins(10, 2, 6, 4)
        self.body.addWidget(self.tabs)
        self._panel(0)
        self.tabs.currentChanged.connect(self._show_tab)
        self._say_what_comes()

    singular_values: SingularValuePanel = property(lambda self: self.panel("singular_values"))  # type: ignore[assignment]
    right_vectors: "RightVectorsPanel" = property(lambda self: self.panel("right_vectors"))  # type: ignore[assignment]
    mode: "ModePanel" = property(lambda self: self.panel("mode"))  # type: ignore[assignment]
    boundary: "BoundaryPanel" = property(lambda self: self.panel("boundary"))  # type: ignore[assignment]
    sweep: "SweepPanel" = property(lambda self: self.panel("sweep"))  # type: ignore[assignment]
    depth: "DepthPanel" = property(lambda self: self.panel("depth"))  # type: ignore[assignment]
    confusion: "ConfusionPanel" = property(lambda self: self.panel("confusion"))  # type: ignore[assignment]
    log: "LogPanel" = property(lambda self: self.panel("log"))  # type: ignore[assignment]

    def panel(self, name: str) -> Any:
        """Return the panel of a tab by its name, made on first use."""
        return self._panel(index_of(name))

    def show_result(self, result: FitResult | None) -> None:
        """Draw `result` in every tab that draws results; its views follow."""
        self._result = result
        self._say_what_comes()
        self._views.clear()
        for panel in self._drawing():
            panel.show_result(result)

    def show_view(self, kind: str, view: Any) -> None:
        """Pass a view to the tab of its kind."""
        self._views[kind] = view
        for index, panel in self._made.items():
            if self._all[index].kind == kind:
                panel.show_view(view)

    def show_state(self, state: StudyState | None, settings: FitSettings | None) -> None:
        """Draw the cells of sweeps around `settings`."""
        self._state = (state, settings)
        self._say_what_comes()
        if _SWEEP in self._made:
            self.sweep.show_state(state, settings)
        if _DEPTH in self._made:
            self.depth.show_state(state)

    def show_work(self, busy: bool, sweeping: bool, refused: str = "") -> None:
        """Tell the sweep's panel whether anything runs, and a sweep, and why the last one's workers were `refused`."""
        self._work = (busy, sweeping, refused)
        if _SWEEP in self._made:
            self.sweep.show_work(*self._work)

    def show_depth(self, state: DepthState) -> None:
        """Draw the cells of the table over blocks."""
        self._depth = state
        if _DEPTH in self._made:
            self.depth.show_depth(state)

    def show_deepening(self, running: bool) -> None:
        """Tell the depth's panel whether its table is computed."""
        self._deepening = running
        if _DEPTH in self._made:
            self.depth.show_deepening(running)

    def show_log(self, results: Sequence[FitResult]) -> None:
        """List `results`."""
        self._log = results
        if _LOG in self._made:
            self.log.show_results(results)

    def set_stale(self, stale: bool) -> None:
        """Dim the panels while they do not match the controls."""
        self._stale = stale
        for panel in self._drawing():
            panel.set_stale(stale)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        for panel in self._drawing():
            panel.set_theme(theme)

    def open_sweep(self) -> None:
        """Bring the sweep to the front."""
        self.tabs.setCurrentIndex(_SWEEP)

    def open_mode(self) -> None:
        """Bring the selected mode to the front."""
        self.tabs.setCurrentIndex(_MODE)

    def _say_what_comes(self) -> None:
        """Describe the tabs in words while there is nothing to show, not even cells of a sweep."""
        state = self._state[0]
        anything = self._result is not None or (state is not None and (state.results or state.cells))
        self.say_instead("" if anything else NOTHING_FITTED)

    def _make_tabs(self) -> None:
        self.tabs = QTabWidget()
        self.tabs.setObjectName("resultTabs")
        self.tabs.setAccessibleName("Further results")
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.tabBar().setExpanding(False)
        for index, tab in enumerate(self._all):
            self.tabs.addTab(QWidget(), tab.title)
            self.tabs.setTabToolTip(index, tab.tip)

    def _panel(self, index: int) -> Any:
        """Return the panel of a tab, made on first use with the content of the present result."""
        if index not in self._made:
            panel = self._made[index] = self._all[index].panel(self._selection)
            self._put(index, panel)
            self._catch_up(index, panel)
        return self._made[index]

    def _put(self, index: int, panel: QWidget) -> None:
        """Replace a tab's empty page by its panel."""
        tab, current = self._all[index], self.tabs.currentIndex()
        with QSignalBlocker(self.tabs):
            empty = self.tabs.widget(index)
            self.tabs.removeTab(index)
            if empty is not None:
                empty.deleteLater()
            self.tabs.insertTab(index, panel, tab.title)
            self.tabs.setTabToolTip(index, tab.tip)
            self.tabs.setCurrentIndex(current)

    def _catch_up(self, index: int, panel: Any) -> None:
        if index == _SWEEP:
            panel.requested.connect(self.requested)
            panel.sweep_asked.connect(self.sweep_asked)
            panel.workers_named.connect(self.workers_named)
            panel.show_work(*self._work)
            panel.show_state(*self._state)
        if index == _DEPTH:
            panel.depth_asked.connect(self.depth_asked)
            panel.show_state(self._state[0])
            panel.show_deepening(self._deepening)
            panel.show_depth(self._depth)
        if index == _LOG:
            panel.show_results(self._log)
        if self._all[index].draws:
            panel.set_theme(self._theme)
            panel.show_result(self._result)
            panel.set_stale(self._stale)
        if self._all[index].kind in self._views:
            panel.show_view(self._views[self._all[index].kind])

    def _drawing(self) -> list[Any]:
        return [panel for index, panel in self._made.items() if self._all[index].draws]

    def _show_tab(self, index: int) -> None:
        """Make the tab's panel, and emit which kind of view is visible from now on."""
        self._panel(index)
        before, self._kind = self._kind, self._all[index].kind
        for kind, wanted in ((before, False), (self._kind, True)):
            if kind:
                self.watched.emit(kind, wanted)
