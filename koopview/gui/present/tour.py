"""The guided tour: a separate window on a built-in study, so that the user's study is not touched."""

from typing import Protocol

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMainWindow, QWidget

from koopview.gui.looks.appearance import Appearance
from koopview.gui.panels.eigenvalues import EigenvaluePanel
from koopview.gui.panels.results import ResultsPanel
from koopview.gui.present.highlight import Highlight
from koopview.gui.present.presenting import Presenting
from koopview.gui.present.tour_bar import TourBar
from koopview.gui.present.tour_steps import STEPS, Step
from koopview.gui.session.port import SessionPort
from koopview.study.result import FitResult


class TourPort(Protocol):
    """The interface of a window for the tour: its session, and the parts that the tour sets and points at."""

    session: SessionPort
    appearance: Appearance
    presenting: Presenting
    results: ResultsPanel
    eigenvalues: EigenvaluePanel

    def panel(self, name: str) -> QWidget:
        """Return a panel by its name."""


class Tour(QObject):
    """Leads through STEPS in ``window``: changes a step's settings, points at its panel, shows its sentences."""

    def __init__(self, window: QMainWindow, port: TourPort) -> None:
        super().__init__(window)
        self.window, self.bar, self._mark, self._port = window, TourBar(len(STEPS)), Highlight(), port
        self.index = 0
        window.addToolBar(Qt.ToolBarArea.BottomToolBarArea, self.bar)
        self.bar.moved.connect(self._move)
        self.bar.closed.connect(window.close)
        self.bar.presented.connect(port.presenting.toggle)
        port.session.result_changed.connect(self._say)
        port.session.settled.connect(self._begin)
        port.presenting.changed.connect(self._follow_present)
        self._begun = False
        self._show()

    @property
    def step(self) -> Step:
        """The step on screen."""
        return STEPS[self.index]

    def close(self) -> None:
        """Close the tour's window."""
        self.window.close()

    def _begin(self) -> None:
        """Change the first step's settings, once the study is open."""
        if not self._begun:
            self._begun = True
            self._show()

    def _move(self, steps: int) -> None:
        self.index = min(len(STEPS) - 1, max(0, self.index + steps))
        self._show()

    def _show(self) -> None:
        step, session = self.step, self._port.session
        if session.settings is not None:
            session.request(step.settings(session.settings), f"tour: {step.title}")
        if step.tab:
            self._open_tab(step.tab)
        self._point()
        self._say(session.result)

    def _say(self, result: FitResult | None) -> None:
        """Show the step's sentences, with numbers only if they belong to this step's settings."""
        fits = result is not None and result.settings == self.step.settings(result.settings)
        if fits and self.step.mode is not None:
            self._port.eigenvalues.selection.select((self.step.mode,))
        self.bar.show_step(self.index, self.step.title, self.step.said(result if fits else None))

    def _open_tab(self, name: str) -> None:
        tabs = self._port.results.tabs
        for index in range(tabs.count()):
            if tabs.tabText(index) == name and tabs.isTabVisible(index):
                tabs.setCurrentIndex(index)

    def _point(self) -> None:
        """Mark the step's panel, or its counterpart in present mode."""
        page = self._port.presenting.page if self._port.presenting.active else None
        if page is None:
            target: QWidget | None = self._port.panel(self.step.panel)
        else:
            page.paths.setChecked(self.step.panel == "trajectory")
            target = page.part(self.step.panel)
        self._mark.point_at(target, self._port.appearance.theme)

    def _follow_present(self) -> None:
        page = self._port.presenting.page if self._port.presenting.active else None
        self.bar.set_zoom(self._port.appearance.theme, 1.0 if page is None else page.zoom)
        self._point()
