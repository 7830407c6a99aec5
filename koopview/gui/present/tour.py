"""The guided tour: over a built-in study, in the window itself; the person's own study is set aside meanwhile."""

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from koopview.gui.actions import ACTIONS, Actions
from koopview.gui.files.study_files import StudyFiles
from koopview.gui.looks.appearance import Appearance
from koopview.gui.looks.theme import Theme
from koopview.gui.panels.eigenvalues import EigenvaluePanel
from koopview.gui.panels.results import ResultsPanel
from koopview.gui.present.presenting import Presenting
from koopview.gui.present.step import Step
from koopview.gui.present.telling import Telling
from koopview.gui.present.tour_bar import TourBar
from koopview.gui.present.tour_steps import STUDY, TOUR
from koopview.gui.session.port import SessionPort

if TYPE_CHECKING:
    from koopview.gui.session.setting_aside import Aside


class TourPort(Protocol):
    """The interface of a window for the tour: its session, and the parts that the tour sets and points at."""

    session: SessionPort
    appearance: Appearance
    presenting: Presenting
    results: ResultsPanel
    eigenvalues: EigenvaluePanel
    studies: StudyFiles
    actions_by_name: Actions

    def panel(self, name: str) -> QWidget:
        """Return a panel by its name."""


class Tour(QObject):
    """Leads through the tour's steps in ``window``, below which stands its bar; Esc and Close end it.

    What was open before comes back as it was: results, settings, undo steps, the tab.
    """

    def __init__(self, window: QMainWindow, port: TourPort) -> None:
        super().__init__(window)
        self._window, self._port = window, port
        self._aside: Aside | None = None
        self._on = False
        self._tab = 0
        self._unfolded: list[QDockWidget] = []  # for the step on screen
        self.telling = Telling(port.session, self, self)
        self.bar = TourBar()
        window.addToolBar(Qt.ToolBarArea.BottomToolBarArea, self.bar)
        self.bar.hide()
        self.telling.said.connect(self._show_step)
        self.bar.moved.connect(self.telling.move)
        self.bar.closed.connect(self.end)
        self.bar.presented.connect(port.presenting.toggle)
        port.presenting.changed.connect(self._follow_present)

    @property
    def begun(self) -> bool:
        """Whether the tour is on."""
        return self._on

    def begin(self) -> None:
        """Set aside what is open, and begin with the first step; again, if the tour is on already."""
        presenting = self._port.presenting
        if presenting.lecture is not None:
            presenting.lecture.end()
        presenting.telling = self.telling
        if self.begun:
            self.telling.begin(TOUR)
        else:
            self._on = True
            self._set_aside()
            first = TOUR.steps[0]
            self._show_step(0, len(TOUR.steps), first.title, TOUR.said(first, None))
        self._follow_present()
        self.bar.setFocus()

    def end(self) -> None:
        """Take back what was open before."""
        if not self.begun:
            return
        self._on = False
        self.telling.end()
        self._fold()
        self._port.presenting.telling = None
        self.bar.hide()
        self._take_escape(False)
        if self._aside is not None:
            self._port.session.take_back(self._aside)
        self._aside = None
        self._port.studies.set_aside(False)
        self._port.results.tabs.setCurrentIndex(self._tab)
        self._port.eigenvalues.selection.select(())
        self._tell_page()

    def point(self, step: Step) -> tuple[QWidget | None, Theme]:
        """Open a step's tab, and return its panel, or its counterpart in present mode."""
        self._fold()
        if step.tab:
            self._open_tab(step.tab)
        page = self._port.presenting.page if self._port.presenting.active else None
        if page is None:
            self._unfold(self._port.results if step.tab else self._port.panel(step.panel))
            return self._port.panel(step.panel), self._port.appearance.theme
        return page.part(step), page.theme

    def select(self, mode: int) -> None:
        """Select a mode."""
        self._port.eigenvalues.selection.select((mode,))

    def _set_aside(self) -> None:
        session = self._port.session
        self._tab = self._port.results.tabs.currentIndex()
        self._port.studies.set_aside(True)
        self._port.studies.end_other = self.end
        self._aside = session.set_aside()
        session.state_changed.connect(self._begin_soon, Qt.ConnectionType.SingleShotConnection)
        session.open_demo(STUDY)

    def _begin_soon(self, state: object) -> None:
        """Begin to tell once the built-in study is open and drawn: a request before that would be another's."""
        QTimer.singleShot(0, self, self._begin_telling)

    def _begin_telling(self) -> None:
        if self._on:
            self.telling.begin(TOUR)

    def _show_step(self, index: int, of: int, title: str, text: str) -> None:
        self.bar.show_step(index, of, title, text)
        self._tell_page()

    def _tell_page(self) -> None:
        """Say the step on the page of present mode too."""
        page = self._port.presenting.page
        if page is None:
            return
        if self.begun:
            page.tell(self.bar.title.text(), self.bar.text.text())
        else:
            page.tell_no_more()

    def _follow_present(self) -> None:
        """Say the steps on the page while it presents, else in the bar; Esc ends what is in front."""
        active = self._port.presenting.active
        self.bar.setVisible(self.begun and not active)
        if self.begun:
            self._take_escape(not active)
            self.telling.point()
            self._tell_page()

    def _take_escape(self, taken: bool) -> None:
        """Make Esc end the tour, or stop the running work as ever; in present mode it is that mode's."""
        self.bar.escape.setEnabled(taken)
        if not self._port.presenting.active:
            self._port.actions_by_name["stop"].setShortcut(QKeySequence("" if taken else ACTIONS["stop"].shortcut))

    def _unfold(self, panel: QWidget) -> None:
        """Show a panel that is folded away, for this step."""
        part: QWidget | None = panel
        while part is not None and not isinstance(part, QDockWidget):
            part = part.parentWidget()
        if part is not None and part.isHidden():
            part.show()
            self._unfolded.append(part)

    def _fold(self) -> None:
        """Fold away again what was unfolded for the step before."""
        while self._unfolded:
            self._unfolded.pop().hide()

    def _open_tab(self, name: str) -> None:
        tabs = self._port.results.tabs
        for index in range(tabs.count()):
            if tabs.tabText(index) == name and tabs.isTabVisible(index):
                tabs.setCurrentIndex(index)
