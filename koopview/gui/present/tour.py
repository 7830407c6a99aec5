"""The guided tour: a window of its own on a built-in study, so that a person's study is not touched."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from koopview.gui.present.highlight import Highlight
from koopview.gui.present.tour_bar import TourBar
from koopview.gui.present.tour_steps import STEPS, STUDY, Step
from koopview.gui.session.session import Session
from koopview.study.result import FitResult

if TYPE_CHECKING:
    from koopview.gui.window import MainWindow


def open_tour(window: "MainWindow") -> "Tour":
    """Open the tour beside `window`, in its theme and as large; returns it."""
    session = Session()
    shown = type(window)(session, window.appearance, keeps_layout=False)
    session.setParent(shown)
    shown.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    shown.resize(window.size())
    tour = Tour(shown)
    session.open_demo(STUDY)
    shown.show()
    tour.bar.setFocus()
    return tour


class Tour(QObject):
    """Leads through STEPS in ``window``: sets what a step sets, points at its panel, says its sentences."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self.window, self.bar, self._mark = window, TourBar(len(STEPS)), Highlight()
        self.place = 0
        window.addToolBar(Qt.ToolBarArea.BottomToolBarArea, self.bar)
        self.bar.moved.connect(self._move)
        self.bar.closed.connect(window.close)
        self.bar.presented.connect(window.presenting.toggle)
        window.session.result_changed.connect(self._say)
        window.session.settled.connect(self._begin)
        window.presenting.changed.connect(self._follow_present)
        self._begun = False
        self._show()

    @property
    def step(self) -> Step:
        """The step on screen."""
        return STEPS[self.place]

    def close(self) -> None:
        """Close the tour's window."""
        self.window.close()

    def _begin(self) -> None:
        """Set what the first step sets, once the study is there."""
        if not self._begun:
            self._begun = True
            self._show()

    def _move(self, steps: int) -> None:
        self.place = min(len(STEPS) - 1, max(0, self.place + steps))
        self._show()

    def _show(self) -> None:
        step, session = self.step, self.window.session
        if session.settings is not None:
            session.request(step.settings(session.settings), f"tour: {step.title}")
        if step.tab:
            self._open_tab(step.tab)
        self._point()
        self._say(session.result)

    def _say(self, result: FitResult | None) -> None:
        """Say the step's sentences, with figures only where they are of this step's settings."""
        fits = result is not None and result.settings == self.step.settings(result.settings)
        if fits and self.step.mode is not None:
            self.window.eigenvalues.selection.select((self.step.mode,))
        self.bar.show_step(self.place, self.step.title, self.step.said(result if fits else None))

    def _open_tab(self, name: str) -> None:
        tabs = self.window.results.tabs
        for index in range(tabs.count()):
            if tabs.tabText(index) == name and tabs.isTabVisible(index):
                tabs.setCurrentIndex(index)

    def _point(self) -> None:
        """Mark the step's panel, or what stands for it in present mode."""
        page = self.window.presenting.page if self.window.presenting.active else None
        if page is None:
            target: QWidget | None = getattr(self.window, self.step.panel)
        else:
            page.paths.setChecked(self.step.panel == "trajectory")
            target = page.part(self.step.panel)
        self._mark.point_at(target, self.window.appearance.theme)

    def _follow_present(self) -> None:
        page = self.window.presenting.page if self.window.presenting.active else None
        self.bar.set_zoom(self.window.appearance.theme, 1.0 if page is None else page.zoom)
        self._point()
